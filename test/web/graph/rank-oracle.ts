import type { RankInput } from '#graph/rank-input.ts'

const MASS = 2n ** 62n

export interface OracleRank {
  readonly ranks: readonly bigint[]
  readonly delta: bigint
}

/**
 * [KG7]–[KG9] word for word, link by link, in BigInt: slow, plain, and sharing no line with the kernels.
 * Yields the ranks after each iteration, without end.
 *
 * @param teleport weight of each particle ([KG15]) @default 1 for all
 */
export function* rankByOracle(
  input: RankInput,
  teleport: readonly bigint[] = new Array<bigint>(input.particles).fill(1n),
): Generator<OracleRank, never> {
  const weighted = weighLinks(input).map(({ from, to, share, total }) => ({
    from,
    to,
    factor: (17n * 2n ** 64n * share) / (20n * total),
  }))
  const all = sum(teleport)
  let ranks = teleport.map((weight) => weight * (MASS / all))
  for (;;) {
    const y = new Array<bigint>(input.particles).fill(0n)
    for (const { from, to, factor } of weighted) y[to]! += (ranks[from]! * factor) / 2n ** 64n
    const unit = (MASS - sum(y)) / all
    const next = y.map((value, i) => value + teleport[i]! * unit)
    const delta = distanceOf(next, ranks)
    ranks = next
    yield { ranks, delta }
  }
}

/** Bits below 2⁻⁶² that the solution has: its own error is nothing beside a unit. */
const SOLUTION_BITS = 64n
/** 0.85^t falls below 2⁻¹²⁶ */
const SOLUTION_ITERATIONS = 540

/**
 * The fixed point that ranks approach, from exact quotients s_u/T_i and with no mass lost, in units of 2⁻⁶² · 2⁻⁶⁴.
 *
 * @returns Σ|r_j − r*_j| in whole units of 2⁻⁶², rounded up, for `ranks`
 */
export function createErrorMeter(
  input: RankInput,
  teleport: readonly bigint[] = new Array<bigint>(input.particles).fill(1n),
): (ranks: Iterable<bigint>) => bigint {
  const links = weighLinks(input)
  const mass = MASS << SOLUTION_BITS
  const all = sum(teleport)
  let solution = teleport.map((weight) => (weight * mass) / all)
  for (let iteration = 0; iteration < SOLUTION_ITERATIONS; iteration++) {
    const y = new Array<bigint>(input.particles).fill(0n)
    for (const { from, to, share, total } of links) y[to]! += (17n * solution[from]! * share) / (20n * total)
    const rest = mass - sum(y)
    solution = y.map((value, i) => value + (teleport[i]! * rest) / all)
  }
  return (ranks) =>
    (distanceOf(
      [...ranks].map((rank) => rank << SOLUTION_BITS),
      solution,
    ) >>
      SOLUTION_BITS) +
    1n
}

interface WeighedLink {
  readonly from: number
  readonly to: number
  /** s_u of its neuron */
  readonly share: bigint
  /** T_i of its source */
  readonly total: bigint
}

/** Links that carry weight ([KG7]). */
function weighLinks({ links, stakes }: RankInput): readonly WeighedLink[] {
  const triples = Array.from({ length: links.length / 3 }, (_, i) => ({
    from: links[3 * i]!,
    to: links[3 * i + 1]!,
    neuron: links[3 * i + 2]!,
  }))
  const linksOf = triples.reduce((counts, { neuron }) => add(counts, neuron, 1n), new Map<number, bigint>())
  const shareOf = (neuron: number) => stakes[neuron]! / linksOf.get(neuron)!
  const totals = triples.reduce(
    (sums, { from, neuron }) => add(sums, from, shareOf(neuron)),
    new Map<number, bigint>(),
  )
  return triples
    .filter(({ neuron }) => shareOf(neuron) > 0n)
    .map(({ from, to, neuron }) => ({ from, to, share: shareOf(neuron), total: totals.get(from)! }))
}

function distanceOf(a: readonly bigint[], b: readonly bigint[]): bigint {
  return a.reduce((total, value, i) => total + abs(value - b[i]!), 0n)
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n)
}

function add(counts: Map<number, bigint>, key: number, value: bigint): Map<number, bigint> {
  return counts.set(key, (counts.get(key) ?? 0n) + value)
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value
}
