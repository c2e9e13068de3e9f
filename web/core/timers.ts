/** Time as pure code sees it: somebody else's. */
export interface Timers {
  /** Runs `task` once after `ms`; the returned function takes it back. */
  after(ms: number, task: () => void): () => void
}
