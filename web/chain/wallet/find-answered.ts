import { isAppError } from '#core/errors.ts'
import type { Hex } from '../hex.ts'
import type { ChainCalls, FoundTransaction } from './chain-calls.ts'
import type { LoggedTransaction } from './transaction-types.ts'

/** A person answers within minutes, or the wallet forgets the question. */
const ANSWER_WITHIN_MS = 900_000
/** Questions that a person lets stand behind one another; each takes a search among the blocks. */
const MAX_NUMBERS = 4

export interface Answered {
  /** unix ms */
  readonly now: number
  /** what else was written from here: its transactions are not this one, however alike they are */
  readonly others: readonly LoggedTransaction[]
}

/**
 * What became of a question to a wallet whose page was closed: the transaction that its sender sent with that number,
 * or with one of the next where others from here took it, when it does the same and pays the same.
 *
 * @returns undefined while it may still be answered, waits for a block, or was not found by an endpoint that lags behind
 */
export async function findAnswered(
  transaction: LoggedTransaction,
  calls: ChainCalls,
  { now, others }: Answered,
): Promise<LoggedTransaction | undefined> {
  const { from, nonce, at } = transaction
  const own = others.filter((each) => each.from === from && each.hash !== undefined)
  const next = Math.max(await calls.nonce(from, 'latest'), nonce)
  const numbers = Array.from({ length: next - nonce }, (_, i) => nonce + i).filter(
    (number) => !own.some((each) => each.nonce === number),
  )
  let isTaken = false
  for (const number of numbers.slice(0, MAX_NUMBERS)) {
    const found = await findNumber(number, transaction, calls)
    if (found === undefined || own.some(({ hash }) => hash === found.hash)) continue
    if (isAlike(found, transaction)) return answered(transaction, number, found.hash)
    isTaken ||= number === nonce
  }
  if (isTaken) return unanswered(transaction)
  if (now - at <= ANSWER_WITHIN_MS) return undefined
  const isWaiting = numbers.length === 0 && (await calls.nonce(from, 'pending')) > next
  return isWaiting ? undefined : unanswered(transaction)
}

async function findNumber(
  number: number,
  { from, fromBlock }: LoggedTransaction,
  calls: ChainCalls,
): Promise<FoundTransaction | undefined> {
  const head = await calls.blockNumber()
  return calls.find(await blockOf(number, from, { fromBlock, head }, calls), from, number)
}

function isAlike(found: FoundTransaction, { to, data, valueWei }: LoggedTransaction): boolean {
  return found.to === to && found.data === data && found.valueWei === valueWei
}

function answered({ failure: _, ...rest }: LoggedTransaction, nonce: number, hash: Hex): LoggedTransaction {
  return { ...rest, nonce, hash, status: { kind: 'sent' } }
}

/** Given up: whoever wants it done has to look in the wallet first. */
function unanswered(transaction: LoggedTransaction): LoggedTransaction {
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
