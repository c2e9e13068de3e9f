import { describe, expect, it } from 'vitest'
import { createTokenBucket } from '#core/token-bucket.ts'
import { createFakeTimers } from '#test/fakes/timers.ts'

const KIB = 1024

function setup(rate?: number) {
  const timers = createFakeTimers()
  const bucket = createTokenBucket({ timers, now: () => timers.elapsedMs })
  if (rate !== undefined) bucket.setRate(rate)
  /** Lets time pass in small steps, with a turn for promises after each. */
  const pass = async (ms: number) => {
    for (let at = 0; at < ms; at += 10) {
      timers.advance(10)
      await Promise.resolve()
      await Promise.resolve()
    }
  }
  return { timers, bucket, pass }
}

describe('token bucket', () => {
  it('[SE4] lets a rate through within 10 %, block by block', async () => {
    for (const rate of [100_000, 500_000, 5_000_000]) {
      const { bucket, pass } = setup(rate)
      let bytes = 0
      let stopped = false
      const flow = (async () => {
        while (!stopped) {
          await bucket.take(256 * KIB)
          bytes += 256 * KIB
        }
      })()
      await pass(60_000)
      expect(bytes / 60 / rate).toBeGreaterThan(0.9)
      expect(bytes / 60 / rate).toBeLessThan(1.1)
      stopped = true
      bucket.setRate(undefined)
      await flow
    }
  })

  it('passes an item larger than what it saves: nothing waits for ever', async () => {
    const { bucket, pass } = setup(1_000)
    let passed = 0
    for (let i = 0; i < 2; i++) void bucket.take(2_000_000).then(() => passed++)
    await pass(200)
    expect(passed).toBe(1)
    await pass(2_000_000)
    expect(passed).toBe(2)
  })

  it('lets small records go before what is large, and counts them', async () => {
    const { bucket, pass } = setup(100_000)
    const order: string[] = []
    for (let i = 0; i < 3; i++) void bucket.take(256 * KIB).then(() => order.push('large'))
    void bucket.take(1_000).then(() => order.push('small'))
    await pass(100)
    expect(order).toEqual(['small', 'large'])
    await pass(2_000)
    expect(order).toEqual(['small', 'large'])
    await pass(1_000)
    expect(order).toEqual(['small', 'large', 'large'])
  })

  it('lets a flood of small records starve nothing', async () => {
    const { bucket, pass, timers } = setup(10_000)
    let large = 0
    void bucket.take(256 * KIB)
    void bucket.take(256 * KIB).then(() => large++)
    let small = 0
    for (let at = 0; at < 120_000; at += 10) {
      if (at % 50 === 0) void bucket.take(2_000).then(() => small++)
      await pass(10)
    }
    expect(large).toBe(1)
    // 20 records of 2,000 bytes a second are four times the rate
    const sent = small * 2_000 + 2 * 256 * KIB
    expect(sent / (timers.elapsedMs / 1_000)).toBeLessThan(11_000)
  })

  it('a lifted cap lets everything go at once, a new one holds from then on', async () => {
    const { bucket, pass } = setup(1_000)
    let passed = 0
    for (let i = 0; i < 5; i++) void bucket.take(100_000).then(() => passed++)
    await pass(100)
    expect(passed).toBeLessThanOrEqual(1)
    bucket.setRate(undefined)
    await pass(10)
    expect(passed).toBe(5)
    expect(bucket.waitMs()).toBe(0)
    bucket.setRate(1_000_000)
    bucket.charge(1_000_000)
    expect(bucket.waitMs()).toBeGreaterThan(900)
  })

  it('gives up its place at an abort, with the abort’s own reason', async () => {
    const { bucket, pass } = setup(1_000)
    const stop = new AbortController()
    const reason = new Error('stop')
    void bucket.take(10_000)
    const aborted = bucket.take(10_000, stop.signal)
    let after = false
    void bucket.take(10_000).then(() => {
      after = true
    })
    stop.abort(reason)
    await expect(aborted).rejects.toBe(reason)
    await pass(11_000)
    expect(after).toBe(true)
    await expect(bucket.take(1, stop.signal)).rejects.toBe(reason)
  })
})
