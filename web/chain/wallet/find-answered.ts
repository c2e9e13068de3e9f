import { isAppError } from '#core/errors.ts'
import type { ChainCalls } from './chain-calls.ts'
import type { LoggedTransaction } from './transaction-types.ts'

/** A person answers within minutes, or the wallet forgets the question. */
const ANSWER_WITHIN_MS = 900_000

/**
 * What became of a question to a wallet whose page was closed: the transaction that its sender sent with that number,
 * when it does the same.
 *
 * @returns undefined while it may still be answered, waits for a block, or was not found by an endpoint that lags behind
 */
export async function findAnswered(
  transaction: LoggedTransaction,
  calls: ChainCalls,
  now: number,
): Promise<LoggedTransaction | undefined> {
  const { from, nonce, at, fromBlock } = transaction
  const isOver = now - at > ANSWER_WITHIN_MS
  if ((await calls.nonce(from, 'latest')) <= nonce) {
    const isWaiting = (await calls.nonce(from, 'pending')) > nonce
    return isOver && !isWaiting ? unanswered(transaction) : undefined
  }
  const head = await calls.blockNumber()
  const found = await calls.find(await blockOf(nonce, from, { fromBlock, head }, calls), from, nonce)
  if (found === undefined) return isOver ? unanswered(transaction) : undefined
  const isOurs = found.to === transaction.to && found.data === transaction.data
  if (!isOurs) return unanswered(transaction)
  const { failure: _, ...rest } = transaction
  return { ...rest, hash: found.hash, status: { kind: 'sent' } }
}

/** Given up: whoever wants it done has to look in the wallet first. */
export function unanswered(transaction: LoggedTransaction): LoggedTransaction {
  const { failure: _, ...rest } = transaction
  return { ...rest, status: { kind: 'unanswered' } }
}

/** The block in which a number of a sender was taken, between one where it was not and one where it was. */
async function blockOf(
  nonce: number,
  from: LoggedTransaction['from'],
  { fromBlock, head }: { readonly fromBlock: number; readonly head: number },
  calls: ChainCalls,
): Promise<number> {
  let [free, taken] = [fromBlock, Math.max(head, fromBlock + 1)]
  while (taken - free > 1) {
    const middle = Math.floor((free + taken) / 2)
    if (await isTaken(middle)) taken = middle
    else free = middle
  }
  return taken

  async function isTaken(block: number): Promise<boolean> {
    try {
      return (await calls.nonce(from, `0x${block.toString(16)}`)) > nonce
    } catch (error) {
      if (isAppError(error, 'RPC_REFUSED')) return false // many nodes know old blocks, but not what held in them
      throw error
    }
  }
}
