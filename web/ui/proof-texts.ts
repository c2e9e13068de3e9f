import { formatCount } from './format.ts'

/** Texts of proofs of ranks, and of the machine whose blocks commit to them. */
export const proofTexts = {
  own: 'Ranks are this tab’s own: no relay that it knows puts links into signed blocks.',
  checking: 'Asking for the signed answer',
  verified: (height: number, total: number) =>
    `Verified under block ${formatCount(height)}: all ${formatCount(total)} results of the block, in order, none left out.`,
  verifiedOne: (height: number) => `Verified under block ${formatCount(height)}: its only result.`,
  verifiedNone: (height: number) => `Verified: block ${formatCount(height)} has no links from here yet.`,
  old: (when: string) => `That block is of ${when}: newer links are not in it.`,
  unchecked: 'Whose stake counts is not checked: no chain answers here.',
  falseStakes: (height: number, orderer: string) =>
    `The orderer ${orderer} signed block ${formatCount(height)} with stakes that the chain does not have. Nothing of it is shown.`,
  nobody: 'Nobody who is connected gave a signed answer. Ranks are this tab’s own.',
  refused: (peer: string) =>
    `Refused: ${peer} gave an answer that cannot be true. It is not asked for an hour.`,
  forked: (height: number) => `An orderer signed two blocks of height ${formatCount(height)}.`,
  forkedMore: 'Look at both',
  other: 'The relay names another machine than this browser believes. Nothing of it is believed.',
  badge: (height: number) => `Block ${formatCount(height)}`,
  badgeAt: (height: number, when: string) => `Block ${formatCount(height)}, ${when}`,
  badgeHow: 'Its rank is verified under this block. Click to see how.',
  later: (height: number) => `Not in block ${formatCount(height)} yet`,
  loading: 'Getting the proof',
  how: 'From this rank, hash by hash, to the root that the orderer signed. Change one digit anywhere and it leads elsewhere.',
  rows: {
    rank: 'Rank',
    number: 'Number',
    block: 'Block',
    orderer: 'Signed by',
    stakes: 'Stakes',
    root: 'Root of all ranks',
  },
  stakes: {
    fixed: 'fixed by the machine’s genesis',
    proved: 'proved by the chain',
    unchecked: 'not checked: no chain answers here',
  },
  asOf: (when: string) => `, as of ${when}`,
  numberOf: (index: number, size: number) => `${formatCount(index)} of ${formatCount(size)} particles`,
  blockAt: (height: number, when: string) => `${formatCount(height)}, ${when}`,
  path: (hashes: number) =>
    hashes === 1 ? 'Path to the root over 1 hash' : `Path to the root over ${formatCount(hashes)} hashes`,
  ends: { leaf: 'this rank', root: 'signed root' },
  checkIt: 'Check it yourself',
  checkItHow:
    'Copies the proof as JSON. Save it and run tabland verify PROOF.json, or give it to tabland.rank.verify.',
  copied: 'Copied',
  bandwidth: {
    label: (percent: number) => `${percent} % of your bandwidth is left`,
    costs: (cost: number) => `A link costs ${formatCount(cost)} of your bandwidth.`,
    left: (remaining: number, max: number, links: number) =>
      `${formatCount(remaining)} of ${formatCount(max)} are left, enough for ${
        links === 1 ? '1 link' : `${formatCount(links)} links`
      }.`,
    fullAt: (height: number) => `All of it is back at block ${formatCount(height)}.`,
    waits: (height: number) => `A link that you make now waits for block ${formatCount(height)}.`,
    /** @param hasFaucet coins can be had for nothing here */
    unstaked: (hasFaucet: boolean) =>
      `Links go into signed blocks once your wallet stakes CYBR. Stake in the wallet panel${
        hasFaucet ? ', after “Get test coins” there' : ''
      }.`,
    how: (peer: string) =>
      `As ${peer} counts it, for the next block. Links without bandwidth wait, and cost nothing.`,
  },
  machine: {
    period: (every: number, at: number) =>
      at === 0
        ? `Ranks every ${formatCount(every)} blocks; none yet.`
        : `Ranks every ${formatCount(every)} blocks; the newest are of block ${formatCount(at)}.`,
    rows: {
      height: 'Newest block',
      period: 'Period',
      root: 'Root of its ranks',
      orderer: 'Orderer',
      machine: 'Machine',
      other: 'Another machine',
    },
    none: 'No block seen yet',
    otherHow: (id: string) => `To believe it from now on, run tabland.rank.trust('${id}') in the console.`,
    asking: 'Asking for the newest block',
    own: 'The hash below is of this tab’s own ranks, over all links that are here, ordered or not yet.',
    forks: 'Two blocks of one height',
    forksHow:
      'An orderer may sign one block of a height. Both of these bear its signature: keep them as evidence.',
    first: 'First seen',
    second: 'And this',
    hash: 'Hash of the block',
    signed: 'The signed block',
  },
} as const
