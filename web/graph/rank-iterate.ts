import type { Rank, RankOptions } from './rank-kernel.ts'
import { assertIterations, STOP_CHECK_EVERY, STOP_DELTA, STOP_ITERATIONS } from './rank-rules.ts'

/** One graph being ranked by one kernel; begins at r⁰ ([KG9]). What computes elsewhere answers with promises. */
export interface RankRun {
  /** One iteration ([KG9]), or a promise when so many are on their way that the next must wait. */
  advance(): void | Promise<void>
  /** δ of the last iteration ([KG10]); costs a pass over the particles, so it is asked only when needed. */
  delta(): bigint | Promise<bigint>
  /** A copy of the ranks in particle order. */
  ranks(): BigUint64Array | Promise<BigUint64Array>
}

/**
 * Iterates to the stop rule ([KG10]) or for the number of iterations asked; the same for every kernel.
 *
 * @throws RANK_ITERATIONS; the reason of `signal`
 */
export async function iterateRank(run: RankRun, options: RankOptions = {}): Promise<Rank> {
  const { iterations, signal, onIteration, onCheck, pause } = options
  if (iterations !== undefined) assertIterations(iterations)
  const limit = iterations ?? STOP_ITERATIONS
  let delta = 0n
  let iteration = 0
  for (let stopped = false; !stopped && iteration < limit; ) {
    signal?.throwIfAborted()
    const room = run.advance()
    if (room !== undefined) await room
    iteration++
    const isChecked = iterations === undefined && iteration % STOP_CHECK_EVERY === 0
    if (isChecked || iteration === limit || onIteration !== undefined) delta = await run.delta()
    onIteration?.(iteration, delta)
    if (isChecked || iteration === limit) onCheck?.(iteration, delta)
    stopped = isChecked && delta <= STOP_DELTA
    if (pause !== undefined) await pause()
  }
  signal?.throwIfAborted()
  return { ranks: await run.ranks(), iterations: iteration, delta }
}

/** The rank of no particles. */
export function emptyRank(): Rank {
  return { ranks: new BigUint64Array(0), iterations: 0, delta: 0n }
}
