import type {
  Hearsay,
  ParcelEvent,
  ProposalKind,
  ProposalStage,
  ProposedAction,
  ProposedCall,
  VoteSupport,
} from '#api/governance-types.ts'
import type { DistrictCategory, DistrictPlan, DistrictShape, RestrictedCategory } from '#core/districts.ts'
import { formatCybr } from '#core/money.ts'
import { formatCell, plural } from './format.ts'
import { until } from './ownership-texts.ts'

const plot = (id: number): string => `plot No. ${id.toLocaleString('en')}`
const cybr = (wei: bigint): string => `${formatCybr(wei)} CYBR`

const CATEGORIES: Readonly<Record<DistrictCategory, string>> = {
  general: 'general',
  adult: 'adult',
  gambling: 'gambling',
  other: 'of a kind that this page does not know',
}

function shapeText(shape: DistrictShape): string {
  if (shape.kind === 'ring') return `a ring from ${shape.inner} to ${shape.outer} cells from the middle`
  const first = shape.corners[0]
  const at = first === undefined ? '' : ` from ${formatCell(first)} on`
  return `${shape.corners.length} corners${at}`
}

function districtText({ name, category, shape }: DistrictPlan): string {
  const called = name === '' ? 'without a name' : `“${name}”`
  return `${called}, ${CATEGORIES[category]}: ${shapeText(shape)}`
}

/** What carrying out an action does, in a sentence; amounts and addresses whole. */
export function actionText(action: ProposedAction | ProposedCall): string {
  switch (action.kind) {
    case 'warn':
      return `Warns ${plot(action.parcel)}.`
    case 'evict':
      return `Evicts ${plot(action.parcel)}: it loses its place, and its owner keeps the token.`
    case 'set-district':
      return `Draws district ${action.number}, ${districtText(action.district)}.`
    case 'remove-district':
      return `Removes district ${action.number}.`
    case 'send-cybr':
      return `Sends ${formatCybr(action.amountWei, 18)} CYBR from the treasury to ${action.to}.`
    case 'send-coin':
      return `Sends ${formatCybr(action.amountWei, 18)} of the chain’s coin from the treasury to ${action.to}.`
    case 'call':
      return callText(action)
  }
}

function callText({ target, contract, functionName, args = [], valueWei, data }: ProposedCall): string {
  const what = functionName === undefined ? `with ${data}` : `${functionName}(${args.join(', ')})`
  const where = contract === undefined ? target : `${contract} at ${target}`
  const coins = valueWei === 0n ? '' : `, with ${formatCybr(valueWei, 18)} of the chain’s coin`
  return `Calls ${where}: ${what}${coins}.`
}

/** What became of a plot, in a few words. */
function eventText(event: ParcelEvent, who: (address: string) => string): string {
  switch (event.kind) {
    case 'minted':
      return `Minted for ${who(event.to)}`
    case 'handed-on':
      return `Handed on to ${who(event.to)}`
    case 'sold':
      return `Sold at auction to ${who(event.to)} for ${cybr(event.amountWei)}`
    case 'claimed':
      return `Given away to ${who(event.to)}`
    case 'moved':
      return `Moved to ${formatCell(event)}`
    case 'warned':
      return event.count === 1 ? 'Warned by vote' : `Warned by vote, for the ${ordinal(event.count)} time`
    case 'evicted':
      return 'Evicted by vote: it lost its place'
    case 'lapsed':
      return 'Lost its place: its owner had shown no life'
  }
}

function ordinal(count: number): string {
  return { 2: '2nd', 3: '3rd' }[count] ?? `${count}th`
}

const when = (at: number): string =>
  new Date(at).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' })

