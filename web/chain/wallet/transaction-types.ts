import type { Failure } from '#api/types.ts'
import type { WriteIntent } from '#api/wallet-types.ts'
import type { Hex } from '../hex.ts'

/**
 * How far a transaction has come ([CH17]). `asking`: the wallet was asked and has not answered. `mined` and `reverted`
 * stand in a block that may still be given up; `final` ones do not change any more.
 */
export type TransactionStatus =
  | { readonly kind: 'asking' }
  | { readonly kind: 'signed' }
  | { readonly kind: 'sent' }
  | { readonly kind: 'mined'; readonly block: number }
  | { readonly kind: 'final'; readonly block: number }
  | { readonly kind: 'reverted'; readonly block: number; readonly isFinal: boolean }
  /** another transaction took its number */
  | { readonly kind: 'replaced' }
  /** the chain has not known it for long; it may yet come back */
  | { readonly kind: 'dropped' }
  /** the page was closed before the wallet answered, and nothing of it is on the chain */
  | { readonly kind: 'unanswered' }

/** A transaction as it is kept: enough to follow it, find it again, or send it again. */
export interface LoggedTransaction {
  readonly id: string
  readonly chainId: number
  /** lower case */
  readonly from: Hex
  readonly to: Hex
  readonly data: Hex
  readonly valueWei: bigint
  readonly nonce: number
  readonly intent: WriteIntent
  /** unix ms */
  readonly at: number
  /** newest block when the wallet was asked: it cannot stand in an earlier one */
  readonly fromBlock: number
  readonly hash?: Hex
  /** signed, where the wallet let us have it */
  readonly raw?: Hex
  readonly status: TransactionStatus
  /** unix ms since when the chain has neither it nor another one with its number */
  readonly missingSince?: number
  /** unix ms since when its number is taken but it has no receipt */
  readonly takenSince?: number
  /** why it was reverted, when that could be told */
  readonly failure?: Failure
}

/** What the chain says about one of them. */
export interface Observation {
  /** unix ms */
  readonly now: number
  /** newest final block */
  readonly finalBlock: number
  /** how many transactions of its sender stand in blocks */
  readonly nonce: number
  readonly receipt?: { readonly block: number; readonly ok: boolean }
  /** has the chain heard of it at all? */
  readonly isKnown: boolean
}

export interface Advance {
  readonly transaction: LoggedTransaction
  /** is it to be sent again? */
  readonly resend: boolean
}
