import { toHex } from '#core/bytes.ts'
import type { Timers } from '#core/timers.ts'
import type { LinkGraph } from './link-graph.ts'
import type { LinkPasses } from './link-passes.ts'
import { benchKernels, type KernelTiming } from './rank-bench.ts'
import { hashRanksInOrder } from './rank-digest.ts'
import type { DroppedKernel } from './rank-fallback.ts'
import type { RankKernel } from './rank-kernel.ts'

/** What a finished rank was and took. */
export interface RankReport {
  readonly kernel: string
  readonly particles: number
  readonly links: number
  readonly iterations: number
  /** for all of it: putting the graph in order, iterating, hashing */
  readonly ms: number
  /** for the iterations alone */
  readonly iterateMs: number
  /** δ / 2⁶² of each check of the stop rule ([KG10]): 20 at most */
  readonly convergence: readonly { readonly iteration: number; readonly delta: number }[]
  /** unix ms of its end */
  readonly at: number
  /** SHA-256 over LE64 ranks in order of the particles' digests: equal in tabs that hold the same links */
  readonly ranksSha256: string
  /** kernels that failed or gave wrong ranks, and are not used any more ([KG12]) */
  readonly dropped: readonly DroppedKernel[]
}

/** One rank of the graph, read by local particle number. It is kept while cursors may point at it. */
export interface RankView {
  /** names it in cursors */
  readonly id: string
  /** units of 2⁻⁶²; 0 for particles that are newer than it */
  rankOf(particle: number): bigint
  /** particles by rank descending, then digest; without those of rank 0 */
  top(): Uint32Array
}

export type KernelName = RankKernel['name']

export interface GraphRankerComponents {
  /** the kernel that is asked for, or the fastest that works */
  readonly kernel: (name?: KernelName) => RankKernel | Promise<RankKernel>
  /** kernels that `kernel` dropped so far */
  readonly dropped: readonly DroppedKernel[]
  /** what graphs are built by @default plain TypeScript */
  readonly passes?: () => Promise<LinkPasses>
  readonly timers: Timers
  /** unix ms */
  readonly now: () => number
  readonly graph: () => LinkGraph
  readonly onRank: (report: RankReport) => void
  readonly onFailure: (error: unknown) => void
  /** lets other work in while a rank runs @default never */
  readonly pause?: () => Promise<void>
}

/** A first link is ranked while its maker still looks; more of them within this time share one rank. */
const DEBOUNCE_MS = 300
/** Ranks take at most a sixth of the time while links keep coming: the rest of the worker's is for checking them. */
const REST_FACTOR = 5
/** Ranks that cursors can still point at: a person turns pages within a few ranks. */
const MAX_VIEWS = 4

const VIEW_ID_DIGITS = 16

/** M of [KG7] */
const RANK_MASS = 2 ** 62

const NO_VIEW: RankView = { id: '0', rankOf: () => 0n, top: () => new Uint32Array(0) }

/** Ranks the graph after it changed ([KG9]), each time from a cold start ([KG10]), and keeps the last few ranks. */
export class GraphRanker {
  readonly #components: GraphRankerComponents
  #views: readonly RankView[] = []
  #graph: LinkGraph | undefined
  #cancel: (() => void) | undefined
  #running: Promise<RankReport> | undefined
  #dirty = false
  #lastMs = 0
  #endedAt = 0
  #stopped = false

  constructor(components: GraphRankerComponents) {
    this.#components = components
  }

  /** The newest rank; all ranks are 0 before the first. */
  get current(): RankView {
    return this.#views[0] ?? NO_VIEW
  }

  /** The rank that a cursor was made of, or the newest one when it is gone. */
  view(id: string): RankView {
    return this.#views.find((view) => view.id === id) ?? this.current
  }

