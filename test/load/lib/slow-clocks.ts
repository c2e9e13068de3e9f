/**
 * Lets all clocks and timers of this process run so many times slower, until the function it returns is called. One
 * thread that does the work of many machines has as many times less of it for each second of theirs.
 */
export function slowClocks(times: number): () => void {
  const { setTimeout, setInterval } = globalThis
  const dateNow = Date.now
  const performanceNow = performance.now
  const timeout = AbortSignal.timeout
  const [date, steady] = [Date.now(), performance.now()]

  globalThis.setTimeout = Object.assign(
    (run: () => void, ms = 0, ...args: unknown[]) => setTimeout(run, ms * times, ...(args as [])),
    setTimeout,
  )
  globalThis.setInterval = Object.assign(
    (run: () => void, ms = 0, ...args: unknown[]) => setInterval(run, ms * times, ...(args as [])),
    setInterval,
  )
  performance.now = () => steady + (performanceNow.call(performance) - steady) / times
  Date.now = () => Math.round(date + (performanceNow.call(performance) - steady) / times)
  AbortSignal.timeout = (ms) => timeout.call(AbortSignal, ms * times)

  return () => {
    Object.assign(globalThis, { setTimeout, setInterval })
    performance.now = performanceNow
    Date.now = dateNow
    AbortSignal.timeout = timeout
  }
}
