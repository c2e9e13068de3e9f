/** The part of the seam about votes, conduct and districts; see types.ts. Times are unix ms, spans ms. */
import type { District, DistrictPlan, RestrictedCategory } from '#core/districts.ts'
import type { ChainProof } from './chain-types.ts'
import type { Failure } from './types.ts'
import type { TransactionState } from './wallet-types.ts'

/** What can only be read from events or from a contract's code: the word of those who answered. */
export interface Hearsay {
  /** sources that said so; what a relay named is one */
  readonly agreeing: number
  /** that were asked */
  readonly sources: number
}

// Districts

export interface DistrictsState {
  /**
   * `absent`: no chain, or one without districts; `kept`: from an earlier visit; `unknown`: nothing was kept and the
   * chain does not answer, so nothing is hidden.
   */
  readonly kind: 'absent' | 'reading' | 'kept' | 'proven' | 'unknown'
  /** those that were not removed, by number */
  readonly districts: readonly District[]
  /** the last block in which all of them were proved */
  readonly block?: number
  /** restricted ones that this visitor wants to see */
  readonly shown: readonly RestrictedCategory[]
  readonly failure?: Failure
}

export const NO_DISTRICTS: DistrictsState = { kind: 'absent', districts: [], shown: [] }

// Proposals

/** Whose votes count: `land`, one for each active community plot; `token`, CYBR. What it touches makes its kind. */
export type ProposalKind = 'land' | 'token'

export type ProposalStage =
  /** its voting has not begun */
  | 'pending'
  | 'active'
  | 'canceled'
  /** too few votes, or more against it */
  | 'defeated'
  /** waits for somebody to queue it */
  | 'succeeded'
  /** waits in the Timelock */
  | 'queued'
  | 'executed'

export type VoteSupport = 'for' | 'against' | 'abstain'

/** What a proposal has the Timelock do. Reasons are CIDs, `Qm…`, or the bytes as they are, `0x…`. */
export type ProposedAction =
  | { readonly kind: 'warn' | 'evict'; readonly parcel: number; readonly reason: string }
  | { readonly kind: 'set-district'; readonly number: number; readonly district: DistrictPlan }
  | { readonly kind: 'remove-district'; readonly number: number }
  /** from the treasury */
  | { readonly kind: 'send-cybr'; readonly to: string; readonly amountWei: bigint }
  | { readonly kind: 'send-coin'; readonly to: string; readonly amountWei: bigint }

/** Any other call, as far as it can be read. */
export interface ProposedCall {
  readonly kind: 'call'
  readonly target: string
  /** of a contract that this page knows */
  readonly contract?: string
  readonly functionName?: string
  readonly args?: readonly string[]
  readonly valueWei: bigint
  /** `0x…`, its beginning */
  readonly data: string
}

/** The calls whose hash is the proposal's id, needed to queue it, carry it out or cancel it. */
export interface ProposalCalls {
  readonly targets: readonly string[]
  readonly valuesWei: readonly bigint[]
  readonly calldatas: readonly string[]
  readonly descriptionHash: string
}

export interface ProposalFacts {
  /** 0x and 64 digits */
  readonly id: string
  readonly kind: ProposalKind
  readonly stage: ProposalStage
  /** its beginning, where it is long */
  readonly description: string
  readonly proposer: string
  readonly mine: boolean
  readonly votingFrom: number
  readonly votingUntil: number
  /** from when a queued one can be carried out */
  readonly readyAt?: number
  /** plots, or 10⁻¹⁸ CYBR */
  readonly tally: Readonly<Record<VoteSupport, bigint>>
  /** votes for and abstaining that it needs; unknown before its voting begins */
  readonly quorum?: bigint
  readonly actions: readonly (ProposedAction | ProposedCall)[]
  /** actions that are not shown */
  readonly moreActions: number
  readonly calls: ProposalCalls
  /** of this wallet: votes when the voting began, and whether they were cast */
  readonly own?: { readonly votes: bigint; readonly hasVoted: boolean }
  readonly proof: ChainProof
}

