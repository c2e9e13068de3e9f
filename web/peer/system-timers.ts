import type { Timers } from '#core/timers.ts'

/** Real time, in a page, a worker or Node.js. */
export const systemTimers: Timers = {
  after(ms, task) {
    const id = setTimeout(task, ms)
    return () => clearTimeout(id)
  },
}
