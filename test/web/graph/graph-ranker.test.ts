import { expect, it } from 'vitest'
import { GraphRanker } from '#graph/graph-ranker.ts'
import { LinkGraph } from '#graph/link-graph.ts'
import { createTsKernel } from '#graph/rank-reference.ts'
import { fakeIdentity } from '#test/fakes/identity.ts'
import { createFeed, link } from '#test/fakes/links.ts'
import { createFakeTimers } from '#test/fakes/timers.ts'

it('ranks rest five times as long as they take while links come, and not at all after a pause', async () => {
  const graph = new LinkGraph()
  graph.addBatch(await createFeed(await fakeIdentity(1)).next([link('moon', 'night')]))
  const timers = createFakeTimers()
  const ts = createTsKernel()
  let clock = 0
  let ranks = 0
  const pass = (ms: number): void => {
    clock += ms
    timers.advance(ms)
  }
  const kernel: typeof ts = {
    ...ts,
    rank(input, options) {
      clock += 1_000
      return ts.rank(input, options)
    },
  }
  const ranker = new GraphRanker({
    ...{ kernel: () => kernel, timers, now: () => clock, graph: () => graph },
    dropped: [],
    onRank: () => ranks++,
    onFailure: (error) => {
      throw error
    },
  })
  await ranker.compute()
  pass(1_000)
  ranker.schedule()
  pass(3_999)
  await ranker.compute().then(() => expect(ranks).toBe(2)) // whoever asks does not wait
  ranker.schedule()
  pass(4_999)
  expect(timers.pending).toBe(1)
  pass(1)
  expect(timers.pending).toBe(0)
  await ranker.compute()
  pass(60_000)
  ranker.schedule()
  pass(300)
  expect(timers.pending).toBe(0)
  ranker.stop()
})
