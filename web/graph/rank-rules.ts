import type { Rational } from './machine/rational.ts'
import { rankError } from './rank-errors.ts'

/** M = 2⁶², all rank there is ([KG9]); a rank is counted in units of 2⁻⁶². */
export const RANK_MASS = 1n << 62n
/** d = 17/20, an exact rational ([KG8]); committed ranks have no other. */
export const DAMPING: Rational = { numerator: 17n, denominator: 20n }
/** Of another damping: what doubles weigh exactly stays a large part of all stakes. */
export const MAX_DAMPING_DENOMINATOR = 2n ** 16n
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

/** f_v = ⌊d · 2⁶⁴ · s_u / T_i⌋ ([KG8]), 17 and 20 for d; below d · 2⁶⁴ because s_u ≤ T_i. */
export function weightOf(share: bigint, total: bigint, { numerator, denominator } = DAMPING): bigint {
  return ((numerator * share) << 64n) / (denominator * total)
}

/**
 * T_i up to which `writeWeight` is exact: 20 · T < 2⁴⁵, or what the denominator is, so that a remainder times 2⁸ stays
 * below 2⁵³ and a quotient below 2⁸ is never rounded up to the next whole number.
 */
export function maxDoubleTotal({ denominator } = DAMPING): number {
  return Math.floor((2 ** 45 - 1) / Number(denominator))
}

/**
 * `weightOf` in doubles, eight bits at a time, an eighth of the time of BigInt: for whole numbers
 * 0 < share ≤ total ≤ maxDoubleTotal. Writes the pair `at` of `words`, low word first.
 */
export function writeWeight(
  words: Uint32Array,
  at: number,
  {
    share,
    total,
    numerator = 17,
    denominator = 20,
  }: {
    readonly share: number
    readonly total: number
    /** of the damping */
    readonly numerator?: number
    readonly denominator?: number
  },
): void {
  const divisor = denominator * total
  let rest = numerator * share
  for (let word = 2 * at + 1; word >= 2 * at; word--) {
    let value = 0
    for (let digit = 0; digit < 4; digit++) {
      rest *= 256
      const quotient = Math.floor(rest / divisor)
      rest -= quotient * divisor
      value = 256 * value + quotient
    }
    words[word] = value
  }
}

/** @throws RANK_PARTICLES unless `particles` is a whole number below 2³¹ */
export function assertParticles(particles: number): void {
  if (Number.isInteger(particles) && particles >= 0 && particles <= MAX_PARTICLES) return
  throw rankError('RANK_PARTICLES', `Expected a whole number of particles below 2³¹, got ${particles}.`)
}

/** @throws RANK_DAMPING unless 0 < d < 1 with a denominator up to MAX_DAMPING_DENOMINATOR */
export function assertDamping({ numerator, denominator }: Rational): void {
  if (numerator > 0n && numerator < denominator && denominator <= MAX_DAMPING_DENOMINATOR) return
  throw rankError(
    'RANK_DAMPING',
    `Expected a damping between 0 and 1 with a denominator up to ${MAX_DAMPING_DENOMINATOR}, such as 17/20, got ${numerator}/${denominator}.`,
  )
}

/** @throws RANK_ITERATIONS unless `iterations` is a whole number up to MAX_ITERATIONS */
export function assertIterations(iterations: number): void {
  if (Number.isInteger(iterations) && iterations >= 0 && iterations <= MAX_ITERATIONS) return
  throw rankError('RANK_ITERATIONS', `Expected 0 to ${MAX_ITERATIONS} iterations, got ${iterations}.`)
}
