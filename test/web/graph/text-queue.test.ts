import { describe, expect, it, vi } from 'vitest'
import { concat } from '#core/bytes.ts'
import { LinkGraph } from '#graph/link-graph.ts'
import { digestKey, ParticleTable } from '#graph/particle-table.ts'
import { TextQueue } from '#graph/text-queue.ts'
import { fakeIdentity } from '#test/fakes/identity.ts'
import { createFeed, digestOf, link } from '#test/fakes/links.ts'

const feed = createFeed(await fakeIdentity(1))
const none = (): boolean => false

async function graphOf(...pairs: readonly (readonly [string, string])[]): Promise<LinkGraph> {
  const graph = new LinkGraph()
  graph.addBatch(await feed.next(pairs.map(([from, to]) => link(from, to))))
  graph.index.advance()
  return graph
}

function numbers(graph: LinkGraph, ...words: readonly string[]): readonly (number | undefined)[] {
  return words.map((word) => graph.particles.find(digestOf(word)))
}

describe('[KG21] texts to ask for', () => {
  it('[KG21] particles with links out come first, whenever they got their first one', async () => {
    const graph = await graphOf(['moon', 'night'], ['sea', 'salt'])
    const queue = new TextQueue()
    expect(queue.take(graph, none, 3)).toEqual(numbers(graph, 'moon', 'sea', 'night'))
    graph.addBatch(await feed.next([link('salt', 'wolf')]))
    graph.index.advance()
    expect(queue.take(graph, none, 9)).toEqual(numbers(graph, 'salt', 'wolf'))
    // all that were asked for in rounds 0 and 1 are due again, those with links out first
    expect(queue.take(graph, none, 9)).toEqual(numbers(graph, 'moon', 'sea', 'salt', 'night', 'wolf'))
  })

  it('[KG21] a round of few leaves the rest for the next; a text that came is not asked for', async () => {
    const graph = await graphOf(['moon', 'night'], ['sea', 'salt'])
    const queue = new TextQueue()
    const known = new Set<string>()
    const seen: number[] = []
    for (let round = 0; round < 4; round++) {
      for (const particle of queue.take(graph, (key) => known.has(key), 1)) {
        seen.push(particle)
        known.add(digestKey(graph.particles.digest(particle)))
      }
    }
    expect(seen).toEqual(numbers(graph, 'moon', 'sea', 'night', 'salt'))
    for (let round = 0; round < 600; round++)
      expect(queue.take(graph, (key) => known.has(key), 9)).toEqual([])
  })

  it('[KG21] a graph that was made anew keeps how often was asked, and loses what is gone', async () => {
    const graph = await graphOf(['moon', 'night'], ['sea', 'salt'])
    const queue = new TextQueue()
    for (let round = 0; round < 3; round++) queue.take(graph, none, 9)
    const after = await graphOf(['tide', 'sea'], ['moon', 'night'])
    expect(queue.take(after, none, 9)).toEqual(numbers(after, 'tide'))
    expect(queue.take(after, none, 9)).toEqual(numbers(after, 'moon', 'tide', 'sea', 'night'))
  })

  it('[KG21] a round costs what it takes, not what the graph holds', () => {
    const graph = new LinkGraph()
    const digest = (number: number): Uint8Array<ArrayBuffer> => {
      const bytes = new Uint8Array(32)
      new DataView(bytes.buffer).setUint32(0, number)
      return bytes
    }
    const address = new Uint8Array(20)
    for (let i = 0; i < 20_000; i += 2) {
      const ends = concat(digest(i), digest(i + 1))
      graph.addBatch({ neuron: address, device: digest(0), seq: i, ends, timeUs: i })
    }
    graph.index.advance()
    const queue = new TextQueue()
    for (let round = 0; round < 500; round++) queue.take(graph, none, 64)
    const reads = vi.spyOn(ParticleTable.prototype, 'digest')
    const finds = vi.spyOn(ParticleTable.prototype, 'findKey')
    for (let round = 0; round < 100; round++) expect(queue.take(graph, none, 64)).toHaveLength(64)
    expect(reads.mock.calls.length + finds.mock.calls.length).toBeLessThan(100 * 64 * 4)
    vi.restoreAllMocks()
  })
})
