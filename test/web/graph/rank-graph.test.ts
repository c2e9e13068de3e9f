import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildRankGraph } from '#graph/rank-graph.ts'
import type { RankInput } from '#graph/rank-input.ts'
import { maxDoubleTotal, weightOf, writeWeight } from '#graph/rank-rules.ts'
import { arbitraryInput, describeRankGraph, readTinyGraphs } from './rank-graphs.ts'

const GOOD: RankInput = { particles: 3, links: Uint32Array.of(0, 1, 0, 1, 2, 1), stakes: [4n, 5n] }

/** What `describeRankGraph` gives, by the words of [KG7] and [KG8]. */
function expectedLinks({ links, stakes }: RankInput): string[] {
  const triples = Array.from({ length: links.length / 3 }, (_, i) => [...links.subarray(3 * i, 3 * i + 3)])
  const share = (u: number) => stakes[u]! / BigInt(triples.filter(([, , neuron]) => neuron === u).length)
  const total = (from: number) =>
    triples.filter(([source]) => source === from).reduce((sum, [, , neuron]) => sum + share(neuron!), 0n)
  return triples
    .filter(([, , neuron]) => share(neuron!) > 0n)
    .map(([from, to, neuron]) => `${from} ${to} ${(17n * 2n ** 64n * share(neuron!)) / (20n * total(from!))}`)
    .sort()
}

describe('buildRankGraph', () => {
  it.each(readTinyGraphs())(
    '[KG8] has the virtual sources of tiny.json: $name',
    ({ input, virtualSources }) => {
      const { order, sources, weights } = buildRankGraph(input)
      const found = Array.from(sources, (row, v) => `${order[row]} ${weights[v]}`)
      expect(found.sort()).toEqual(virtualSources.map(([source, weight]) => `${source} ${weight}`).sort())
    },
  )

  it('[KG7] [KG8] keeps every link that carries weight, with its f_v', () => {
    fc.assert(
      fc.property(arbitraryInput(), (input) => {
        expect(describeRankGraph(buildRankGraph(input))).toEqual(expectedLinks(input))
      }),
    )
  })

  it('has one virtual source for each neuron that links from a particle, and columns that ascend by rows', () => {
    fc.assert(
      fc.property(arbitraryInput(), (input) => {
        const graph = buildRankGraph(input)
        const pairs = new Set<string>()
        for (let at = 0; at < input.links.length; at += 3) {
          const [from, , neuron] = input.links.subarray(at, at + 3)
          const made = input.links.filter((value, i) => i % 3 === 2 && value === neuron).length
          if (input.stakes[neuron!]! >= BigInt(made)) pairs.add(`${from} ${neuron}`)
        }
        expect(graph.sources.length).toBe(pairs.size)
        expect(graph.weights.length).toBe(pairs.size)
        for (let row = 0; row < graph.particles; row++) {
          const columns = graph.columns.subarray(graph.rows[row]!, graph.rows[row + 1]!)
          const sources = columns.map((v) => graph.sources[v]!)
          expect(sources).toEqual(sources.toSorted())
        }
      }),
    )
  })

  it('[KG8] weighs in doubles as in whole numbers, up to the largest total', () => {
    const most = maxDoubleTotal()
    const total = fc.oneof(fc.integer({ min: 1, max: most }), fc.constant(most))
    const words = new Uint32Array(4)
    fc.assert(
      fc.property(total, fc.double({ min: 0, max: 1, noNaN: true }), (total, part) => {
        for (const share of [1, Math.max(1, Math.floor(total * part)), total]) {
          writeWeight(words, 1, { share, total })
          expect(new BigUint64Array(words.buffer)[1]).toBe(weightOf(BigInt(share), BigInt(total)))
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('[KG8] weighs by any damping, in doubles or not', () => {
    const damping = { numerator: 3n, denominator: 65_536n }
    const stakes = [1n, 7n, 2n ** 50n]
    for (const neurons of [[0], [0, 1], [0, 1, 2]]) {
      const links = Uint32Array.from(neurons.flatMap((neuron) => [0, 1, neuron]))
      const { weights } = buildRankGraph({ particles: 2, links, stakes, damping })
      const total = neurons.reduce((sum, neuron) => sum + stakes[neuron]!, 0n)
      expect([...weights]).toEqual(neurons.map((neuron) => weightOf(stakes[neuron]!, total, damping)))
    }
  })

  it('sums stakes beyond u64 exactly', () => {
    const most = 2n ** 64n - 1n
    const { weights } = buildRankGraph({
      particles: 2,
      links: Uint32Array.of(0, 1, 0, 0, 1, 1, 0, 0, 2),
      stakes: [most, most, most],
    })
    expect([...weights]).toEqual(new Array(3).fill((17n * 2n ** 64n) / 60n))
  })

  it.each([
    ['no whole number of particles', { particles: 1.5 }, 'RANK_PARTICLES'],
    ['negative particles', { particles: -1 }, 'RANK_PARTICLES'],
    ['2³¹ particles', { particles: 2 ** 31 }, 'RANK_PARTICLES'],
    ['half a link', { links: Uint32Array.of(0, 1, 0, 1) }, 'RANK_LINKS'],
    ['a source that does not exist', { links: Uint32Array.of(3, 1, 0) }, 'RANK_ENDPOINT'],
    ['a destination that does not exist', { links: Uint32Array.of(0, 3, 0) }, 'RANK_ENDPOINT'],
    ['a link where there is no particle', { particles: 0 }, 'RANK_ENDPOINT'],
    ['a neuron without a stake', { links: Uint32Array.of(0, 1, 2) }, 'RANK_NEURON'],
    ['a negative stake', { stakes: [4n, -1n] }, 'RANK_STAKE'],
    ['a stake beyond u64', { stakes: [2n ** 64n, 1n] }, 'RANK_STAKE'],
    ['a damping of 1', { damping: { numerator: 1n, denominator: 1n } }, 'RANK_DAMPING'],
    ['a damping of 0', { damping: { numerator: 0n, denominator: 1n } }, 'RANK_DAMPING'],
  ])('[KG11] refuses %s', (_, change, code) => {
    expect(() => buildRankGraph({ ...GOOD, ...change })).toThrowError(
      expect.objectContaining({ name: 'AppError', code }),
    )
  })

  it('says what it got and what it accepts', () => {
    const message = (change: Partial<RankInput>) => {
      try {
        buildRankGraph({ ...GOOD, ...change })
        return 'accepted'
      } catch (error) {
        return (error as Error).message
      }
    }
    expect([
      message({ particles: 2 ** 31 }),
      message({ links: Uint32Array.of(0, 1, 0, 1) }),
      message({ links: Uint32Array.of(0, 1, 0, 0, 3, 0) }),
      message({ links: Uint32Array.of(0, 1, 2) }),
      message({ stakes: [4n, 2n ** 64n] }),
    ]).toMatchInlineSnapshot(`
      [
        "Expected a whole number of particles below 2³¹, got 2147483648.",
        "Expected fewer than 2³² links as triples (from, to, neuron), got 4 numbers.",
        "Link 1 names particle 3, but there are only 3 particles.",
        "Link 0 names neuron 2, but only 2 stakes were given.",
        "Stake of neuron 1: expected 0 to 2⁶⁴ − 1, got 18446744073709551616.",
      ]
    `)
  })
})
