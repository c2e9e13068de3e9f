import { describe, expect, it } from 'vitest'
import { concat } from '#core/bytes.ts'
import { IndexKeeper, type IndexState } from '#graph/index-keeper.ts'
import { LinkGraph } from '#graph/link-graph.ts'
import { createGraph, fill } from '#test/fakes/graph.ts'

const PAIRS = [
  ['moon', 'night'],
  ['moon', 'sea'],
  ['sea', 'night'],
] as const

function digest(number: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(32)
  new DataView(bytes.buffer).setUint32(0, number)
  return bytes
}

/** A hub and `links` particles that it leads to, with a link back from each tenth. */
function hub(links: number): LinkGraph {
  const graph = new LinkGraph()
  const ends = Array.from({ length: links }, (_, i) =>
    i % 10 === 9 ? [digest(i), digest(0)] : [digest(0), digest(i + 1)],
  )
  graph.addBatch({
    ...{ neuron: new Uint8Array(20), device: digest(1), seq: 0, timeUs: 1 },
    ends: concat(...ends.flat()),
  })
  return graph
}

describe('[KG22] the index of searches', () => {
  it('[KG22] can be switched off: links count and are ranked, searches say why they find nothing', async () => {
    const { graph, store, statuses, watching } = createGraph()
    await watching
    await fill(graph, PAIRS)
    const before = await graph.compute()
    await graph.setIndex(false)
    expect(statuses.at(-1)?.index).toEqual({ isOn: false, done: 0, total: 3 })
    for (const search of [graph.search('moon'), graph.backlinks('sea'), graph.suggest('mo')]) {
      await expect(search).rejects.toMatchObject({ code: 'SEARCH_OFF' })
    }
    await fill(graph, [['tide', 'sea']], 2)
    const after = await graph.compute()
    expect([before.links, after.links]).toEqual([3, 4])
    expect((await graph.top({ limit: 1 })).results).toHaveLength(1)

    // for this profile, not for this page alone
    const again = createGraph({ store })
    await again.watching
    await again.graph.load()
    expect(again.statuses.at(-1)).toMatchObject({ links: 4, index: { isOn: false, done: 0, total: 4 } })
    await again.graph.setIndex(true)
    expect(again.statuses.at(-1)?.index).toEqual({ isOn: true, done: 4, total: 4 })
    expect(await again.graph.search('moon')).toMatchObject({ total: 2 })
    expect(store.map.has('index/off')).toBe(false)
  })

  it('[KG22] is made of the links that are there in the background, with progress', async () => {
    const graph = hub(50_000)
    const states: IndexState[] = []
    let pauses = 0
    const keeper = new IndexKeeper({
      pause: async () => {
        pauses++
        // another batch comes meanwhile
        if (pauses === 1) graph.addBatch({ ...BATCH, ends: concat(digest(70_000), digest(0)) })
      },
      onProgress: (state) => states.push(state),
    })
    keeper.follow(graph)
    expect(keeper.state).toMatchObject({ total: graph.links })
    expect(keeper.state.done).toBeLessThan(graph.links)
    await keeper.set(true)
    expect(pauses).toBeGreaterThan(1)
    expect(states.map(({ done }) => done)).toEqual([...states.map(({ done }) => done)].sort((a, b) => a - b))
    expect(states.at(-1)).toEqual({ isOn: true, done: graph.links, total: graph.links })
    const whole = hub(50_000)
    whole.addBatch({ ...BATCH, ends: concat(digest(70_000), digest(0)) })
    whole.index.advance()
    expect([...graph.index.outOf(0)]).toEqual([...whole.index.outOf(0)])
    expect([...graph.index.into(0)]).toEqual([...whole.index.into(0)])
    expect(graph.index.ofNeuron(BATCH.neuron)).toHaveLength(graph.links)
  })

  it('[KG22] that is switched off half way stops there and lets go of what it has', async () => {
    const graph = hub(50_000)
    const keeper = new IndexKeeper({ pause: () => keeper.set(false), onProgress: () => {} })
    keeper.follow(graph)
    await Promise.resolve()
    expect(graph.index.done).toBe(0)
    expect(keeper.state.isOn).toBe(false)
    expect(() => keeper.assertOn()).toThrowError(expect.objectContaining({ code: 'SEARCH_OFF' }))
  })
})

const BATCH = { neuron: new Uint8Array(20), device: digest(1), seq: 1, timeUs: 2 }
