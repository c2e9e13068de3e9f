import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { toHex } from '#core/bytes.ts'
import { hashRanks } from '#graph/rank-digest.ts'
import { buildRankGraph } from '#graph/rank-graph.ts'
import type { RankInput } from '#graph/rank-input.ts'
import type { RankGraph, RankKernel } from '#graph/rank-kernel.ts'
import {
  arbitraryInput,
  permutation,
  readGoldenCases,
  readTinyGraphs,
  readWordnet,
  relabel,
  shuffleLinks,
  withHashedStakes,
  withUnitStakes,
} from '../web/graph/rank-graphs.ts'
import { createErrorMeter, rankByOracle } from '../web/graph/rank-oracle.ts'

const MASS = 2n ** 62n
/** Each case of fast-check builds, ranks and compares a graph; more found nothing that these do not. */
const RUNS = 150
/** Of them are this many solved to 126 bits. */
const SOLVED = 1 / 10

/** Fast kernels are asked for every golden snapshot; `npm run bench accuracy` asks the slow ones too. */
export interface RankKernelContract {
  /** the last golden snapshot, in iterations, that is asked for besides the stop rule @default 128 */
  readonly goldenUpTo?: number
  /** the last snapshot of tiny.json, in iterations, that is asked for @default 128 */
  readonly tinyUpTo?: number
  /** whether WordNet is ranked to the stop rule @default true */
  readonly goldenStop?: boolean
  /** graphs for each property; fewer where a graph takes long @default 150 */
  readonly runs?: number
}

