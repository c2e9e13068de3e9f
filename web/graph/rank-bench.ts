import { toHex } from '#core/bytes.ts'
import { isAppError } from '#core/errors.ts'
import type { KernelName } from './graph-ranker.ts'
import { KERNEL_NAMES } from './kernel-names.ts'
import { hashRanks } from './rank-digest.ts'
import type { RankGraph, RankKernel } from './rank-kernel.ts'

/** How fast one kernel ranks a graph, or why it does not. */
export type KernelTiming =
  | {
      readonly kernel: KernelName
      /** of one iteration, in the mean */
      readonly iterationMs: number
      readonly edgesPerSecond: number
      /** SHA-256 over LE64 of the ranks that it came to: equal for all kernels ([KG12]) */
      readonly ranksSha256: string
    }
  | { readonly kernel: KernelName; readonly failure: { readonly code: string; readonly message: string } }

/** As many as lie between two checks of the stop rule. */
const ITERATIONS = 8
/** Measured for so long, because clocks of browsers tick in milliseconds; small graphs by so many runs at most. */
const MIN_MEASURED_MS = 100
const MAX_RUNS = 32

export interface RankBenchComponents {
  readonly kernel: (name: KernelName) => RankKernel | Promise<RankKernel>
  /** ms, the finer the better */
  readonly now: () => number
  readonly pause?: () => Promise<void>
}

/** Runs each kernel on the same graph: once to warm up, then until it can be told how long it takes. */
export async function benchKernels(
  graph: RankGraph,
  { kernel: open, now, pause }: RankBenchComponents,
): Promise<readonly KernelTiming[]> {
  const options = { iterations: ITERATIONS, ...(pause === undefined ? {} : { pause }) }
  const timings: KernelTiming[] = []
  for (const name of KERNEL_NAMES) {
    try {
      const kernel = await open(name)
      const { ranks } = await kernel.rank(graph, options)
      const start = now()
      let runs = 0
      do {
        await kernel.rank(graph, options)
        runs++
      } while (now() - start < MIN_MEASURED_MS && runs < MAX_RUNS)
      const iterationMs = (now() - start) / (runs * ITERATIONS)
      const edgesPerSecond = iterationMs === 0 ? 0 : (graph.links / iterationMs) * 1_000
      timings.push({ kernel: name, iterationMs, edgesPerSecond, ranksSha256: toHex(hashRanks(ranks)) })
    } catch (error) {
      const code = isAppError(error) ? error.code : 'RANK_FAILED'
      timings.push({ kernel: name, failure: { code, message: (error as Error).message } })
    }
  }
  return timings
}
