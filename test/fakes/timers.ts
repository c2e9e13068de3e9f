import type { Timers } from '#core/timers.ts'

export interface FakeTimers extends Timers {
  /** ms since the start */
  readonly elapsedMs: number
  /** Lets time pass, running what falls due on the way, in order. */
  advance(ms: number): void
  /** Time passes without anything being run, as in a frozen tab; what fell due is run at the next `advance`. */
  sleep(ms: number): void
  /** tasks that wait */
  readonly pending: number
}

/** Time that passes at once, for tests of other things than waits. */
export const hastyTimers: Timers = {
  after(_, task) {
    const id = setImmediate(task)
    return () => clearImmediate(id)
  },
}

/** Time that passes when told. */
export function createFakeTimers(): FakeTimers {
  let elapsedMs = 0
  let next = 0
  const tasks = new Map<number, { at: number; task: () => void }>()
  return {
    get elapsedMs() {
      return elapsedMs
    },
    get pending() {
      return tasks.size
    },
    after(ms, task) {
      const id = next++
      tasks.set(id, { at: elapsedMs + ms, task })
      return () => {
        tasks.delete(id)
      }
    },
    sleep(ms) {
      elapsedMs += ms
    },
    advance(ms) {
      const end = elapsedMs + ms
      for (;;) {
        const due = [...tasks]
          .filter(([, { at }]) => at <= end)
          .sort((a, b) => a[1].at - b[1].at || a[0] - b[0])[0]
        if (due === undefined) break
        tasks.delete(due[0])
        elapsedMs = Math.max(elapsedMs, due[1].at)
        due[1].task()
      }
      elapsedMs = end
    },
  }
}
