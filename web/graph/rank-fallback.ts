import { isAppError } from '#core/errors.ts'
import { rankError } from './rank-errors.ts'
import type { Rank, RankGraph, RankKernel, RankOptions } from './rank-kernel.ts'

export interface KernelCandidate {
  readonly name: RankKernel['name']
  /** Called once, when its turn comes. */
  readonly load: () => Promise<RankKernel>
}

export interface FallbackInit {
  /** fastest first */
  readonly candidates: readonly [KernelCandidate, ...KernelCandidate[]]
  /** told why a kernel was dropped, before the next takes over */
  readonly onDrop?: (name: RankKernel['name'], cause: unknown) => void
}

/**
 * The first kernel that loads and works ([KG12]): one that fails is dropped for good and the rank begins again on
 * the next. `name` is the kernel that ranked last; before that, the first.
 *
 * @throws `rank` throws RANK_NO_KERNEL when none is left; the reason of `signal`; RANK_ITERATIONS
 */
export function createFallbackKernel({ candidates, onDrop }: FallbackInit): RankKernel {
  const left = candidates.map(({ name, load }) => ({ name, kernel: once(load) }))
  let { name } = candidates[0]
  let lastCause: unknown
  return {
    get name() {
      return name
    },
    async rank(graph: RankGraph, options: RankOptions = {}): Promise<Rank> {
      for (let candidate = left[0]; candidate !== undefined; candidate = left[0]) {
        try {
          const kernel = await candidate.kernel()
          const rank = await kernel.rank(graph, options)
          name = kernel.name
          return rank
        } catch (cause) {
          if (options.signal?.aborted === true || isAppError(cause, 'RANK_ITERATIONS')) throw cause
          // Ranks that run at once fail together: the first of them drops the kernel.
          if (left[0] !== candidate) continue
          lastCause = cause
          left.shift()
          onDrop?.(candidate.name, cause)
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
