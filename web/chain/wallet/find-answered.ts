import type { ChainCalls } from './chain-calls.ts'
import type { LoggedTransaction } from './transaction-types.ts'

/** A person answers within minutes, or the wallet forgets the question. */
const ANSWER_WITHIN_MS = 900_000
/** So many blocks are looked through, newest first: those of an hour and a half. */
const MAX_BLOCKS = 2_700

/**
 * What became of a question to a wallet whose page was closed: the transaction that its sender sent with that number,
 * when it does the same.
 *
 * @returns undefined while it may still be answered
 */
export async function findAnswered(
  transaction: LoggedTransaction,
  calls: ChainCalls,
  now: number,
): Promise<LoggedTransaction | undefined> {
  const { from, nonce, at, fromBlock } = transaction
  const unanswered = { ...transaction, status: { kind: 'unanswered' } } as const
  if ((await calls.nonce(from, 'latest')) <= nonce)
    return now - at > ANSWER_WITHIN_MS ? unanswered : undefined
  const head = await calls.blockNumber()
  const last = Math.max(fromBlock, head - MAX_BLOCKS)
  for (let block = head; block > last; block--) {
    const found = await calls.find(block, from, nonce)
    if (found === undefined) continue
    const isOurs = found.to === transaction.to && found.data === transaction.data
    return isOurs ? { ...transaction, hash: found.hash, status: { kind: 'sent' } } : unanswered
  }
  return unanswered
}
