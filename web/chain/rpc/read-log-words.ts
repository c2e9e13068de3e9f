import { isAppError } from '#core/errors.ts'
import { chainError } from '../chain-errors.ts'
import { type Hex, parseAnyData, parseData, parseList, parseObject, quantityOf } from '../hex.ts'
import type { RpcEndpoint } from './json-rpc.ts'

export interface LogsQuestion {
  readonly contracts: readonly Hex[]
  readonly fromBlock: number
  readonly toBlock: number
  readonly signal?: AbortSignal | undefined
}

/** Logs of one range; whoever needs more reads all of it another way. */
const MAX_LOGS = 10_000
const MAX_LOG_BYTES = 4_096
const WORD_BYTES = 32

/**
 * The words that each event of these contracts carries, topics and then data, 64 hexadecimal digits each: hints at what
 * may have changed, whatever the events are. Nodes may hide some.
 *
 * @throws RPC_UNREACHABLE, RPC_REFUSED, RPC_ANSWER_INVALID
 */
export async function readLogWords(
  endpoint: RpcEndpoint,
  { contracts, fromBlock, toBlock, signal }: LogsQuestion,
): Promise<readonly (readonly string[])[]> {
  if (fromBlock > toBlock || contracts.length === 0) return []
  const filter = { address: contracts, fromBlock: quantityOf(fromBlock), toBlock: quantityOf(toBlock) }
  const logs = parseList(await endpoint.call('eth_getLogs', [filter], { signal }), 'logs', MAX_LOGS)
  return logs.map((log) => {
    const { topics, data } = parseObject(log, 'log')
    const words = parseList(topics, 'topics', 4).map((topic) =>
      parseData(topic, 'topic', WORD_BYTES).slice(2),
    )
    const text = parseAnyData(data, 'data', MAX_LOG_BYTES).slice(2)
    for (let at = 0; at + 64 <= text.length; at += 64) words.push(text.slice(at, at + 64))
    return words
  })
}

/** Halving a range so often comes down to a few blocks of any chain. */
const MAX_HALVINGS = 24
/** Ranges read for one question: at 10,000 blocks each, as many nodes grant, a chain of 20 million blocks. */
const MAX_RANGES = 2_048

/**
 * The same of a range of any length: what a node refuses as too much is read in two halves, and so on.
 *
 * @throws RPC_UNREACHABLE, RPC_REFUSED, RPC_ANSWER_INVALID
 */
export async function readAllLogWords(
  endpoint: RpcEndpoint,
  question: LogsQuestion,
): Promise<readonly (readonly string[])[]> {
  let ranges = 0

  async function read(fromBlock: number, toBlock: number, halvings: number): Promise<(readonly string[])[]> {
    try {
      if (++ranges > MAX_RANGES)
        throw chainError(
          'RPC_ANSWER_INVALID',
          `${endpoint.name} gives logs in pieces that are too small: more than ${MAX_RANGES} of them.`,
        )
      return [...(await readLogWords(endpoint, { ...question, fromBlock, toBlock }))]
    } catch (error) {
      const isTooMuch = isAppError(error, 'RPC_REFUSED') || isAppError(error, 'RPC_ANSWER_INVALID')
      if (!isTooMuch || halvings === MAX_HALVINGS || fromBlock >= toBlock || ranges > MAX_RANGES) throw error
      const middle = fromBlock + Math.floor((toBlock - fromBlock) / 2)
      const first = await read(fromBlock, middle, halvings + 1)
      return first.concat(await read(middle + 1, toBlock, halvings + 1))
    }
  }

  return read(question.fromBlock, question.toBlock, 0)
}

/** The address (40 digits) that a word may be; undefined when it is none. */
export function addressInWord(word: string): string | undefined {
  return word.startsWith('0'.repeat(24)) && !/^0+$/.test(word) ? word.slice(24) : undefined
}
