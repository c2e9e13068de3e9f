import type { Rational } from './machine/rational.ts'
import { DAMPING, maxDoubleTotal, weightOf, writeWeight } from './rank-rules.ts'

export interface WeigherInit {
  /** s_u by neuron ([KG7]), each above 0 */
  readonly shares: readonly bigint[]
  /** u32[V]: the neuron of each virtual source; undefined when there is but one, neuron 0 */
  readonly neurons: Uint32Array | undefined
  /** u32[V]: how many links each virtual source has */
  readonly counts: Uint32Array
  /** u64[V]: written */
  readonly weights: BigUint64Array
  /** @default DAMPING */
  readonly damping?: Rational | undefined
}

export interface Weigher {
  /** Writes f_v of all virtual sources of one particle ([KG8]): the first `count` of `members`. */
  weigh(members: Uint32Array, count: number): void
  /** The same for one that has its particle to itself: T_i = links · s_u, and s_u cancels. */
  weighLone(v: number, links: number): void
}

/** Numbers of links whose lone weight is remembered; more are rare and worth a calculation. */
const REMEMBERED = 4_096

/** Weighs virtual sources: in doubles where these are exact, else in whole numbers. */
export function createWeigher({ shares, neurons, counts, weights, damping = DAMPING }: WeigherInit): Weigher {
  const [numerator, denominator] = [Number(damping.numerator), Number(damping.denominator)]
  const most = maxDoubleTotal(damping)
  const words = new Uint32Array(weights.buffer, weights.byteOffset, 2 * weights.length)
  const doubles = Float64Array.from(shares, Number)
  /** low and high word of ⌊d · 2⁶⁴ / links⌋ by links; the high one is above 0 once known */
  const lone = new Uint32Array(2 * REMEMBERED)
  const neuronOf = (v: number): number => (neurons === undefined ? 0 : neurons[v]!)

  function weighExactly(members: Uint32Array, count: number): void {
    let total = 0n
    for (let i = 0; i < count; i++) {
      const v = members[i]!
      total += shares[neuronOf(v)]! * BigInt(counts[v]!)
    }
    for (let i = 0; i < count; i++) {
      const v = members[i]!
      weights[v] = weightOf(shares[neuronOf(v)]!, total, damping)
    }
  }

  function weighLone(v: number, links: number): void {
    if (links > most) {
      weights[v] = weightOf(1n, BigInt(links), damping)
      return
    }
    const weight = { share: 1, total: links, numerator, denominator }
    if (links >= REMEMBERED) {
      writeWeight(words, v, weight)
      return
    }
    if (lone[2 * links + 1] === 0) writeWeight(lone, links, weight)
    words[2 * v] = lone[2 * links]!
    words[2 * v + 1] = lone[2 * links + 1]!
  }

  return {
    weighLone,
    weigh(members, count) {
      let total = 0
      for (let i = 0; i < count; i++) {
        const v = members[i]!
        total += doubles[neuronOf(v)]! * counts[v]!
      }
      if (total > most) {
        weighExactly(members, count)
        return
      }
      for (let i = 0; i < count; i++) {
        const v = members[i]!
        writeWeight(words, v, { share: doubles[neuronOf(v)]!, total, numerator, denominator })
      }
    },
  }
}
