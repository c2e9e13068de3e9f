import { isAppError } from '#core/errors.ts'
import { type Hex, parseList, parseObject, quantityOf } from '../hex.ts'
import type { Ask } from '../wallet/chain-calls.ts'

export interface LogsBackwards {
  readonly address: Hex
  readonly topics: readonly (Hex | null | readonly Hex[])[]
  readonly newest: number
  readonly oldest: number
}

/** Endpoints give the logs of all these blocks at once, or of some hundred; what refuses those gives none. */
const MIN_BLOCKS = 100
/** Requests until what lies further back is left out. */
const MAX_REQUESTS = 64
/** Logs of one answer that are looked at. */
const MAX_LOGS = 10_000

/**
 * Logs of blocks, newest first, as one endpoint has them: a hint, and of a chain with short answers not all of them.
 * Blocks are asked for from the newest back, in halves when they are too many.
 *
 * @throws RPC_UNREACHABLE, RPC_REFUSED, RPC_ANSWER_INVALID
 */
export async function* logsBackwards(
  { address, topics, newest, oldest }: LogsBackwards,
  ask: Ask,
): AsyncGenerator<Readonly<Record<string, unknown>>> {
  let span = newest - oldest + 1
  let to = newest
  for (let asked = 0; to >= oldest && asked < MAX_REQUESTS; asked++) {
    const from = Math.max(oldest, to - span + 1)
    const range = { fromBlock: quantityOf(from), toBlock: quantityOf(to) }
    const logs = await ask('eth_getLogs', [{ address, topics, ...range }]).catch((error: unknown) => {
      if (!isAppError(error, 'RPC_REFUSED') || span <= MIN_BLOCKS) throw error
      return undefined
    })
    if (logs === undefined) {
      span = Math.ceil(span / 2)
      continue
    }
    for (const log of parseList(logs, 'logs', MAX_LOGS).toReversed()) yield parseObject(log, 'log')
    to = from - 1
  }
}

/** The number that a topic is. @throws RPC_ANSWER_INVALID when the log has no such topic */
export function numberInTopic(log: Readonly<Record<string, unknown>>, at: number): number {
  const topic = parseList(log.topics, 'topics', 4)[at]
  return Number(BigInt(parseTopic(topic)))
}

function parseTopic(topic: unknown): string {
  return typeof topic === 'string' && /^0x[0-9a-fA-F]{64}$/.test(topic) ? topic : '0x0'
}
