import type { RankInput } from '#graph/rank-input.ts'

const DAMPING = 17 / 20
/** Below it doubles only shake: one rank of 10⁵ is about 10⁻⁵, its last bit 10⁻²¹. */
const STILL = 1e-17
const MAX_ITERATIONS = 400

/**
 * Rank by doubles until it stands still: another program than the kernels, from links and stakes themselves.
 * Its own error is some 10⁻¹⁵ of the mass, a few thousand units, where the bounds are millions.
 *
 * @returns f64[N], shares of all rank
 */
export function solveInDoubles(input: RankInput): Float64Array {
  const { particles } = input
  const { links, weights } = weigh(input)
  let ranks = new Float64Array(particles).fill(1 / particles)
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const next = new Float64Array(particles)
    for (let link = 0; link < weights.length; link++) {
      const to = links[3 * link + 1]!
      next[to] = next[to]! + DAMPING * weights[link]! * ranks[links[3 * link]!]!
    }
    const base = (1 - sumExactly(next)) / particles
    let change = 0
    for (let i = 0; i < particles; i++) {
      next[i] = next[i]! + base
      change += Math.abs(next[i]! - ranks[i]!)
    }
    ranks = next
    if (change < STILL) break
  }
  return ranks
}

/** s_u / T_i of each link ([KG7]); 0 for those without weight. */
function weigh({ particles, links, stakes }: RankInput): {
  readonly links: Uint32Array
  readonly weights: Float64Array
} {
  const degrees = new Float64Array(stakes.length)
  for (let at = 2; at < links.length; at += 3) degrees[links[at]!]!++
  const shares = stakes.map((stake, neuron) => Number(stake / BigInt(degrees[neuron] || 1)))
  const totals = new Float64Array(particles)
  for (let at = 0; at < links.length; at += 3)
    totals[links[at]!] = totals[links[at]!]! + shares[links[at + 2]!]!
  const weights = new Float64Array(links.length / 3)
  for (let link = 0; link < weights.length; link++) {
    const share = shares[links[3 * link + 2]!]!
    weights[link] = share === 0 ? 0 : share / totals[links[3 * link]!]!
  }
  return { links, weights }
}

/** Neumaier's sum. */
function sumExactly(values: Float64Array): number {
  let sum = 0
  let lost = 0
  for (const value of values) {
    const next = sum + value
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum
    sum = next
  }
  return sum + lost
}
