import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createProcessMeter } from '#relay/process-meter.ts'

/** Holds the event loop up. */
function block(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

it('tells how late timers came, however often it is asked', async () => {
  const meter = createProcessMeter()
  meter.start()
  try {
    const idle = meter.read()
    expect(idle.heapUsedBytes).toBeLessThanOrEqual(idle.heapTotalBytes)
    expect(idle.heapTotalBytes).toBeLessThanOrEqual(idle.rssBytes)
    // The first sample is only the beginning of the second.
    await expect
      .poll(async () => {
        block(200)
        await setImmediate()
        return meter.read().lag.max
      })
      .toBeGreaterThan(0.1)
    expect(meter.read().lag.max).toBeGreaterThan(0.1)
    const { lag } = meter.read()
    expect(lag.median).toBeLessThanOrEqual(lag.p99)
    expect(lag.p99).toBeLessThanOrEqual(lag.max)
  } finally {
    meter.stop()
  }
})

it('adds up the time of garbage collection', async () => {
  const meter = createProcessMeter()
  meter.start()
  try {
    await expect
      .poll(() => {
        Array.from({ length: 200_000 }, (_, i) => ({ i }))
        return meter.read().gcSeconds
      })
      .toBeGreaterThan(0)
  } finally {
    meter.stop()
  }
})
