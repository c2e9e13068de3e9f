import { isAppError } from '#core/errors.ts'
import { chainError } from '../chain-errors.ts'
import { type EndpointPool, sourceOf } from './endpoint-pool.ts'
import { type LogsBack, type LogsQuestion, readLogsBack, type ToldLog } from './read-logs-back.ts'

/** Events that at least one endpoint tells. */
export interface PooledLogs {
  /** newest first; each with how many sources tell of it */
  readonly logs: readonly (ToldLog & { readonly agreeing: number })[]
  /** all of this block and of newer ones was looked at by everybody who answered */
  readonly reached: number
  /** sources that answered, of those that count */
  readonly answered: number
  readonly sources: number
}

/**
 * Asks every endpoint for the same events: what one leaves out another tells, and what one makes up the others do not
 * tell. None of it is proved. Whoever gives no events is asked for proofs all the same.
 *
 * @throws RPC_REFUSED when nobody gives them, RPC_UNREACHABLE when nobody answers
 */
export async function askLogs(
  pool: EndpointPool,
  question: LogsQuestion,
  signal?: AbortSignal,
): Promise<PooledLogs> {
  const answers = await pool.all(async (endpoint) => {
    try {
      return await readLogsBack((method, params) => endpoint.call(method, params, { signal }), question)
    } catch (error) {
      if (isAppError(error, 'RPC_REFUSED') || isAppError(error, 'RPC_ANSWER_INVALID')) return undefined
      throw error
    }
  }, signal)
  if (answers.length === 0) {
    throw chainError('RPC_UNREACHABLE', 'None of the chain’s endpoints answers. It is tried again.')
  }
  const told = answers.flatMap(({ endpoint, value }) =>
    value === undefined ? [] : [{ source: sourceOf(endpoint), ...value }],
  )
  if (told.length === 0) {
    throw chainError(
      'RPC_REFUSED',
      'None of the chain’s endpoints gives events, so there is no list of them.',
    )
  }
  return { ...merge(told), sources: pool.sources.size }
}

type Source = ReturnType<typeof sourceOf>

function merge(told: readonly (LogsBack & { readonly source: Source })[]): Omit<PooledLogs, 'sources'> {
  const reached = Math.max(...told.map((each) => each.reached))
  const byKey = new Map<string, { readonly log: ToldLog; readonly tellers: Set<Source> }>()
  for (const { source, logs } of told) {
    for (const log of logs) {
      if (log.block < reached) continue
      const key = `${log.block} ${log.index} ${log.address} ${log.topics.join(' ')} ${log.data}`
      const known = byKey.get(key) ?? { log, tellers: new Set() }
      known.tellers.add(source)
      byKey.set(key, known)
    }
  }
  const logs = [...byKey.values()].map(({ log, tellers }) => ({ ...log, agreeing: tellers.size }))
  return {
    logs: logs.sort((a, b) => b.block - a.block || b.index - a.index),
    reached,
    answered: new Set(told.map(({ source }) => source)).size,
  }
}
