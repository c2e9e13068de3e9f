import type { RankInput } from '#graph/rank-graph.ts'

const MASS = 2n ** 62n

export interface OracleRank {
  readonly ranks: readonly bigint[]
  readonly delta: bigint
}

/**
 * [KG7]–[KG9] word for word, link by link, in BigInt: slow, plain, and sharing no line with the kernels.
 * Yields the ranks after each iteration, without end.
 */
export function* rankByOracle({ particles, links, stakes }: RankInput): Generator<OracleRank, never> {
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
  const weighted = triples
    .filter(({ neuron }) => shareOf(neuron) > 0n)
    .map(({ from, to, neuron }) => ({
      from,
      to,
      factor: (17n * 2n ** 64n * shareOf(neuron)) / (20n * totals.get(from)!),
    }))
  let ranks = new Array<bigint>(particles).fill(MASS / BigInt(particles))
  for (;;) {
    const y = new Array<bigint>(particles).fill(0n)
    for (const { from, to, factor } of weighted) y[to]! += (ranks[from]! * factor) / 2n ** 64n
    const base = (MASS - y.reduce((sum, value) => sum + value, 0n)) / BigInt(particles)
    const next = y.map((value) => value + base)
    const delta = next.reduce((sum, value, i) => sum + abs(value - ranks[i]!), 0n)
    ranks = next
    yield { ranks, delta }
  }
}

function add(counts: Map<number, bigint>, key: number, value: bigint): Map<number, bigint> {
  return counts.set(key, (counts.get(key) ?? 0n) + value)
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value
}