/** Texts of votes, conduct and districts, which come with their panel. */
export const governanceTexts = {
  title: 'Votes',
  how: 'Owners of plots vote on conduct and districts, holders of CYBR on everything else. What wins waits a while, then anybody can have it carried out.',
  none: 'Nothing is decided by votes here: no chain is configured.',
  tabs: { proposals: 'Proposals', propose: 'Propose', conduct: 'Conduct', districts: 'Districts' },
  tabsLabel: 'Parts of this panel',
  reading: 'Asking the chain and checking its proofs',
  readingSlow: 'No endpoint of the chain has given a proof yet.',
  when,
  in: (at: number, now: number) => until(at - now),
  told: ({ agreeing, sources }: Hearsay) =>
    sources === 1
      ? 'As 1 source tells it, not proved.'
      : `As ${agreeing} of ${sources} sources tell it, not proved.`,

  own: {
    title: 'Your votes',
    noWallet: 'You have no wallet here yet, and so no vote. Make or connect one in the wallet panel.',
    land: 'By land',
    token: 'By CYBR',
    votes: (kind: ProposalKind, votes: bigint) =>
      kind === 'land' ? plural(Number(votes), 'vote') : `${formatCybr(votes)} votes`,
    uncounted: (wei: bigint) =>
      `Your ${cybr(wei)} count in no vote until you say who votes with them. That holds for votes that begin later.`,
    delegated: (to: string) => `Given to ${to}.`,
    delegateSelf: (kind: ProposalKind) =>
      kind === 'land' ? 'Vote by land yourself' : 'Vote by CYBR yourself',
  },

  list: {
    empty: 'Nobody has proposed anything yet, as far as the endpoints tell.',
    told: ({ agreeing, sources }: Hearsay) =>
      sources === 1
        ? 'Each is proved. That there are no others is the word of 1 source.'
        : `Each is proved. That there are no others is the word of ${agreeing} of ${sources} sources.`,
    older: 'Look for older ones',
    kinds: { land: 'Vote of the land', token: 'Vote of CYBR' } satisfies Record<ProposalKind, string>,
    stages: {
      pending: 'voting has not begun',
      active: 'being voted on',
      canceled: 'taken back',
      defeated: 'lost',
      succeeded: 'won',
      queued: 'won, waits to be carried out',
      executed: 'carried out',
    } satisfies Record<ProposalStage, string>,
    begins: (text: string) => `begins ${text}`,
    ends: (text: string) => `ends ${text}`,
    ended: (text: string) => `ended ${text}`,
    by: 'Proposed by',
    you: 'you',
    proposer: 'the proposer’s address',
    does: 'What it does',
    more: (count: number) =>
      `And ${plural(count, 'action')} more, which this page does not show. Do not vote for what you cannot read.`,
    reason: 'Read the reason',
    supports: { for: 'For', against: 'Against', abstain: 'Abstain' } satisfies Record<VoteSupport, string>,
    tally: (kind: ProposalKind, votes: bigint) =>
      kind === 'land' ? votes.toLocaleString('en') : formatCybr(votes, 0),
    quorum: (reached: string, needed: string) =>
      `For and abstaining together: ${reached}. It needs ${needed}.`,
    vote: (support: string, title: string) => `${support}: ${title}`,
    noVotes: 'You had no vote when its voting began.',
    voted: 'You voted on it.',
    yours: (votes: string) => `You have ${votes} on it.`,
    queue: 'Queue it',
    queueHow: 'It has won. Anybody can queue it now; it then waits before it can be carried out.',
    execute: 'Carry it out',
    ready: (text: string) => `It can be carried out ${text}.`,
    cancel: 'Take it back',
    verifiedAt: (block: number) => `Verified at block ${block.toLocaleString('en')}`,
    verifiedHow:
      'Your tab checked proofs of its votes and state against this block’s state root, and that its id is the hash of what it does and says.',
  },

  propose: {
    what: 'What shall happen?',
    kinds: {
      warn: 'Warn a plot',
      evict: 'Evict a plot',
      'set-district': 'Draw a district',
      'remove-district': 'Remove a district',
      'send-cybr': 'Send CYBR from the treasury',
      'send-coin': 'Send coins from the treasury',
    } satisfies Record<ProposedAction['kind'], string>,
    why: 'Why?',
    whyHow: 'Everybody can read it, for ever.',
    review: 'Review the proposal',
    takes: (kind: ProposalKind, votes: bigint) =>
      kind === 'land'
        ? `Proposing it takes ${plural(Number(votes), 'vote')} by land.`
        : `Proposing it takes ${formatCybr(votes)} votes by CYBR.`,
    times: (delay: string, period: string, timelock: string) =>
      `Voting begins after ${delay} and lasts ${period}. What wins waits ${timelock} before it can be carried out.`,
    noPlot: 'No plot lies there. Give the cell of one that has a place.',
    tooFewWarnings: (standing: number, needed: number) =>
      `${plural(standing, 'warning')} of ${needed} stand on this plot. It can be evicted after ${needed}, each by a vote of its own.`,
    district: 'Which one?',
    newDistrict: (number: number) => `A new one, No. ${number}`,
    anew: (number: number, name: string) => `No. ${number}${name === '' ? '' : `, ${name}`}`,
    noDistricts: 'There is no district to remove.',
    districtsUnknown: 'The chain has not proved its districts yet, so none can be drawn.',
    name: 'Name',
    category: 'Category',
    shape: 'Shape',
    shapes: { ring: 'Ring around the middle', polygon: 'Polygon' },
    inner: 'From, in cells',
    outer: 'To, in cells',
    corners: 'Corners',
    cornersHow: 'In order, each as east,north, with spaces between: 40,10 60,10 60,30',
    to: 'To',
    amount: 'Amount',
    empty: 'Say why: who votes wants to know.',
    badAddress: 'Give an address: 0x and 40 digits.',
  },

  conduct: {
    warned: 'Warned plots',
    number: (id: number) => `No. ${id.toLocaleString('en')}`,
    warnedNone: 'No warning stands on any plot.',
    whole: (block: number) =>
      `All plots were checked at block ${block.toLocaleString('en')}: none is left out.`,
    wholeKept: 'From an earlier visit. The chain has not confirmed it yet.',
    unknown: 'The land of the chain is not here yet.',
    warnings: (standing: number, needed: number | undefined) =>
      needed === undefined ? plural(standing, 'warning') : `${standing} of ${plural(needed, 'warning')}`,
    last: (text: string) => `last on ${text}`,
    lapse: (text: string) => `lapse ${text}`,
    lapsed: 'lapsed',
    log: 'What votes did',
    logNone: 'No vote has warned or evicted anybody, as far as the endpoints tell.',
    warnedLine: (parcel: number, count: number) => `Warned ${plot(parcel)}, warning ${count}`,
    evictedLine: (parcel: number) => `Evicted ${plot(parcel)}`,
  },

  districts: {
    how: 'What stands in a restricted district is hidden from you until you switch it on here, in this browser.',
    show: {
      adult: 'Show adult districts',
      gambling: 'Show gambling districts',
    } satisfies Record<RestrictedCategory, string>,
    none: 'No district is drawn: all land is general.',
    line: ({ category, shape }: DistrictPlan) => `${CATEGORIES[category]} · ${shapeText(shape)}`,
    unnamed: (number: number) => `District ${number}`,
    named: (number: number, name: string) => `${name} · No. ${number}`,
    proved: (block: number) =>
      `All districts were proved at block ${block.toLocaleString('en')}: none is left out.`,
    kept: 'As an earlier visit proved them. The chain has not confirmed it yet.',
    unknown: 'The chain does not answer, so nobody can tell which districts there are. Nothing is hidden.',
    categories: CATEGORIES,
    order: 'Where districts overlap, the one with the highest number counts.',
  },

  history: {
    title: 'History',
    show: 'Show its history',
    reading: 'Asking the chain’s endpoints what happened to it',
    you: 'you',
    none: 'The endpoints tell of nothing that happened to it.',
    cut: 'What happened earlier is not shown.',
    line: eventText,
    fewer: (agreeing: number, answered: number) => `told by ${agreeing} of ${answered}`,
    address: 'the address',
    reason: 'Read the reason',
  },

  hidden: {
    in: (name: string, category: DistrictCategory) =>
      `This plot is in ${name === '' ? 'a district' : `the district “${name}”`}, ${CATEGORIES[category]}.`,
    hides: 'What others built here is hidden from you.',
  },
} as const
