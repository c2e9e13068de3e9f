import { rankError } from './rank-errors.ts'
import type { Rank, RankGraph, RankKernel, RankOptions } from './rank-kernel.ts'
import { RANK_MASS } from './rank-rules.ts'

/**
 * What a context rank is relative to ([KG15]): the teleport goes to these particles only, in proportion to their
 * weights, and so does the mass of particles without links out.
 */
export interface RankContext {
  /** u32[n], ascending, each once */
  readonly particles: Uint32Array
  /** u32[n], each above 0 */
  readonly weights: Uint32Array
}

/**
 * A kernel that can rank in a context: the iteration of [KG9] and the stop rule of [KG10], but
 *
 * - it begins at r⁰_j = w_j · ⌊M/W⌋, where W = Σ w, so that what cannot be reached from the context has rank 0;
 * - r'_j = y_j + w_j · ⌊(M − Σ y)/W⌋, so that M − W < Σ r' ≤ M.
 *
 * Against the true fixed point r* it is off by at most (0.85·δ + 2.5·E + 2.7·W)/0.15 units (E weighted links): one
 * iteration loses less than 5/4 of a unit a link in y, which comes back in the wrong place, and less than W in all.
 * The ranks are a pure function of graph and context, the same on each of these kernels. They are never committed.
 */
export interface ContextKernel {
  readonly name: RankKernel['name']
  rankContext(graph: RankGraph, context: RankContext, options?: RankOptions): Promise<Rank>
}

/**
 * The context of particles that may repeat: each counts as often as it is given.
 *
 * @param count N
 * @throws RANK_CONTEXT for none, or one that is not among 0..N − 1
 */
export function contextOf(particles: Iterable<number>, count: number): RankContext {
  const weights = new Map<number, number>()
  for (const particle of particles) {
    if (!(Number.isInteger(particle) && particle >= 0 && particle < count)) {
      throw rankError(
        'RANK_CONTEXT',
        `A context names particle ${particle}, but there are only ${count} particles.`,
      )
    }
    weights.set(particle, (weights.get(particle) ?? 0) + 1)
  }
  if (weights.size === 0) throw rankError('RANK_CONTEXT', 'A context takes at least one particle, got none.')
  const sorted = Uint32Array.from(weights.keys()).sort()
  return { particles: sorted, weights: sorted.map((particle) => weights.get(particle)!) }
}

/**
 * Where mass goes that came along no link.
 *
 * @param flowed Σ y, what came along links
 * @param y u64[N] by row, to which it may be added
 * @returns what is to be added to every rank besides
 */
export type Teleport = (flowed: bigint, y: BigUint64Array) => bigint

/** The same share for all, as [KG9] has it. */
export function teleportToAll(particles: number): Teleport {
  const count = BigInt(particles)
  return (flowed) => (RANK_MASS - flowed) / count
}

/** @param order u32[N], the particle of each row */
export function teleportToContext({ particles, weights }: RankContext, order: Uint32Array): Teleport {
  const rows = new Uint32Array(order.length)
  for (let row = 0; row < order.length; row++) rows[order[row]!] = row
  const factors = Array.from(weights, BigInt)
  const total = factors.reduce((sum, weight) => sum + weight, 0n)
  return (flowed, y) => {
    const unit = (RANK_MASS - flowed) / total
    for (let i = 0; i < particles.length; i++) {
      const row = rows[particles[i]!]!
      y[row] = y[row]! + factors[i]! * unit
    }
    return 0n
  }
}
