import type { Snippet } from '#api/types.ts'
import type { Neighbourhood, NeighbourhoodOptions, NeighbourNode } from '#graph/neighbourhood.ts'

interface FakeGraph {
  readonly start: string
  readonly links: readonly { readonly from: string; readonly to: string }[]
  readonly snippets: ReadonlyMap<string, Snippet>
}

/** Steps through the fake world's links as the graph does; those with more links go first, as a rank would have it. */
export function fakeNeighbourhood(
  { start, links, snippets }: FakeGraph,
  { depth = 2, limit = 120 }: NeighbourhoodOptions,
): Neighbourhood {
  const near = (cid: string): string[] => [
    ...new Set(links.flatMap(({ from, to }) => (from === cid ? [to] : to === cid ? [from] : []))),
  ]
  const nodes = new Map(near(start).length === 0 ? [] : [[start, 0]])
  let leftOut = 0
  let ring = [...nodes.keys()]
  for (let distance = 1; distance <= depth; distance++) {
    const found = [...new Set(ring.flatMap(near))].filter((cid) => !nodes.has(cid))
    found.sort((a, b) => near(b).length - near(a).length)
    ring = found.slice(0, limit - nodes.size)
    leftOut += found.length - ring.length
    for (const cid of ring) nodes.set(cid, distance)
  }
  const order = [...nodes.keys()]
  const described = order.map((cid): NeighbourNode => {
    const text = snippets.get(cid)?.text
    const share = near(cid).length / (2 * links.length)
    return {
      cid,
      rank: BigInt(Math.round(share * 2 ** 40)) << 22n,
      share,
      distance: nodes.get(cid)!,
      hidden: near(cid).filter((other) => !nodes.has(other)).length,
      ...(text === undefined ? {} : { text }),
    }
  })
  const places = links.map(({ from, to }) => ({ from: order.indexOf(from), to: order.indexOf(to) }))
  return {
    particle: start,
    nodes: described,
    links: places.filter(({ from, to }) => from >= 0 && to >= 0),
    leftOut,
    isComplete: true,
  }
}
