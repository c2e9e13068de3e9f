import { type ReadonlySignal, signal } from '@preact/signals'
import type { Failure, Tabland } from '#api/types.ts'
import type { KernelName } from '#graph/graph-ranker.ts'
import type { KernelTiming } from '#graph/rank-bench.ts'
import { failureOf, isAbort } from './failure.ts'

export interface RankPanelView {
  /** kernel that ranks because it was asked to here */
  readonly ranking: KernelName | undefined
  readonly measuring: boolean
  /** of the last measurement; stays while another runs */
  readonly timings?: readonly KernelTiming[]
  readonly failure?: Failure
}

export interface RankStore {
  readonly view: ReadonlySignal<RankPanelView>
  /** Ranks again by one kernel; the result is in the graph's state, a failure in `view`. */
  rank(kernel: KernelName): Promise<void>
  measure(): Promise<void>
  stop(): void
}

/** What the rank panel was asked to do, and what came of it. */
export function createRankStore(tabland: Promise<Pick<Tabland, 'rank'>>): RankStore {
  const view = signal<RankPanelView>({ ranking: undefined, measuring: false })
  const stopping = new AbortController()
  const { signal: stopped } = stopping

  const attempt = async (work: (rank: Tabland['rank']) => Promise<void>): Promise<void> => {
    try {
      await work((await tabland).rank)
    } catch (error) {
      if (!stopped.aborted && !isAbort(error)) view.value = { ...view.value, failure: failureOf(error) }
    }
  }

  const begin = (change: Partial<RankPanelView>): void => {
    const { failure: _, ...rest } = view.value
    view.value = { ...rest, ...change }
  }

  return {
    view,
    async rank(kernel) {
      if (view.value.ranking !== undefined) return
      begin({ ranking: kernel })
      await attempt(async (rank) => void (await rank.compute({ kernel, signal: stopped })))
      view.value = { ...view.value, ranking: undefined }
    },
    async measure() {
      if (view.value.measuring) return
      begin({ measuring: true })
      await attempt(async (rank) => {
        view.value = { ...view.value, timings: await rank.bench({ signal: stopped }) }
      })
      view.value = { ...view.value, measuring: false }
    },
    stop() {
      stopping.abort()
    },
  }
}
