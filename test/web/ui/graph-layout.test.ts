import { describe, expect, it } from 'vitest'
import type { Neighbourhood } from '#graph/neighbourhood.ts'
import { fakeCid } from '#test/fakes/fake-contents.ts'
import { createFakeTabland } from '#test/fakes/fake-tabland.ts'
import { createGraphLayout, type GraphLayout, labelOf } from '#ui/graph-layout.ts'

async function around(word: string, pairs: readonly (readonly [string, string])[]): Promise<Neighbourhood> {
  const fake = createFakeTabland()
  for (const [from, to] of pairs) fake.addLink(from, to)
  return fake.tabland.graph.neighbourhood(fakeCid(word), { limit: 500 })
}

function settle(layout: GraphLayout): number {
  let steps = 1
  while (layout.step()) steps++
  return steps
}

function places({ graph }: GraphLayout): readonly (readonly [string, number, number])[] {
  return graph.mapNodes((cid, { x, y }) => [cid, x, y] as const)
}

const MOON = [
  ['moon', 'night'],
  ['wolf', 'moon'],
  ['moon', 'wolf'],
  ['night', 'star'],
] as const

describe('the layout of the graph', () => {
  it('holds the nodes and links, the largest ranks in the largest dots', async () => {
    const layout = createGraphLayout()
    layout.update(await around('moon', MOON))
    expect(layout.graph.order).toBe(4)
    expect(layout.graph.size).toBe(4)
    expect(layout.graph.hasDirectedEdge(fakeCid('wolf'), fakeCid('moon'))).toBe(true)
    const size = (word: string) => layout.graph.getNodeAttribute(fakeCid(word), 'size')
    expect(size('moon')).toBe(size('night')) // two neighbours each
    expect(size('night')).toBeGreaterThan(size('star'))
  })

  it('settles, and gives the same picture each time, with no two nodes in one place', async () => {
    const pairs = Array.from({ length: 300 }, (_, i) => [`word ${i >> 2}`, `word ${i}`] as const)
    const near = await around('word 0', pairs)
    const [a, b] = [createGraphLayout(), createGraphLayout()]
    for (const layout of [a, b]) {
      layout.update(near)
      expect(settle(layout)).toBeLessThan(100)
    }
    expect(places(a)).toEqual(places(b))
    const rounded = places(a).map(([, x, y]) => `${x.toFixed(2)} ${y.toFixed(2)}`)
    expect(new Set(rounded).size).toBe(near.nodes.length)
    expect(places(a).every(([, x, y]) => Number.isFinite(x) && Number.isFinite(y))).toBe(true)
  })

  it('nodes that stay keep their places, and a new rank alone moves nothing', async () => {
    const layout = createGraphLayout()
    const near = await around('moon', MOON)
    layout.update(near)
    settle(layout)
    const before = places(layout)
    layout.update({ ...near, nodes: near.nodes.map((node) => ({ ...node, share: node.share / 2 })) })
    expect(layout.step()).toBe(false)
    expect(places(layout)).toEqual(before)
    layout.update(await around('moon', [...MOON.slice(0, 3), ['moon', 'sea']]))
    expect(layout.graph.hasNode(fakeCid('star'))).toBe(false)
    expect(places(layout).slice(0, 3)).toEqual(before.slice(0, 3))
    expect(layout.step()).toBe(true)
  })

  it('labels by text, in one short line, else by CID', () => {
    const cid = fakeCid('x')
    expect(labelOf({ cid, text: ' a\n moon ' })).toBe('a moon')
    expect([...labelOf({ cid, text: '🌕'.repeat(60) })]).toHaveLength(28)
    expect(labelOf({ cid })).toMatch(/^Qm.*….{4}$/)
    expect(labelOf({ cid, text: ' ' })).toMatch(/^Qm/)
  })
})
