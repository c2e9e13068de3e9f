import { type ELDHistogram, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import { LAG_RESOLUTION_MS, LAG_WINDOW_MS } from './limits.ts'

/** What this process uses now, and has used since it started. */
export interface ProcessStats {
  readonly rssBytes: number
  readonly cpuSeconds: number
  readonly uptimeSeconds: number
  readonly heapUsedBytes: number
  readonly heapTotalBytes: number
  /** since the meter was started */
  readonly gcSeconds: number
  readonly lag: EventLoopLag
}

/** How late timers came in the last LAG_WINDOW_MS to twice that, seconds. */
export interface EventLoopLag {
  readonly median: number
  readonly p99: number
  readonly max: number
}

export interface ProcessMeter {
  read(): ProcessStats
  start(): void
  stop(): void
}

/** Reading it changes nothing, so that any number of Prometheus servers may ask. */
export function createProcessMeter(): ProcessMeter {
  const histogram = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS })
  let before: EventLoopLag = { median: 0, p99: 0, max: 0 }
  let gcMs = 0
  let timer: ReturnType<typeof setInterval> | undefined
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) gcMs += duration
  })

  return {
    read() {
      const { user, system } = process.cpuUsage()
      const { rss, heapUsed, heapTotal } = process.memoryUsage()
      return {
        rssBytes: rss,
        cpuSeconds: (user + system) / 1e6,
        uptimeSeconds: process.uptime(),
        heapUsedBytes: heapUsed,
        heapTotalBytes: heapTotal,
        gcSeconds: gcMs / 1_000,
        lag: larger(before, lagOf(histogram)),
      }
    },
    start() {
      observer.observe({ entryTypes: ['gc'] })
      histogram.enable()
      timer ??= setInterval(() => {
        before = lagOf(histogram)
        histogram.reset()
      }, LAG_WINDOW_MS).unref()
    },
    stop() {
      clearInterval(timer)
      timer = undefined
      histogram.disable()
      observer.disconnect()
    },
  }
}

function lagOf(histogram: ELDHistogram): EventLoopLag {
  if (histogram.count === 0) return { median: 0, p99: 0, max: 0 }
  // It records the time between two timers, in ns.
  const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - LAG_RESOLUTION_MS / 1_000)
  return {
    median: late(histogram.percentile(50)),
    p99: late(histogram.percentile(99)),
    max: late(histogram.max),
  }
}

function larger(a: EventLoopLag, b: EventLoopLag): EventLoopLag {
  return {
    median: Math.max(a.median, b.median),
    p99: Math.max(a.p99, b.p99),
    max: Math.max(a.max, b.max),
  }
}
