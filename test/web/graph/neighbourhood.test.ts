import { describe, expect, it } from 'vitest'
import { utf8 } from '#core/bytes.ts'
import { textCid } from '#core/cid.ts'
import { machineOf } from '#core/machine.ts'
import { createGraphService } from '#graph/graph-service.ts'
import type { GraphService } from '#graph/graph-types.ts'
import type { Neighbourhood } from '#graph/neighbourhood.ts'
import { createTsKernel } from '#graph/rank-reference.ts'
import { fakeIdentity, TEST_NOW } from '#test/fakes/identity.ts'
import { createFeed, link } from '#test/fakes/links.ts'
import { createMemoryRecordStore } from '#test/fakes/memory-record-store.ts'
import { createFakeTimers } from '#test/fakes/timers.ts'

type Pair = readonly [from: string, to: string]

async function createGraph(pairs: readonly Pair[], texts = new Set(pairs.flat())): Promise<GraphService> {
  const graph = createGraphService({
    machine: machineOf('test'),
    store: createMemoryRecordStore(),
    kernel: () => createTsKernel(),
    timers: createFakeTimers(),
    now: () => TEST_NOW,
  })
  const feed = createFeed(await fakeIdentity(1))
  const links = pairs.map(([from, to]) => link(from, to))
  await graph.ingest([(await feed.next(links)).envelope])
  for (const text of texts) await graph.addText(textCid(text), utf8(text))
  await graph.compute()
  return graph
}

const namesOf = ({ nodes }: Neighbourhood) => nodes.map(({ text }) => text)
const linesOf = ({ nodes, links }: Neighbourhood) =>
  links.map(({ from, to }) => `${nodes[from]!.text} → ${nodes[to]!.text}`).sort()

const MOON: readonly Pair[] = [
  ['moon', 'night'],
  ['moon', 'sea'],
  ['wolf', 'moon'],
  ['sea', 'night'],
  ['night', 'star'],
  ['star', 'sun'],
  ['sun', 'day'],
  ['day', 'noon'],
]

describe('[KG21] the neighbourhood of a particle', () => {
  it('[KG21] holds what is linked with it either way, nearest first, then by rank', async () => {
    const graph = await createGraph(MOON)
    const near = await graph.neighbourhood(' moon ', { depth: 1 })
    expect(near.particle).toBe(textCid('moon'))
    expect(namesOf(near)[0]).toBe('moon')
    expect(new Set(namesOf(near))).toEqual(new Set(['moon', 'night', 'sea', 'wolf']))
    const ranks = near.nodes.slice(1).map(({ rank }) => rank)
    expect(ranks).toEqual([...ranks].sort((a, b) => (a < b ? 1 : -1)))
    expect(linesOf(near)).toEqual(['moon → night', 'moon → sea', 'sea → night', 'wolf → moon'])
    expect(near).toMatchObject({ leftOut: 0, isComplete: true })
    expect(near.nodes.map(({ distance }) => distance)).toEqual([0, 1, 1, 1])
    expect(near.nodes.find(({ text }) => text === 'night')).toMatchObject({ hidden: 1 })
    const whole = await graph.neighbourhood(textCid('moon'), { depth: 3 })
    expect(new Set(namesOf(whole))).toEqual(new Set(['moon', 'night', 'sea', 'wolf', 'star', 'sun']))
    expect(await graph.neighbourhood('moon')).toMatchObject({ nodes: { length: 5 } })
  })

  it('[KG21] keeps to its limit and says how many neighbours it left out', async () => {
    const pairs = Array.from({ length: 30 }, (_, i): Pair => ['hub', `word ${i}`])
    const graph = await createGraph([...pairs, ['word 7', 'word 3'], ['fame', 'word 3'], ['fame', 'word 9']])
    const some = await graph.neighbourhood('hub', { depth: 1, limit: 11 })
    expect(some.nodes).toHaveLength(11)
    expect(some.leftOut).toBe(20)
    expect(some.nodes[0]).toMatchObject({ hidden: 20 })
    // what is linked to most is kept
    expect(namesOf(some).slice(1, 3)).toEqual(['word 3', 'word 9'])
    expect(linesOf(some)).toHaveLength(10 + Number(namesOf(some).includes('word 7')))
    const all = await graph.neighbourhood('hub', { limit: 500 })
    expect(all).toMatchObject({ leftOut: 0, nodes: { length: 32 } })
  })

  it('[KG21] labels what it knows, and no longer than a label', async () => {
    const long = `🌕${'moon '.repeat(40)}`.trim()
    const graph = await createGraph(
      [
        ['moon', long],
        ['moon', 'unknown'],
      ],
      new Set(['moon', long]),
    )
    const { nodes } = await graph.neighbourhood('moon')
    const texts = new Map(nodes.map(({ cid, text }) => [cid, text]))
    expect([...texts.get(textCid(long))!]).toHaveLength(80)
    expect(texts.get(textCid(long))!.endsWith('…')).toBe(true)
    expect(texts.get(textCid('unknown'))).toBeUndefined()
  })

  it('[KG21] of an unknown text is empty; bounds that are none are refused', async () => {
    const graph = await createGraph(MOON)
    expect(await graph.neighbourhood('comet')).toEqual({
      particle: textCid('comet'),
      nodes: [],
      links: [],
      leftOut: 0,
      isComplete: true,
    })
    for (const options of [{ depth: 0 }, { depth: 4 }, { limit: 0 }, { limit: 501 }, { limit: 1.5 }]) {
      await expect(graph.neighbourhood('moon', options)).rejects.toMatchObject({
        code: 'NEIGHBOURHOOD_BOUNDS',
      })
    }
  })
})
