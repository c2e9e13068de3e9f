import { describe, expect, it } from 'vitest'
import { createFairScheduler, type Outlet, type Rates } from '#relay/circuits/fair-scheduler.ts'

const LIFTED: Rates = {
  peer: Number.POSITIVE_INFINITY,
  address: Number.POSITIVE_INFINITY,
  total: Number.POSITIVE_INFINITY,
}

/** A scheduler whose time passes only in `run`. */
function start(rates: Partial<Rates>) {
  let time = 0
  const timers = new Set<{ readonly at: number; readonly task: () => void }>()
  const scheduler = createFairScheduler({
    rates: { ...LIFTED, ...rates },
    now: () => time,
    setTimer(task, ms) {
      const timer = { at: time + ms, task }
      timers.add(timer)
      return () => timers.delete(timer)
    },
  })
  return {
    scheduler,
    timers,
    run(ms: number) {
      const end = time + ms
      for (let steps = 0; steps < 1_000_000; steps++) {
        const [next] = [...timers].sort((a, b) => a.at - b.at)
        if (next === undefined || next.at > end) break
        timers.delete(next)
        time = Math.max(time, next.at)
        next.task()
      }
      time = end
    },
  }
}

/** Sends for ever, or as long as `left` lasts. */
function source(left = Number.POSITIVE_INFINITY): Outlet & { sent: number } {
  return {
    sent: 0,
    isReady() {
      return this.sent < left
    },
    send(maxBytes) {
      const bytes = Math.min(maxBytes, left - this.sent)
      this.sent += bytes
      return bytes
    },
  }
}

describe('[RE3] fair scheduler', () => {
  it.each([
    [1, 1],
    [1, 2],
    [1, 10],
    [7, 3],
  ])('two peers that saturate with %i and %i circuits get half each', (a, b) => {
    const { scheduler, run } = start({ total: 1_000_000 })
    const sums = [a, b].map((count, i) => {
      const outlets = Array.from({ length: count }, () => source())
      for (const outlet of outlets) scheduler.enter(`peer ${i}`, 'address').wake(outlet)
      return () => outlets.reduce((sum, { sent }) => sum + sent, 0)
    })
    run(10_000)
    const [first = 0, second = 0] = sums.map((sum) => sum())
    expect(first / (first + second)).toBeCloseTo(0.5, 1)
    expect(first + second).toBeGreaterThan(9_900_000)
    expect(first + second).toBeLessThan(10_200_000)
  })

  it('what one peer does not want is for the others', () => {
    const { scheduler, run } = start({ total: 1_000_000 })
    const [modest, greedy] = [source(200_000), source()]
    scheduler.enter('modest', 'a').wake(modest)
    scheduler.enter('greedy', 'b').wake(greedy)
    run(10_000)
    expect(modest.sent).toBe(200_000)
    expect(greedy.sent).toBeGreaterThan(9_600_000)
  })

  it('keeps the rates of a peer and of an address, each exactly over time', () => {
    const { scheduler, run } = start({ peer: 100_000, address: 150_000 })
    const outlets = ['a', 'a', 'b'].map((address, i) => {
      const outlet = source()
      scheduler.enter(`peer ${i}`, address).wake(outlet)
      return outlet
    })
    run(20_000)
    const [first = 0, second = 0, alone = 0] = outlets.map(({ sent }) => sent / 20)
    expect(alone / 100_000).toBeCloseTo(1, 1)
    expect((first + second) / 150_000).toBeCloseTo(1, 1)
    expect(first / second).toBeCloseTo(1, 1)
  })

  it('lets a newcomer send at once beside peers that wait for their own rate', () => {
    const { scheduler, run } = start({ peer: 100_000 })
    scheduler.enter('waiting', 'a').wake(source())
    run(1_000)
    const quick = source(1_000)
    scheduler.enter('quick', 'b').wake(quick)
    expect(quick.sent).toBe(1_000)
  })

  it('does not ask a receiver that is full until it is woken, nor one that left', () => {
    const { scheduler, run, timers } = start({ total: 1_000_000 })
    const outlet = source(10)
    const flow = scheduler.enter('peer', 'address')
    flow.wake(outlet)
    run(1_000)
    expect([outlet.sent, timers.size]).toEqual([10, 0])
    expect(scheduler.circuitsOf('address')).toBe(1)
    flow.leave(outlet)
    expect(scheduler.circuitsOf('address')).toBe(0)
    const gone = source()
    const flows = [scheduler.enter('peer', 'address'), scheduler.enter('other', 'address')] as const
    flows[1].wake(source())
    flows[0].wake(gone)
    flows[0].leave(gone)
    const before = gone.sent
    run(1_000)
    expect(gone.sent).toBe(before)
  })

  it('leaves the event loop its turn when nothing limits', () => {
    const { scheduler, timers } = start({})
    const outlet = source()
    scheduler.enter('peer', 'address').wake(outlet)
    expect(outlet.sent).toBeLessThan(1_000_000)
    expect(timers.size).toBe(1)
    scheduler.stop()
    expect(timers.size).toBe(0)
  })
})