/** What every rank kernel must do ([KG12]). */
export function describeRankKernel(
  name: string,
  create: () => Promise<RankKernel>,
  { goldenUpTo = 128, tinyUpTo = 128, goldenStop = true, runs: numRuns = RUNS }: RankKernelContract = {},
): void {
  describe(`${name} rank kernel`, () => {
    let kernel: RankKernel
    beforeAll(async () => {
      kernel = await create()
    })
    const rankInput = (input: RankInput, iterations: number) =>
      kernel.rank(buildRankGraph(input), { iterations })

    describe('[KG8] [KG9] tiny.json bit for bit', () => {
      for (const { name: graph, input, snapshots } of readTinyGraphs()) {
        const asked = snapshots.filter(({ iterations }) => iterations <= tinyUpTo)
        it.each(asked)(`${graph} after $iterations iterations`, async ({ iterations, ranks, delta }) => {
          const rank = await rankInput(input, iterations)
          expect([...rank.ranks]).toEqual(ranks)
          expect(rank.delta).toBe(delta)
          expect(rank.iterations).toBe(iterations)
        })
      }
    })

    describe('golden_k62.json bit for bit', () => {
      for (const golden of readGoldenCases()) {
        let graph: RankGraph
        beforeAll(() => {
          const wordnet = readWordnet()
          graph = buildRankGraph(golden.mode === 'unit' ? withUnitStakes(wordnet) : withHashedStakes(wordnet))
        })
        it(`${golden.mode} stakes: the graph`, () => {
          expect(graph.links).toBe(golden.E_weighted)
          expect(graph.sources.length).toBe(golden.V)
        })
        const snapshots = Object.keys(golden.snap).filter((iterations) => Number(iterations) <= goldenUpTo)
        it.each(snapshots)(`${golden.mode} stakes after %s iterations`, async (iterations) => {
          const { ranks, delta } = await kernel.rank(graph, { iterations: Number(iterations) })
          const expected = golden.snap[iterations]!
          expect(delta.toString()).toBe(expected.l1_delta)
          expect(toHex(hashRanks(ranks))).toBe(expected.sha256_u64le)
        })
        if (goldenStop) {
          it(`[KG10] ${golden.mode} stakes to the stop rule`, async () => {
            const { ranks, iterations, delta } = await kernel.rank(graph)
            expect(iterations).toBe(golden.stop_rule.iterations)
            expect(delta).toBeLessThanOrEqual(2n ** 30n)
            expect(toHex(hashRanks(ranks))).toBe(golden.stop_rule.sha256_u64le)
          })
        }
      }
    })

    it('[KG7]–[KG9] equals the BigInt oracle on graphs of every kind', async () => {
      // Up to 120 iterations: differences that have become small carry between words in other ways.
      await fc.assert(
        fc.asyncProperty(arbitraryInput(), fc.integer({ min: 1, max: 120 }), async (input, iterations) => {
          const deltas: bigint[] = []
          const onIteration = (_: number, delta: bigint) => deltas.push(delta)
          const { ranks } = await kernel.rank(buildRankGraph(input), { iterations, onIteration })
          const expected = [...rankByOracle(input).take(iterations)]
          expect([...ranks]).toEqual(expected.at(-1)!.ranks)
          expect(deltas).toEqual(expected.map(({ delta }) => delta))
        }),
        { numRuns },
      )
    })

    it('[KG9] keeps M − N < Σr ≤ M after every iteration', async () => {
      await fc.assert(
        fc.asyncProperty(arbitraryInput(), fc.integer({ min: 0, max: 20 }), async (input, iterations) => {
          const { ranks } = await rankInput(input, iterations)
          const sum = ranks.reduce((total, rank) => total + rank, 0n)
          expect(sum).toBeLessThanOrEqual(MASS)
          expect(sum).toBeGreaterThan(MASS - BigInt(input.particles))
        }),
        { numRuns },
      )
    })

    it('[KG11] errs by at most (0.85·δ + 2.5·E + N)/0.15 units', async () => {
      await fc.assert(
        fc.asyncProperty(arbitraryInput(), fc.constantFrom(undefined, 400), async (input, iterations) => {
          const graph = buildRankGraph(input)
          const { ranks, delta } = await kernel.rank(graph, iterations === undefined ? {} : { iterations })
          const bound = (0.85 * Number(delta) + 2.5 * graph.links + input.particles) / 0.15
          expect(Number(createErrorMeter(input)(ranks))).toBeLessThanOrEqual(bound)
        }),
        { numRuns: Math.ceil(SOLVED * numRuns) },
      )
    })

    it('gives the same ranks for the same links in another order', async () => {
      await fc.assert(
        fc.asyncProperty(arbitraryInput(), fc.integer(), async (input, seed) => {
          const one = await rankInput(input, 9)
          const other = await rankInput(shuffleLinks(input, seed), 9)
          expect(other.ranks).toEqual(one.ranks)
        }),
        { numRuns },
      )
    })

    it('permutes the ranks when particles are relabelled', async () => {
      await fc.assert(
        fc.asyncProperty(arbitraryInput(), fc.integer(), async (input, seed) => {
          const numbers = permutation(input.particles, seed)
          const one = await rankInput(input, 9)
          const other = await rankInput(relabel(input, numbers), 9)
          expect(numbers.map((number) => other.ranks[number])).toEqual([...one.ranks])
          expect(other.delta).toBe(one.delta)
        }),
        { numRuns },
      )
    })

    it('[KG7] gives every particle ⌊M/N⌋ when nobody has stake', async () => {
      const input = { particles: 3, links: Uint32Array.of(0, 1, 0, 1, 2, 1), stakes: [0n, 0n] }
      const { ranks, iterations, delta } = await kernel.rank(buildRankGraph(input))
      expect([...ranks]).toEqual([MASS / 3n, MASS / 3n, MASS / 3n])
      expect({ iterations, delta }).toEqual({ iterations: 8, delta: 0n })
    })

    it('ranks no particles, and one that has everything', async () => {
      const none = await kernel.rank(buildRankGraph({ particles: 0, links: new Uint32Array(0), stakes: [] }))
      expect(none).toEqual({ ranks: new BigUint64Array(0), iterations: 0, delta: 0n })
      const one = await rankInput({ particles: 1, links: Uint32Array.of(0, 0, 0), stakes: [7n] }, 3)
      expect([...one.ranks]).toEqual([MASS])
    })

    it('gives r⁰ after no iteration', async () => {
      const { ranks, iterations, delta } = await rankInput(readTinyGraphs()[1]!.input, 0)
      expect([...ranks]).toEqual(new Array(5).fill(MASS / 5n))
      expect({ iterations, delta }).toEqual({ iterations: 0, delta: 0n })
    })

    it('sums a row beyond what doubles hold exactly', async () => {
      // x = ⌊2⁶¹ · f / 2⁶⁴⌋ = 2³⁹ − 1: its low word is all ones, and 2²² of those pass 2⁵³.
      const links = 2 ** 22 + 3
      const x = 2n ** 39n - 1n
      const graph: RankGraph = {
        particles: 2,
        links,
        order: Uint32Array.of(0, 1),
        sources: Uint32Array.of(1),
        weights: BigUint64Array.of(8n * x),
        rows: Uint32Array.of(0, links, links),
        columns: new Uint32Array(links),
      }
      const { ranks } = await kernel.rank(graph, { iterations: 1 })
      const y = BigInt(links) * x
      const base = (MASS - y) / 2n
      expect([...ranks]).toEqual([y + base, base])
    })

    it('ranks several graphs one after the other and at once', async () => {
      const inputs = readTinyGraphs().map(({ input }) => input)
      const expected = inputs.map((input) => [...rankByOracle(input).take(7)].at(-1)!.ranks)
      const pause = () => new Promise<void>((resolve) => setImmediate(resolve))
      const together = await Promise.all(
        inputs.map((input) => kernel.rank(buildRankGraph(input), { iterations: 7, pause })),
      )
      expect(together.map(({ ranks }) => [...ranks])).toEqual(expected)
      for (const [index, input] of inputs.entries()) {
        expect([...(await rankInput(input, 7)).ranks]).toEqual(expected[index])
      }
    })

    it('reads weights that begin within a larger buffer', async () => {
      const { input, snapshots } = readTinyGraphs()[2]!
      const graph = buildRankGraph(input)
      const shared = new BigUint64Array(graph.weights.length + 3)
      shared.set(graph.weights, 3)
      const { ranks } = await kernel.rank({ ...graph, weights: shared.subarray(3) }, { iterations: 3 })
      expect([...ranks]).toEqual(snapshots.find(({ iterations }) => iterations === 3)!.ranks)
    })

    it('stops between iterations when its signal aborts, and ranks again after', async () => {
      const graph = buildRankGraph(readTinyGraphs()[1]!.input)
      const controller = new AbortController()
      const reason = new Error('enough')
      let iterations = 0
      const rank = kernel.rank(graph, {
        signal: controller.signal,
        onIteration: () => {
          iterations++
          if (iterations === 3) controller.abort(reason)
        },
      })
      await expect(rank).rejects.toBe(reason)
      expect(iterations).toBe(3)
      await expect(kernel.rank(graph, { signal: controller.signal })).rejects.toBe(reason)
      await expect(kernel.rank(graph)).resolves.toMatchObject({ iterations: 64 })
    })

    it('pauses after every iteration', async () => {
      const graph = buildRankGraph(readTinyGraphs()[1]!.input)
      let pauses = 0
      await kernel.rank(graph, {
        iterations: 5,
        pause: async () => {
          pauses++
        },
      })
      expect(pauses).toBe(5)
    })

    it.each([-1, 0.5, Number.NaN, 100_001])('refuses %s iterations', async (iterations) => {
      const graph = buildRankGraph(readTinyGraphs()[0]!.input)
      await expect(kernel.rank(graph, { iterations })).rejects.toMatchObject({ code: 'RANK_ITERATIONS' })
    })
  })
}
