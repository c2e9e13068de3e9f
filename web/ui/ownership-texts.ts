import type { LandShare } from '#core/land-rule.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Time until something, as a person reads it: `in 3 h`. */
export function until(ms: number): string {
  if (ms < MINUTE) return 'in less than a minute'
  if (ms < HOUR) return `in ${Math.ceil(ms / MINUTE)} min`
  return ms < 2 * DAY ? `in ${Math.round(ms / HOUR)} h` : `in ${Math.round(ms / DAY)} d`
}

/** Texts of who owns a plot, which come with it. */
export const ownershipTexts = {
  title: 'On the chain',
  reading: 'Asking the chain and checking its proof',
  readingSlow: 'No endpoint of the chain has given a proof yet.',
  none: 'No plot lies here: it was moved away, or never was one.',
  owner: 'Owner',
  ownerAddress: 'the owner’s address',
  nobody: 'Nobody yet',
  share: 'Share',
  shares: {
    public: 'Public land',
    giveaway: 'Given away',
    auction: 'Sold at auction',
  } satisfies Record<LandShare, string>,
  state: 'State',
  inactive: 'Owned, without a place',
  life: 'Owner here until',
  aliveUntil: (at: number) =>
    new Date(at).toLocaleDateString('en', { day: 'numeric', month: 'short', year: 'numeric' }),
  silent: 'Has shown no life for long',
  warnings: 'Warnings',
  highest: 'Highest bid',
  bidder: 'the bidder’s address',
  over: 'over',
  endsIn: (at: number, now: number) => `ends ${until(at - now)}`,
  least: 'Least bid',
  verifiedAt: (block: number) => `Verified at block ${block.toLocaleString('en')}`,
  verifiedHow:
    'Your tab checked a proof of these values against this block’s state root. Who gave it could not have changed them.',
  sources: (agreeing: number, sources: number) =>
    sources === 1 ? '1 source' : `${agreeing} of ${sources} sources agree`,
  bidAmount: 'Your bid in CYBR',
  bid: 'Bid',
  bidFirst: 'Open the auction',
  bidHow:
    'You pay it in. If somebody outbids you, you can collect all of it; if nobody does, the plot is yours.',
  settle: 'End the auction',
  collect: 'Collect your plot',
  withheld: 'It is not for sale now.',
  giveawayHow:
    'It is given away to whom the list of its giveaway names: that wallet alone can claim it. Choose the list, a .json file; it is checked here before anything is signed.',
  claim: 'Claim it by its list',
  claimFile: 'The list of the giveaway',
  claimChecking: 'Checking the list against the chain',
  publicHow: 'It is public land of the foundation.',
  proveLife: 'Show that you are here',
  more: 'More',
  less: 'Less',
  move: 'Move here',
  builder: 'Address of somebody who may build here',
  allow: 'Let build',
  heir: 'Address of its new owner',
  give: 'Give away',
  onSale: 'Nobody’s yet, sold at auction: the first bid opens it',
  auctions: 'Auctions',
  leading: 'your bid leads',
  won: 'won by your bid: collect it on its card',
  noAuctions: 'No endpoint names a bid. Open the card of a plot that is sold at auction to be the first.',
  nearestSold: (cell: string) => `Open the nearest one, ${cell}`,
  free: 'Free this place for the bounty',
} as const
