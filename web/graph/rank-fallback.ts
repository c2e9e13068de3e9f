import { isAppError } from '#core/errors.ts'
import { rankError } from './rank-errors.ts'
import type { Rank, RankGraph, RankKernel, RankOptions } from './rank-kernel.ts'

export interface KernelCandidate {
  readonly name: RankKernel['name']
  /** Called once, when its turn comes; undefined where there is no such kernel. */
  readonly load: () => Promise<RankKernel | undefined>
  /** graphs of fewer links go to the next one, which has them done before this one has begun @default 0 */
  readonly minLinks?: number
}

/** A kernel that failed or gave wrong ranks, and what it said. */
export interface DroppedKernel {
  readonly name: RankKernel['name']
  readonly reason: string
}

export interface FallbackInit {
  /** fastest first */
  readonly candidates: readonly KernelCandidate[]
  /** told why a kernel was dropped, before the next takes over */
  readonly onDrop?: (name: RankKernel['name'], cause: unknown) => void
}

export interface FallbackKernel extends RankKernel {
  /** those that were dropped so far, first to last */
  readonly dropped: readonly DroppedKernel[]
}

/**
 * The first kernel that loads and works ([KG12]): one that fails is dropped for good and the rank begins again on
 * the next. `name` is the kernel that ranked last; before that, the first one for
 * all sizes.
 *
 * @throws `rank` throws RANK_NO_KERNEL when none is left; the reason of `signal`; RANK_ITERATIONS
 */
export function createFallbackKernel({ candidates, onDrop }: FallbackInit): FallbackKernel {
  const left = candidates.map(({ load, ...candidate }) => ({ ...candidate, kernel: once(load) }))
  const dropped: DroppedKernel[] = []
  let name = candidates.find(({ minLinks = 0 }) => minLinks === 0)?.name ?? 'ts'
  let lastCause: unknown
  function drop(candidate: (typeof left)[number], cause?: unknown): void {
    // Ranks that run at once fail together: the first of them drops the kernel.
    if (!left.includes(candidate)) return
    left.splice(left.indexOf(candidate), 1)
    if (cause === undefined) return
    lastCause = cause
    dropped.push({ name: candidate.name, reason: cause instanceof Error ? cause.message : String(cause) })
    onDrop?.(candidate.name, cause)
  }
  return {
    get name() {
      return name
    },
    dropped,
    async rank(graph: RankGraph, options: RankOptions = {}): Promise<Rank> {
      const next = () => left.find(({ minLinks = 0 }) => graph.links >= minLinks) ?? left.at(-1)
      for (let candidate = next(); candidate !== undefined; candidate = next()) {
        try {
          const kernel = await candidate.kernel()
          if (kernel === undefined) {
            drop(candidate)
            continue
          }
          const rank = await kernel.rank(graph, options)
          name = kernel.name
          return rank
        } catch (cause) {
          if (options.signal?.aborted === true || isAppError(cause, 'RANK_ITERATIONS')) throw cause
          drop(candidate, cause)
        }
      }
      throw rankError(
        'RANK_NO_KERNEL',
        'No rank kernel works here: reload the page, or update the browser.',
        {
          cause: lastCause,
        },
      )
    },
  }
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined
  return () => {
    loaded ??= load()
    return loaded
  }
}
