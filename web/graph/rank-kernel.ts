/**
 * The plug point of rank engines ([KG12]): WebGPU, AssemblyScript and plain TypeScript give the same bits.
 * The graph is prepared once (`web/graph/rank-graph.ts`), then iterated by any kernel.
 */

/**
 * A graph whose links were folded into virtual sources ([KG8]); all arrays are owned by it and never written again.
 * Each particle has a row. Rows are numbered by links in, most first, when a graph is built from nothing, and new ones
 * follow when it grows: no rank depends on the order, only the speed does.
 */
export interface RankGraph {
  /** N, below 2³¹ */
  readonly particles: number
  /** links that carry weight */
  readonly links: number
  /** u32[N]: the particle of each row */
  readonly order: Uint32Array
  /** u32[V]: the row of the particle that virtual source v stands at */
  readonly sources: Uint32Array
  /** u64[V]: f_v, little-endian pairs on every engine we run on */
  readonly weights: BigUint64Array
  /** u32[N + 1]: links into row j are columns[rows[j]..rows[j + 1]) */
  readonly rows: Uint32Array
  /** u32[links]: the virtual source of each link, grouped by destination */
  readonly columns: Uint32Array
}

export interface RankOptions {
  /** fixed number of iterations (0 gives r⁰) instead of the stop rule [KG10] */
  readonly iterations?: number
  readonly signal?: AbortSignal
  /** Costs a pass over the particles in each iteration, on a GPU a wait too. */
  readonly onIteration?: (iteration: number, delta: bigint) => void
  /** Told only when δ is computed anyway: at the checks of the stop rule ([KG10]) and at the end. */
  readonly onCheck?: (iteration: number, delta: bigint) => void
  /**
   * Awaited between iterations, so that a worker hears its messages and a tab draws; this folder has no timers.
   * Without it iterations run back to back and `signal` is heard only if something else aborts it meanwhile.
   */
  readonly pause?: () => Promise<void>
}

export interface Rank {
  /** u64[N], units of 2⁻⁶² */
  readonly ranks: BigUint64Array
  readonly iterations: number
  /** δ of the last iteration ([KG10]); 0 when none ran */
  readonly delta: bigint
}

export interface RankKernel {
  readonly name: 'ts' | 'wasm' | 'webgpu'
  rank(graph: RankGraph, options?: RankOptions): Promise<Rank>
}
