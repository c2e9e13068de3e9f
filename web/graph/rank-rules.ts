import { rankError } from './rank-errors.ts'

/** M = 2⁶², all rank there is ([KG9]); a rank is counted in units of 2⁻⁶². */
export const RANK_MASS = 1n << 62n
/** d = 17/20, an exact rational ([KG8]). */
export const DAMPING_NUMERATOR = 17n
export const DAMPING_DENOMINATOR = 20n
/** N < 2³¹ ([KG11]). */
export const MAX_PARTICLES = 2 ** 31 - 1
/** Stakes are u64 ([KG7]). */
export const MAX_STAKE = 2n ** 64n - 1n
/** The stop rule looks at every eighth iteration and gives up at the 160th ([KG10]). */
export const STOP_CHECK_EVERY = 8
export const STOP_DELTA = 1n << 30n
export const STOP_ITERATIONS = 160
/** A fixed number of iterations: 0.85^t is below one unit after 265, so that more only costs time. */
export const MAX_ITERATIONS = 100_000

/** f_v = ⌊17 · 2⁶⁴ · s_u / (20 · T_i)⌋ ([KG8]); below 0.85 · 2⁶⁴ because s_u ≤ T_i. */
export function weightOf(share: bigint, total: bigint): bigint {
  return ((DAMPING_NUMERATOR * share) << 64n) / (DAMPING_DENOMINATOR * total)
}

/** @throws RANK_PARTICLES unless `particles` is a whole number below 2³¹ */
export function assertParticles(particles: number): void {
  if (Number.isInteger(particles) && particles >= 0 && particles <= MAX_PARTICLES) return
  throw rankError('RANK_PARTICLES', `Expected a whole number of particles below 2³¹, got ${particles}.`)
}

/** @throws RANK_ITERATIONS unless `iterations` is a whole number up to MAX_ITERATIONS */
export function assertIterations(iterations: number): void {
  if (Number.isInteger(iterations) && iterations >= 0 && iterations <= MAX_ITERATIONS) return
  throw rankError('RANK_ITERATIONS', `Expected 0 to ${MAX_ITERATIONS} iterations, got ${iterations}.`)
}
