/** Time as pure code sees it: somebody else's. */
export interface Timers {
  /** Runs `task` once after `ms`; the returned function takes it back. */
  after(ms: number, task: () => void): () => void
}

/** Runs `task` again and again, each time `ms` after the last; the returned function ends that. */
export function every(timers: Timers, ms: number, task: () => void): () => void {
  let cancel = timers.after(ms, run)
  function run(): void {
    cancel = timers.after(ms, run) // first, so that a task that throws, or ends the series, is right
    task()
  }
  return () => cancel()
}
