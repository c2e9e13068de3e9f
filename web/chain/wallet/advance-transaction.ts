import type { Advance, LoggedTransaction, Observation, TransactionStatus } from './transaction-types.ts'

/** Endpoints behind one address lag behind one another by some blocks: what is missing for less is not told. */
const TAKEN_AFTER_MS = 15_000
/** Nodes hold pending transactions for hours; one that none knows for ten minutes was thrown out or never came. */
const DROPPED_AFTER_MS = 600_000

/** May its status still change? */
export function isOpen({ status }: LoggedTransaction): boolean {
  switch (status.kind) {
    case 'asking':
    case 'signed':
    case 'sent':
    case 'mined':
    case 'dropped':
      return true
    case 'reverted':
      return !status.isFinal
    case 'final':
    case 'replaced':
    case 'unanswered':
      return false
  }
}

/** Does it wait for its wallet or for a block? */
export function isPending(transaction: LoggedTransaction): boolean {
  return transaction.status.kind === 'asking' || takesNumber(transaction)
}

/** Is it signed and waits for a block? Its number is then taken for others. */
export function takesNumber({ status }: LoggedTransaction): boolean {
  return status.kind === 'signed' || status.kind === 'sent'
}

/** The next step of a transaction that was signed, by what the chain says of it ([CH17]). Pure. */
export function advanceTransaction(transaction: LoggedTransaction, seen: Observation): Advance {
  if (seen.receipt !== undefined) return settled(transaction, seen.receipt, seen.finalBlock)
  // without a receipt it stands in no block, whatever was said before
  if (seen.nonce > transaction.nonce) return taken(transaction, seen.now)
  if (seen.isKnown) return { transaction: withStatus(transaction, { kind: 'sent' }), resend: false }
  return missing(transaction, seen.now)
}

function settled(
  transaction: LoggedTransaction,
  { block, ok }: NonNullable<Observation['receipt']>,
  finalBlock: number,
): Advance {
  const isFinal = block <= finalBlock
  const status: TransactionStatus = ok
    ? { kind: isFinal ? 'final' : 'mined', block }
    : { kind: 'reverted', block, isFinal }
  return { transaction: withStatus(transaction, status), resend: false }
}

function taken(transaction: LoggedTransaction, now: number): Advance {
  const { takenSince = now } = transaction
  if (now - takenSince < TAKEN_AFTER_MS) return { transaction: { ...transaction, takenSince }, resend: false }
  return { transaction: withStatus(transaction, { kind: 'replaced' }), resend: false }
}

function missing(transaction: LoggedTransaction, now: number): Advance {
  const { missingSince = now } = transaction
  const isDropped = now - missingSince >= DROPPED_AFTER_MS
  const before = transaction.status.kind === 'signed' ? 'signed' : 'sent'
  const { takenSince: _, ...rest } = transaction
  const { failure: __, ...dropped } = rest // why it was not taken at first is not why it was given up
  return {
    transaction: isDropped
      ? { ...dropped, missingSince, status: { kind: 'dropped' } }
      : { ...rest, missingSince, status: { kind: before } },
    // a wallet of the browser sends by itself
    resend: transaction.raw !== undefined && !isDropped,
  }
}

/** Whoever has a status by what the chain has, is neither missing nor displaced, nor refused by an endpoint. */
function withStatus(transaction: LoggedTransaction, status: TransactionStatus): LoggedTransaction {
  const { missingSince: _, takenSince: __, failure, ...rest } = transaction
  const isToldWhy = status.kind === 'reverted' && transaction.status.kind === 'reverted'
  return { ...rest, status, ...(isToldWhy && failure !== undefined ? { failure } : {}) }
}
