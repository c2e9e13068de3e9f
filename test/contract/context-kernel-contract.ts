import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { type ContextKernel, contextOf } from '#graph/rank-context.ts'
import { buildRankGraph } from '#graph/rank-graph.ts'
import type { RankInput } from '#graph/rank-input.ts'
import type { RankKernel } from '#graph/rank-kernel.ts'
import { arbitraryInput } from '../web/graph/rank-graphs.ts'
import { createErrorMeter, rankByOracle } from '../web/graph/rank-oracle.ts'

const MASS = 2n ** 62n
const RUNS = 60
const SOLUTIONS = 15

interface Case {
  readonly input: RankInput
  /** may repeat */
  readonly context: readonly number[]
}

function arbitraryCase(): fc.Arbitrary<Case> {
  return arbitraryInput().chain((input) =>
    fc
      .array(fc.integer({ min: 0, max: input.particles - 1 }), { minLength: 1, maxLength: 12 })
      .map((context) => ({ input, context })),
  )
}

function weightsOf({ input, context }: Case): bigint[] {
  const weights = new Array<bigint>(input.particles).fill(0n)
  for (const particle of context) weights[particle]!++
  return weights
}

/** What every kernel that ranks in a context must do ([KG15]). */
export function describeContextKernel(name: string, create: () => Promise<ContextKernel & RankKernel>): void {
  describe(`${name} rank kernel in a context`, () => {
    let kernel: ContextKernel & RankKernel
    beforeAll(async () => {
      kernel = await create()
    })
    const rank = ({ input, context }: Case, iterations?: number) =>
      kernel.rankContext(
        buildRankGraph(input),
        contextOf(context, input.particles),
        iterations === undefined ? {} : { iterations },
      )

    it('[KG15] equals the BigInt oracle on graphs and contexts of every kind', async () => {
      await fc.assert(
        fc.asyncProperty(arbitraryCase(), fc.integer({ min: 1, max: 90 }), async (given, iterations) => {
          const { ranks, delta } = await rank(given, iterations)
          const expected = [...rankByOracle(given.input, weightsOf(given)).take(iterations)].at(-1)!
          expect([...ranks]).toEqual(expected.ranks)
          expect(delta).toBe(expected.delta)
        }),
        { numRuns: RUNS },
      )
    })

    it('[KG15] keeps M − W < Σr ≤ M after every iteration', async () => {
      await fc.assert(
        fc.asyncProperty(arbitraryCase(), fc.integer({ min: 0, max: 20 }), async (given, iterations) => {
          const { ranks } = await rank(given, iterations)
          const sum = ranks.reduce((total, value) => total + value, 0n)
          expect(sum).toBeLessThanOrEqual(MASS)
          expect(sum).toBeGreaterThan(MASS - BigInt(given.context.length))
        }),
        { numRuns: RUNS },
      )
    })

    it('[KG15] errs by at most (0.85·δ + 2.5·E + 2.7·W)/0.15 units', async () => {
      await fc.assert(
        fc.asyncProperty(arbitraryCase(), fc.constantFrom(undefined, 400), async (given, iterations) => {
          const { ranks, delta } = await rank(given, iterations)
          const links = buildRankGraph(given.input).links
          const bound = (0.85 * Number(delta) + 2.5 * links + 2.7 * given.context.length) / 0.15
          const error = createErrorMeter(given.input, weightsOf(given))(ranks)
          expect(Number(error)).toBeLessThanOrEqual(bound)
        }),
        { numRuns: SOLUTIONS },
      )
    })

    it('[KG15] is the rank of [KG9] when every particle is in the context once', async () => {
      await fc.assert(
        fc.asyncProperty(arbitraryInput(), async (input) => {
          const all = Array.from({ length: input.particles }, (_, i) => i)
          expect(await rank({ input, context: all })).toEqual(await kernel.rank(buildRankGraph(input)))
        }),
        { numRuns: RUNS },
      )
    })

    it('[KG15] gives nothing to what cannot be reached, and all rank a context without links', async () => {
      const input = { particles: 4, links: Uint32Array.of(0, 1, 0, 2, 0, 0), stakes: [2n] }
      const { ranks } = await rank({ input, context: [0] })
      expect([ranks[2], ranks[3]]).toEqual([0n, 0n])
      expect(ranks[1]).toBeGreaterThan(0n)
      expect([...(await rank({ input, context: [3] })).ranks]).toEqual([0n, 0n, 0n, MASS])
    })

    it('[KG15] ranks in a context and in none by turns', async () => {
      const input = { particles: 3, links: Uint32Array.of(0, 1, 0, 1, 2, 0), stakes: [2n] }
      const before = await kernel.rank(buildRankGraph(input))
      await rank({ input, context: [1, 1, 2] })
      expect(await kernel.rank(buildRankGraph(input))).toEqual(before)
    })
  })
}