  /** Says that links were added: a rank follows soon. */
  schedule(): void {
    if (this.#stopped) return
    this.#dirty = true
    if (this.#cancel !== undefined || this.#running !== undefined) return
    const { timers, now } = this.#components
    const rested = now() - this.#endedAt
    this.#cancel = timers.after(Math.max(DEBOUNCE_MS, REST_FACTOR * this.#lastMs - rested), () => {
      this.#cancel = undefined
      this.compute().catch(this.#components.onFailure)
    })
  }

  /** Ranks now. Whoever asks during a rank waits for it and gets one of the graph as it is then. */
  async compute(kernel?: KernelName): Promise<RankReport> {
    this.#cancel?.()
    this.#cancel = undefined
    while (this.#running !== undefined) await this.#running.catch(() => {})
    this.#dirty = false
    this.#running = this.#run(kernel)
    try {
      return await this.#running
    } finally {
      this.#running = undefined
      if (this.#dirty) this.schedule()
    }
  }

  /** Times each kernel on the graph as it is; a rank that is due meanwhile shares the time. */
  async bench(): Promise<readonly KernelTiming[]> {
    const passes = await this.#components.passes?.()
    return benchKernels(this.#components.graph().rankGraph(passes), this.#components)
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
    this.#cancel = undefined
  }

  async #run(name?: KernelName): Promise<RankReport> {
    const { now, onRank, pause } = this.#components
    const graph = this.#components.graph()
    const start = now()
    const kernel = await this.#components.kernel(name)
    const rankGraph = graph.rankGraph(await this.#components.passes?.())
    const { links } = graph
    const convergence: { readonly iteration: number; readonly delta: number }[] = []
    const begun = now()
    const { ranks, iterations } = await kernel.rank(rankGraph, {
      onCheck: (iteration, delta) => {
        // a kernel that was lost is followed by another one that begins again
        if (iteration <= (convergence.at(-1)?.iteration ?? 0)) convergence.length = 0
        convergence.push({ iteration, delta: Number(delta) / RANK_MASS })
      },
      ...(pause === undefined ? {} : { pause }),
    })
    const iterateMs = now() - begun
    const ranksSha256 = await hashRanksOf(graph, ranks)
    const ms = now() - start
    this.#lastMs = ms
    this.#endedAt = start + ms
    this.#publish(graph, createView(graph, ranks, ranksSha256))
    // a fork made the graph anew meanwhile
    if (this.#components.graph() !== graph) this.renumber(graph, this.#components.graph())
    const report = {
      kernel: kernel.name,
      particles: rankGraph.particles,
      links,
      iterations,
      ms,
      iterateMs,
      convergence,
      at: start + ms,
      ranksSha256,
      dropped: [...this.#components.dropped],
    }
    onRank(report)
    return report
  }

  #publish(graph: LinkGraph, view: RankView): void {
    const older = this.#graph === graph ? this.#views.filter(({ id }) => id !== view.id) : []
    this.#graph = graph
    this.#views = [view, ...older].slice(0, MAX_VIEWS)
  }

  /** The graph was made anew, with other numbers: the newest rank is carried over, cursors fall back to it. */
  renumber(old: LinkGraph, graph: LinkGraph): void {
    const view = this.current
    const ranks = new BigUint64Array(graph.particles.size)
    for (let particle = 0; particle < ranks.length; particle++) {
      const before = old.particles.find(graph.particles.digest(particle))
      if (before !== undefined) ranks[particle] = view.rankOf(before)
    }
    this.#graph = graph
    this.#views = [createView(graph, ranks, view.id)]
  }
}

/** SHA-256 over the ranks of a graph in order of its particles' digests, hexadecimal: equal wherever its links are. */
export async function hashRanksOf({ particles }: LinkGraph, ranks: BigUint64Array): Promise<string> {
  // those that came since have the highest numbers and no rank
  const order = particles.sorted()
  const ranked = order.length === ranks.length ? order : order.filter((particle) => particle < ranks.length)
  return toHex(await hashRanksInOrder(ranks, ranked))
}

/**
 * Ranks by local number, to be read.
 *
 * @param ranksSha256 the view's id begins as it does
 */
export function createView(graph: LinkGraph, ranks: BigUint64Array, ranksSha256: string): RankView {
  let top: Uint32Array | undefined
  return {
    id: ranksSha256.slice(0, VIEW_ID_DIGITS),
    rankOf: (particle) => ranks[particle] ?? 0n,
    top() {
      top ??= sortByRank(graph, ranks)
      return top
    },
  }
}

function sortByRank(graph: LinkGraph, ranks: BigUint64Array): Uint32Array {
  // doubles decide almost always and compare much faster than bigints
  const rough = Float64Array.from(ranks, Number)
  const order = Uint32Array.from(rough, (_, particle) => particle)
  const ranked = order.filter((particle) => rough[particle]! > 0)
  return ranked.sort((a, b) => rough[b]! - rough[a]! || compareExactly(graph, ranks, a, b))
}

function compareExactly(graph: LinkGraph, ranks: BigUint64Array, a: number, b: number): number {
  const left = ranks[a]!
  const right = ranks[b]!
  if (left !== right) return left < right ? 1 : -1
  return graph.particles.compare(a, b)
}
