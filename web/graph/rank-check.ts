import { concat } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import { hashRanks } from './rank-digest.ts'
import { rankError } from './rank-errors.ts'
import type { Rank, RankGraph, RankKernel, RankOptions } from './rank-kernel.ts'

/** Smaller ranks are compared whole ([KG12]). */
export const WHOLE_BELOW = 2 ** 17
/** Particles that are compared of a larger rank ([KG12]). */
export const SAMPLE_SIZE = 1024

/**
 * `kernel`, whose first rank is also made by `reference` and compared ([KG12]): until it has passed, no rank of it
 * is given out.
 *
 * @throws `rank` throws RANK_DIFFERS when the ranks are not the same bits
 */
export function checkFirstRank(kernel: RankKernel, reference: RankKernel): RankKernel {
  let isChecked = false
  return {
    name: kernel.name,
    async rank(graph: RankGraph, options: RankOptions = {}): Promise<Rank> {
      const rank = await kernel.rank(graph, options)
      if (isChecked || graph.particles === 0) return rank
      const { onIteration: _, onCheck: __, ...quiet } = options
      assertSameRank(kernel.name, rank, await reference.rank(graph, quiet))
      isChecked = true
      return rank
    },
  }
}

function assertSameRank(name: string, rank: Rank, expected: Rank): void {
  if (rank.iterations !== expected.iterations || rank.delta !== expected.delta) {
    throw rankError(
      'RANK_DIFFERS',
      `The ${name} kernel stopped elsewhere than the reference: it is not used.`,
      {
        details: { iterations: rank.iterations, expected: expected.iterations },
      },
    )
  }
  const { ranks } = rank
  const isSame = (particle: number): boolean => ranks[particle] === expected.ranks[particle]
  const wrong =
    ranks.length < WHOLE_BELOW
      ? ranks.findIndex((_, particle) => !isSame(particle))
      : (drawParticles(hashRanks(ranks), ranks.length).find((particle) => !isSame(particle)) ?? -1)
  if (wrong === -1 && ranks.length === expected.ranks.length) return
  throw rankError('RANK_DIFFERS', `The ${name} kernel gave particle ${wrong} another rank: it is not used.`, {
    details: { particle: wrong, got: ranks[wrong], expected: expected.ranks[wrong] },
  })
}

/**
 * Particles drawn by the digest of the ranks themselves: what is looked at is fixed only once the ranks are.
 *
 * @param digest 32 bytes
 * @returns SAMPLE_SIZE numbers below `particles`; some may come twice
 */
export function drawParticles(digest: Uint8Array, particles: number): number[] {
  const drawn: number[] = []
  for (let block = 0; drawn.length < SAMPLE_SIZE; block++) {
    const bytes = sha256(concat(digest, Uint8Array.of(block >> 8, block & 0xff)))
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    // N < 2³¹, so that the remainder favours no particle by more than a half
    for (let at = 0; at < bytes.length; at += 4) drawn.push(view.getUint32(at) % particles)
  }
  return drawn
}
