import type { LinkPasses } from '../link-passes.ts'
import type { RankKernel } from '../rank-kernel.ts'
import type { MachineState, Snapshot } from './machine-state.ts'
import type { MachineStore, StoredRank } from './machine-store.ts'

export interface RankComputationComponents {
  readonly store: Pick<MachineStore, 'putComputed'>
  /** the fastest that works, asked for each rank */
  readonly kernel: () => RankKernel | Promise<RankKernel>
  /** what graphs are built by @default plain TypeScript */
  readonly passes?: (() => Promise<LinkPasses>) | undefined
  /** lets other work in while a rank runs @default never */
  readonly pause?: (() => Promise<void>) | undefined
  /** hears of ranks that failed, or could not be kept: the block that needs them tries again */
  readonly onFailure: (error: unknown) => void
}

/** [KG18] The rank of the next context, while it is computed and until it is submitted. */
export interface RankComputation {
  /** height of the block whose graph it is of */
  readonly snapshot: number
  readonly isDone: boolean
  /** Waits for it; a rank that failed is computed again. */
  result(): Promise<StoredRank>
}

/** Ranks a snapshot from a cold start ([KG10]), beside the blocks that follow it, and keeps the result ([KG19]). */
export function startRank(
  state: MachineState,
  snapshot: Snapshot,
  { store, kernel, passes, pause, onFailure }: RankComputationComponents,
): RankComputation {
  let isDone = false

  async function compute(): Promise<StoredRank> {
    const { ranks } = await (await kernel()).rank(
      state.rankGraph(snapshot, await passes?.()),
      pause === undefined ? {} : { pause },
    )
    const rank = { snapshot: snapshot.height, ranks }
    // a rank that could not be kept holds all the same; after a crash it is computed again
    await store.putComputed(rank).catch(onFailure)
    isDone = true
    return rank
  }

  const first = compute()
  first.catch(onFailure)
  return {
    snapshot: snapshot.height,
    get isDone() {
      return isDone
    },
    result: () => first.catch(compute),
  }
}

/** A rank that had been completed before a restart. */
export function completedRank(rank: StoredRank): RankComputation {
  return { snapshot: rank.snapshot, isDone: true, result: async () => rank }
}
