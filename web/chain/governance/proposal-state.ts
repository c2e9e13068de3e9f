import type { ProposalStage } from '#api/governance-types.ts'

/** What a proposal's contracts store of it. Times are unix seconds. */
export interface ProposalRecord {
  readonly voteStart: number
  readonly voteEnd: number
  readonly isExecuted: boolean
  readonly isCanceled: boolean
  /** from when it can be carried out; 0 while it was not queued */
  readonly eta: number
  /** of its operation in the Timelock: 0 none, 1 done, else from when it can be carried out */
  readonly timelockTime: number
  readonly forVotes: bigint
  readonly againstVotes: bigint
  readonly abstainVotes: bigint
  /** undefined before its voting begins */
  readonly quorum: bigint | undefined
}

/** OpenZeppelin's mark of an operation that was carried out. */
const TIMELOCK_DONE = 1

/** Where a proposal stands at a time, by the rules of `TablandGovernor.state`. */
export function proposalStage(record: ProposalRecord, seconds: number): ProposalStage {
  const { voteStart, voteEnd, isExecuted, isCanceled, eta, timelockTime } = record
  if (isExecuted) return 'executed'
  if (isCanceled) return 'canceled'
  if (voteStart >= seconds) return 'pending'
  if (voteEnd >= seconds) return 'active'
  if (!hasWon(record)) return 'defeated'
  if (eta === 0) return 'succeeded'
  // anybody may have the Timelock itself carry it out
  if (timelockTime === TIMELOCK_DONE) return 'executed'
  return timelockTime === 0 ? 'canceled' : 'queued'
}

function hasWon({ forVotes, againstVotes, abstainVotes, quorum = 0n }: ProposalRecord): boolean {
  return forVotes + abstainVotes >= quorum && forVotes > againstVotes
}

/** The votes for and abstaining that a proposal needs, of all votes when its voting began: at least one. */
export function quorumOf(allVotes: bigint, percent: bigint): bigint {
  const share = (allVotes * percent) / 100n
  return share === 0n ? 1n : share
}
