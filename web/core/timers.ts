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

export interface Paced {
  /** At once, or when the pause since the last run is over. */
  run(): void
  /** for good: nothing is run after it, whoever still asks */
  stop(): void
}

/** `task` at most once in `ms`, however often it is asked for; the last call is never lost. */
export function paced(timers: Timers, ms: number, task: () => void): Paced {
  let cancel: (() => void) | undefined
  let again = false
  function pause(): void {
    cancel = timers.after(ms, () => {
      cancel = undefined
      if (!again) return
      again = false
      pause()
      task()
    })
  }
  return {
    run() {
      if (cancel !== undefined) {
        again = true
        return
      }
      pause()
      task()
    },
    stop() {
      cancel?.()
      cancel = () => {} // a pause that never ends
    },
  }
}
