import { describe, expect, it } from 'vitest'
import { iterateRank, type RankRun } from '#graph/rank-iterate.ts'

interface CountedRun extends RankRun {
  readonly calls: { advance: number; delta: number }
}

/** A run whose δ after iteration t is `deltaAt(t)`. */
function createRun(deltaAt: (iteration: number) => bigint): CountedRun {
  const calls = { advance: 0, delta: 0 }
  return {
    calls,
    advance() {
      calls.advance++
    },
    delta() {
      calls.delta++
      return deltaAt(calls.advance)
    },
    ranks: () => BigUint64Array.of(BigInt(calls.advance)),
  }
}

describe('[KG10] stop rule', () => {
  it('stops at the first eighth iteration with δ ≤ 2³⁰, not at one between', async () => {
    const run = createRun((t) => (t >= 18 ? 2n ** 30n : 2n ** 30n + 1n))
    expect(await iterateRank(run)).toMatchObject({ iterations: 24, delta: 2n ** 30n })
    expect(run.calls).toEqual({ advance: 24, delta: 3 })
  })

  it('gives up at 160', async () => {
    const run = createRun(() => 2n ** 63n)
    expect(await iterateRank(run)).toMatchObject({ iterations: 160, delta: 2n ** 63n })
  })

  it('runs a fixed number whatever δ is, and asks for δ at the last only', async () => {
    const run = createRun(() => 0n)
    expect(await iterateRank(run, { iterations: 200 })).toMatchObject({ iterations: 200, delta: 0n })
    expect(run.calls).toEqual({ advance: 200, delta: 1 })
  })

  it('tells every δ to who listens', async () => {
    const told: [number, bigint][] = []
    await iterateRank(createRun(BigInt), { iterations: 3, onIteration: (t, delta) => told.push([t, delta]) })
    expect(told).toEqual([
      [1, 1n],
      [2, 2n],
      [3, 3n],
    ])
  })

  it('[KG10] tells the δ of its checks without asking for more', async () => {
    const told: number[] = []
    const run = createRun((t) => (t < 24 ? 2n ** 40n : 0n))
    await iterateRank(run, { onCheck: (t) => told.push(t) })
    expect(told).toEqual([8, 16, 24])
    expect(run.calls.delta).toBe(3)
  })

  it('hears a signal that aborts in a pause', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const run = createRun(() => 2n ** 63n)
    const pause = async () => {
      if (run.calls.advance === 2) controller.abort(reason)
    }
    await expect(iterateRank(run, { signal: controller.signal, pause })).rejects.toBe(reason)
    expect(run.calls.advance).toBe(2)
  })
})
