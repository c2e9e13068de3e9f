import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GrowingRankGraph } from '#graph/growing-graph.ts'
import { buildRankGraph } from '#graph/rank-graph.ts'
import type { RankInput } from '#graph/rank-input.ts'
import { createTsKernel } from '#graph/rank-reference.ts'
import { describeRankGraph, readTinyGraphs, readWordnet, withHashedStakes } from './rank-graphs.ts'

/** Links of a few particles and neurons, in parts; with the stakes of each part. */
const parts = fc.array(
  fc.record({
    links: fc.array(fc.tuple(fc.nat(11), fc.nat(11), fc.nat(3)), { maxLength: 12 }),
    newcomers: fc.nat(3),
    stakes: fc.array(fc.oneof(fc.bigInt(0n, 9n), fc.bigInt(0n, 2n ** 64n - 1n)), {
      minLength: 4,
      maxLength: 4,
    }),
    keepsStakes: fc.boolean(),
  }),
  { minLength: 1, maxLength: 8 },
)

/** The graph after each part: particles are as many as were named, and some that nothing links. */
function inputsOf(given: typeof parts extends fc.Arbitrary<infer T> ? T : never): readonly RankInput[] {
  const links: number[] = []
  let particles = 0
  let stakes: readonly bigint[] = []
  return given.map((part) => {
    links.push(...part.links.flat())
    const named = part.links.map(([from, to]) => Math.max(from, to) + 1)
    particles = Math.max(particles, ...named) + part.newcomers
    if (stakes.length === 0 || !part.keepsStakes) stakes = part.stakes
    return { particles, links: Uint32Array.from(links), stakes }
  })
}

describe('GrowingRankGraph', () => {
  it('[KG8] comes to the same links and weights as a graph that is built from nothing', () => {
    fc.assert(
      fc.property(parts, (given) => {
        const growing = new GrowingRankGraph()
        for (const input of inputsOf(given)) {
          expect(describeRankGraph(growing.grow(input))).toEqual(describeRankGraph(buildRankGraph(input)))
        }
      }),
      { numRuns: 400 },
    )
  })

  it('[KG9] comes to the same ranks, bit for bit', async () => {
    const kernel = createTsKernel()
    await fc.assert(
      fc.asyncProperty(parts, async (given) => {
        const growing = new GrowingRankGraph()
        for (const input of inputsOf(given)) {
          const grown = await kernel.rank(growing.grow(input))
          expect(grown).toEqual(await kernel.rank(buildRankGraph(input)))
        }
      }),
      { numRuns: 60 },
    )
  })

  it('appends without numbering anew, until a quarter was appended: WordNet', async () => {
    const { particles, links, stakes } = withHashedStakes(readWordnet())
    const growing = new GrowingRankGraph()
    const count = links.length / 3
    const cuts = [0.6, 0.82, 0.8201, 0.9, 1].map((part) => 3 * Math.floor(part * count))
    const graphs = cuts.map((end) => growing.grow({ particles, links: links.subarray(0, end), stakes }))
    expect(graphs.map(({ order }) => graphs.findIndex((graph) => graph.order === order))).toEqual([
      0, 1, 1, 1, 1,
    ])
    const [whole, kernel] = [buildRankGraph({ particles, links, stakes }), createTsKernel()]
    const grown = await kernel.rank(graphs.at(-1)!, { iterations: 8 })
    expect(grown).toEqual(await kernel.rank(whole, { iterations: 8 }))
  })

  it('leaves the graphs that it gave before as they were', () => {
    const { input } = readTinyGraphs()[1]!
    const growing = new GrowingRankGraph()
    const inputs = [0.9, 1].map((part) => ({
      ...input,
      links: input.links.subarray(0, 3 * Math.floor((part * input.links.length) / 3)),
    }))
    const first = growing.grow(inputs[0]!)
    const before = structuredClone(first)
    growing.grow(inputs[1]!)
    expect(first).toEqual(before)
  })

  it('gives the same graph again when nothing has changed', () => {
    const { input } = readTinyGraphs()[1]!
    const growing = new GrowingRankGraph()
    expect(growing.grow(input)).toBe(growing.grow({ ...input, stakes: [...input.stakes] }))
  })

  it('[KG11] refuses what is beyond the bounds, and goes on with what it had', () => {
    const { input } = readTinyGraphs()[1]!
    const growing = new GrowingRankGraph()
    const before = growing.grow(input)
    const links = Uint32Array.from([...input.links, 0, input.particles, 0])
    expect(() => growing.grow({ ...input, links })).toThrowError(
      expect.objectContaining({ code: 'RANK_ENDPOINT' }),
    )
    expect(growing.grow(input)).toBe(before)
  })
})
