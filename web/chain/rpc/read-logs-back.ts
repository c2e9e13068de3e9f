import { isAppError } from '#core/errors.ts'
import {
  type Hex,
  parseAnyData,
  parseData,
  parseList,
  parseObject,
  parseSmallQuantity,
  quantityOf,
} from '../hex.ts'

/** An event as an endpoint tells it: nothing of it is proved. */
export interface ToldLog {
  readonly address: Hex
  readonly topics: readonly Hex[]
  readonly data: Hex
  readonly block: number
  /** within its block */
  readonly index: number
}

export interface LogsQuestion {
  readonly address: Hex | readonly Hex[]
  /** as eth_getLogs takes them: null for any */
  readonly topics: readonly (Hex | readonly Hex[] | null)[]
  /** blocks that are asked for, the newest first */
  readonly newest: number
  readonly oldest: number
  /** enough of them: those of older blocks than the one that has the last are left out */
  readonly wanted: number
  /** what enough is counted of: different values of this @default every event */
  readonly by?: (log: ToldLog) => unknown
}

export interface LogsBack {
  /** newest first */
  readonly logs: readonly ToldLog[]
  /** all of this block and of newer ones was looked at */
  readonly reached: number
}

export type LogCall = (method: 'eth_getLogs', params: readonly unknown[]) => Promise<unknown>

/** What people wait for in a list: two months of blocks of 2 s at once, where an endpoint gives so many. */
const FIRST_SPAN = 2_500_000
/** Endpoints give the logs of thousands of blocks at once, or of some hundred; what refuses those gives none. */
const MIN_SPAN = 100
/** Requests until what lies further back is left out. */
const MAX_REQUESTS = 64
/** Logs of one answer; endpoints refuse to give more. */
const MAX_LOGS = 10_000
/** The gas of a block, 36 million where it is highest, pays for 4.5 MB of events at 8 a byte, as long as it has no other use. */
const MAX_LOG_BYTES = 4 * 1024 * 1024
const WORD_BYTES = 32

/**
 * Events from the newest block back, in windows that are halved where an endpoint refuses so many blocks or answers with
 * more than can be read.
 *
 * @throws RPC_UNREACHABLE, RPC_REFUSED of an endpoint that gives none, RPC_ANSWER_INVALID
 */
export async function readLogsBack(call: LogCall, question: LogsQuestion): Promise<LogsBack> {
  const { address, topics, newest, oldest } = question
  const found: ToldLog[] = []
  let span = Math.min(FIRST_SPAN, newest - oldest + 1)
  let to = newest
  for (let asked = 0; to >= oldest && asked < MAX_REQUESTS; asked++) {
    const from = Math.max(oldest, to - span + 1)
    const range = { fromBlock: quantityOf(from), toBlock: quantityOf(to) }
    try {
      found.push(...parseLogs(await call('eth_getLogs', [{ address, topics, ...range }]), from, to))
      to = from - 1
      const last = lastWanted(found, question)
      if (last !== undefined)
        return { logs: found.filter(({ block }) => block >= last.block), reached: last.block }
    } catch (error) {
      if (!isTooMuch(error, span)) throw error
      span = Math.ceil(span / 2)
    }
  }
  return { logs: found, reached: to + 1 }
}

/** The event with which there are enough. */
function lastWanted(found: readonly ToldLog[], { wanted, by }: LogsQuestion): ToldLog | undefined {
  if (by === undefined) return found[wanted - 1]
  const seen = new Set<unknown>()
  return found.find((log) => seen.add(by(log)).size === wanted)
}

/** Somebody may fill a few blocks with long events: an answer that is too long is one block's in the end. */
function isTooMuch(error: unknown, span: number): boolean {
  if (isAppError(error, 'RPC_REFUSED')) return span > MIN_SPAN
  return isAppError(error, 'RPC_ANSWER_INVALID') && span > 1
}

/** Newest first; those of other blocks than were asked for are no answer. */
function parseLogs(answer: unknown, from: number, to: number): readonly ToldLog[] {
  const logs = parseList(answer, 'logs', MAX_LOGS).map((each) => {
    const { address, topics, data, blockNumber, logIndex } = parseObject(each, 'log')
    return {
      address: parseData(address, 'address', 20),
      topics: parseList(topics, 'topics', 4).map((topic) => parseData(topic, 'topic', WORD_BYTES)),
      data: parseAnyData(data, 'data', MAX_LOG_BYTES),
      block: parseSmallQuantity(blockNumber, 'block number'),
      index: parseSmallQuantity(logIndex, 'log index'),
    }
  })
  return logs
    .filter(({ block }) => block >= from && block <= to)
    .sort((a, b) => b.block - a.block || b.index - a.index)
}