export interface ProposalPage {
  /** newest first. Each is proved; that there are no others is the endpoints' word */
  readonly proposals: readonly ProposalFacts[]
  readonly told: Hearsay
  /** of older ones */
  readonly cursor?: string
}

/** Votes of one kind that a wallet has, proved. */
export interface OwnVotes {
  /** that count now: its own and those delegated to it */
  readonly votes: bigint
  /** active community plots, or CYBR, whose votes are its own to give */
  readonly holds: bigint
  /** who votes with them: undefined for nobody, so that they count nowhere */
  readonly delegate?: string
  readonly isOwnDelegate: boolean
}

export interface VotingPower {
  readonly address: string
  readonly land: OwnVotes
  readonly token: OwnVotes
  readonly proof: ChainProof
}

/** How votes and conduct go on this chain; the contracts were built with it, and no proof shows it. */
export interface GovernanceTerms {
  readonly delayMs: number
  readonly periodMs: number
  readonly timelockMs: number
  /** votes that a proposer has at least */
  readonly landThreshold: bigint
  readonly tokenThresholdWei: bigint
  readonly warningsBeforeEviction: number
  /** from a warning to the next, or to the eviction */
  readonly gapMs: number
  /** after the last warning all of a plot's lapse */
  readonly lapseMs: number
  readonly told: Hearsay
}

// Conduct

/** What a vote did to a plot, as endpoints tell it. */
export interface ConductEvent {
  readonly kind: 'warned' | 'evicted'
  readonly parcel: number
  /** warnings that stood then */
  readonly count?: number
  readonly reason: string
  readonly at: number
  readonly block: number
}

export interface ConductLog {
  /** newest first */
  readonly events: readonly ConductEvent[]
  readonly told: Hearsay
}

// History of a plot

export type ParcelEventKind =
  | { readonly kind: 'minted' | 'handed-on'; readonly to: string; readonly from?: string }
  | { readonly kind: 'sold'; readonly to: string; readonly amountWei: bigint }
  | { readonly kind: 'claimed'; readonly to: string }
  | { readonly kind: 'moved'; readonly x: number; readonly y: number }
  | { readonly kind: 'warned'; readonly count: number; readonly reason: string }
  | { readonly kind: 'evicted'; readonly reason: string }
  /** its owner had shown no life, and somebody set the place free */
  | { readonly kind: 'lapsed'; readonly by: string }

export type ParcelEvent = ParcelEventKind & {
  readonly at: number
  readonly block: number
  /** sources that told of it, of those that answered */
  readonly agreeing: number
}

export interface ParcelHistory {
  /** newest first */
  readonly events: readonly ParcelEvent[]
  /** what lies further back was not asked for */
  readonly isCut: boolean
  readonly told: Hearsay
}

/** Reading, for parts that come with the wallets' code. */
export interface GovernanceReads {
  proposals(options?: { readonly cursor?: string | undefined }): Promise<ProposalPage>
  votes(): Promise<VotingPower | undefined>
  terms(): Promise<GovernanceTerms>
  conduct(): Promise<ConductLog>
  history(x: number, y: number): Promise<ParcelHistory | undefined>
}

export interface GovernanceApi extends Omit<GovernanceReads, 'history'> {
  /** Proposes that the Timelock does something. The page asks first, as for all that follow. */
  propose(action: ProposedAction, description: string): Promise<TransactionState>
  /** Votes on a proposal by its id. */
  vote(id: string, support: VoteSupport): Promise<TransactionState>
  /** Queues what has won, or carries out what has waited. */
  carry(proposal: ProposalFacts): Promise<TransactionState>
  /** Gives one's votes to somebody, or to oneself: CYBR counts nowhere before. */
  delegate(kind: ProposalKind, delegatee?: string): Promise<TransactionState>
  /** Shows or hides what stands in restricted districts of a category, in this browser. @throws CATEGORY_EXPECTED */
  showDistricts(category: RestrictedCategory, isShown: boolean): void
}
