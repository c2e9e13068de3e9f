import { describe, expect, it, vi } from 'vitest'
import { sha256 } from '#core/hash.ts'
import { checkFirstRank, drawParticles, SAMPLE_SIZE, WHOLE_BELOW } from '#graph/rank-check.ts'
import { hashRanks } from '#graph/rank-digest.ts'
import { buildRankGraph } from '#graph/rank-graph.ts'
import type { Rank, RankGraph, RankKernel } from '#graph/rank-kernel.ts'
import { createTsKernel } from '#graph/rank-reference.ts'

const small = buildRankGraph({ particles: 3, links: Uint32Array.of(0, 1, 0, 1, 2, 0), stakes: [2n] })
const none = buildRankGraph({ particles: 0, links: new Uint32Array(0), stakes: [] })

/** Ranks as TypeScript does, then `change`. */
function createKernel(change: (rank: Rank) => Rank = (rank) => rank) {
  const rank = vi.fn(async (graph: RankGraph) => change(await createTsKernel().rank(graph)))
  return { name: 'webgpu', rank } satisfies RankKernel
}

function withRank(particle: number, value: bigint): (rank: Rank) => Rank {
  return (rank) => ({ ...rank, ranks: rank.ranks.with(particle, value) })
}

describe('[KG12] checkFirstRank', () => {
  it('compares the first rank, and no other', async () => {
    const reference = createKernel()
    const kernel = checkFirstRank(createKernel(), reference)
    const told: number[] = []
    const options = { onCheck: (iteration: number) => told.push(iteration) }
    expect(await kernel.rank(none, options)).toEqual(await createTsKernel().rank(none))
    expect(reference.rank).toHaveBeenCalledTimes(0)
    expect(await kernel.rank(small, options)).toEqual(await createTsKernel().rank(small))
    await kernel.rank(small, options)
    expect(reference.rank).toHaveBeenCalledTimes(1)
    expect(reference.rank).toHaveBeenCalledWith(small, {})
  })

  it.each([
    ['one rank', withRank(2, 5n)],
    ['the number of ranks', (rank: Rank) => ({ ...rank, ranks: rank.ranks.slice(1) })],
    ['the iterations', (rank: Rank) => ({ ...rank, iterations: rank.iterations + 1 })],
    ['δ', (rank: Rank) => ({ ...rank, delta: rank.delta + 1n })],
  ])('refuses a kernel that is wrong in %s, each time until it passes', async (_, change) => {
    const kernel = checkFirstRank(createKernel(change), createKernel())
    for (const _ of [1, 2]) await expect(kernel.rank(small)).rejects.toMatchObject({ code: 'RANK_DIFFERS' })
  })

  it('compares a large rank at the particles that its own digest draws', async () => {
    const large: Rank = { ranks: new BigUint64Array(WHOLE_BELOW).fill(7n), iterations: 8, delta: 1n }
    const give = (rank: Rank): RankKernel => ({ name: 'webgpu', rank: async () => rank })
    const check = (rank: Rank) => checkFirstRank(give(rank), give(large)).rank(small)
    await expect(check(large)).resolves.toBe(large)
    const seen: boolean[] = []
    for (let i = 0; i < 8; i++) {
      const ranks = large.ranks.slice()
      // a part so large that it is met now and then
      const [from, to] = [9_000 * i, 9_000 * i + 100]
      ranks.fill(6n, from, to)
      const drawn = drawParticles(hashRanks(ranks), WHOLE_BELOW)
      const isSeen = drawn.some((particle) => particle >= from && particle < to)
      seen.push(isSeen)
      const checked = check({ ...large, ranks })
      await (isSeen ? expect(checked).rejects.toMatchObject({ code: 'RANK_DIFFERS' }) : checked)
    }
    expect(new Set(seen)).toEqual(new Set([true, false]))
  })

  it('draws 1,024 particles, others for another digest', () => {
    const drawn = [1, 2].map((byte) => drawParticles(sha256(Uint8Array.of(byte)), 2 ** 20))
    expect(drawn.map(({ length }) => length)).toEqual([SAMPLE_SIZE, SAMPLE_SIZE])
    expect(new Set(drawn.flat()).size).toBeGreaterThan(1.9 * SAMPLE_SIZE)
    expect(Math.max(...drawn.flat())).toBeLessThan(2 ** 20)
  })
})
