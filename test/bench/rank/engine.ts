import type { CsrGraph } from '#graph/rank-csr.ts'

/** One run of an engine over a graph. */
export interface EngineRun {
  /** processor time of one thread; of the iterations alone where they can be told apart, else of the whole call */
  readonly msPerIteration: number
  /** f64[N], shares of all rank */
  readonly ranks: Float64Array
  /** what it holds while it iterates, when known */
  readonly bytes: number | undefined
}

export interface Engine {
  readonly name: string
  /** what its time includes or its numbers are, for the table */
  readonly note: string
  /** Σ|p − p'| by which its shares may differ from the exact ones of the same iterations */
  readonly tolerance: number
  /** takes so long to read a graph that one round must do */
  readonly isSlow?: true
  run(): Promise<EngineRun>
}

/** What engines rank. */
export interface Task {
  readonly csr: CsrGraph
  /** the same as a file */
  readonly path: string
  readonly iterations: number
  /** between Σ|p' − p| of the last iteration and of the one before: rivals that stop by themselves stop there */
  readonly epsilon: number
}
