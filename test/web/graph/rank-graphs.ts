import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { type CsrGraph, parseCsr } from '#graph/rank-csr.ts'
import type { RankInput } from '#graph/rank-input.ts'
import type { RankGraph } from '#graph/rank-kernel.ts'

const MAX_STAKE = 2n ** 64n - 1n

export interface TinyGraph {
  readonly name: string
  readonly input: RankInput
  readonly shares: readonly bigint[]
  /** [particle, f_v] in order of particles */
  readonly virtualSources: readonly (readonly [number, bigint])[]
  readonly snapshots: readonly { iterations: number; ranks: readonly bigint[]; delta: bigint }[]
}

interface TinyJson {
  readonly name: string
  readonly N: number
  readonly stakes: readonly (string | number)[]
  readonly links: readonly (readonly number[])[]
  readonly s: readonly string[]
  readonly fixed_k62: {
    readonly ranks_after: Readonly<Record<string, readonly string[]>>
    readonly l1_delta_at: readonly (readonly [number, string])[]
    readonly virtual_sources: readonly (readonly [number, string])[]
  }
}

function readVector(name: string): Buffer {
  return readFileSync(new URL(`../../vectors/rank/${name}`, import.meta.url))
}

/** The graphs of tiny.json. */
export function readTinyGraphs(): readonly TinyGraph[] {
  const graphs = JSON.parse(readVector('tiny.json').toString()) as readonly TinyJson[]
  return graphs.map(({ name, N, stakes, links, s, fixed_k62: fixed }) => ({
    name,
    input: { particles: N, links: Uint32Array.from(links.flat()), stakes: stakes.map(BigInt) },
    shares: s.map(BigInt),
    virtualSources: fixed.virtual_sources.map(([particle, weight]) => [particle, BigInt(weight)] as const),
    snapshots: fixed.l1_delta_at.map(([iterations, delta]) => ({
      iterations,
      ranks: fixed.ranks_after[iterations]!.map(BigInt),
      delta: BigInt(delta),
    })),
  }))
}

export interface GoldenCase {
  readonly mode: 'unit' | 'hash'
  readonly E_weighted: number
  readonly V: number
  readonly snap: Readonly<
    Record<
      string,
      { readonly l1_delta: string; readonly sha256_u64le: string; readonly rfc6962_root: string }
    >
  >
  readonly stop_rule: { readonly iterations: number; readonly sha256_u64le: string }
  readonly top10: readonly (readonly [number, string, string])[]
}

export function readGoldenCases(): readonly GoldenCase[] {
  return (JSON.parse(readVector('golden_k62.json').toString()) as { cases: readonly GoldenCase[] }).cases
}

export function readWordnet(): CsrGraph {
  return parseCsr(readVector('wordnet.csr'))
}

/** One neuron whose every link has s = 1. */
export function withUnitStakes({ particles, offsets, targets }: CsrGraph): RankInput {
  return toInput({ particles, offsets, targets }, () => 0, [BigInt(targets.length)])
}

/** `mode_hash` of golden_k62.json: 997 neurons, some without stake. */
export function withHashedStakes(graph: CsrGraph): RankInput {
  const stakes = Array.from({ length: 997 }, (_, u) =>
    u % 17 === 5 ? 0n : BigInt((u * 7919 + 13) % 1009) ** 3n * 1000n,
  )
  return toInput(
    graph,
    (from, k) => (((Math.imul(from + 1, 0x9e3779b1) >>> 0) % 997) + (k % 3)) % 997,
    stakes,
  )
}

function toInput(
  { particles, offsets, targets }: CsrGraph,
  neuronOf: (from: number, indexInSource: number) => number,
  stakes: readonly bigint[],
): RankInput {
  const links = new Uint32Array(3 * targets.length)
  for (let from = 0; from < particles; from++) {
    const first = offsets[from]!
    for (let at = first; at < offsets[from + 1]!; at++) {
      links.set([from, targets[at]!, neuronOf(from, at - first)], 3 * at)
    }
  }
  return { particles, links, stakes }
}

/** 64-bit state, so that seeds and streams do not collapse (splitmix64, Steele, Lea and Flood 2014). */
export function createRandom(seed: number): (below: number) => number {
  let state = BigInt(seed)
  return (below) => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n)
    let z = state
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n)
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn)
    return Number(((z ^ (z >> 31n)) >> 11n) % BigInt(below))
  }
}

/** Small graphs of every kind: self-links, doubled links, dangling particles, stakes from 0 to 2⁶⁴ − 1. */
export function arbitraryInput(): fc.Arbitrary<RankInput> {
  const stake = fc.oneof(
    fc.bigInt({ min: 0n, max: 5n }),
    fc.bigInt({ min: 0n, max: MAX_STAKE }),
    fc.constantFrom(0n, 1n, 2n ** 32n, 2n ** 63n, MAX_STAKE),
  )
  return fc.integer({ min: 1, max: 40 }).chain((particles) =>
    fc.array(stake, { minLength: 1, maxLength: 6 }).chain((stakes) => {
      const particle = fc.integer({ min: 0, max: particles - 1 })
      const link = fc.tuple(particle, particle, fc.integer({ min: 0, max: stakes.length - 1 }))
      return fc
        .array(link, { maxLength: 120 })
        .map((links) => ({ particles, links: Uint32Array.from(links.flat()), stakes }))
    }),
  )
}

/** Larger graphs of the shapes that kernels stumble over. */
export function largeInputs(): readonly { readonly name: string; readonly input: RankInput }[] {
  return [
    { name: 'power law', input: powerLaw({ particles: 20_000, links: 150_000, neurons: 300, seed: 1 }) },
    {
      name: 'power law, few neurons',
      input: powerLaw({ particles: 3_000, links: 60_000, neurons: 2, seed: 2 }),
    },
    { name: 'star in', input: star({ leaves: 30_000, isInward: true }) },
    { name: 'star out', input: star({ leaves: 30_000, isInward: false }) },
    { name: 'chain', input: chain(10_000) },
    { name: 'self-links', input: selfLinks(5_000) },
    { name: 'one neuron has almost all', input: lopsided(2_000) },
  ]
}

export interface PowerLawInit {
  readonly particles: number
  readonly links: number
  readonly neurons: number
  readonly seed: number
}

/** Ends are drawn so that a few particles have most links; every seventh neuron has no stake. */
export function powerLaw({ particles, links, neurons, seed }: PowerLawInit): RankInput {
  const random = createRandom(seed)
  const draw = () => Math.floor(particles * (random(2 ** 30) / 2 ** 30) ** 3)
  const triples = new Uint32Array(3 * links)
  for (let i = 0; i < links; i++) triples.set([draw(), draw(), random(neurons)], 3 * i)
  const stakes = Array.from({ length: neurons }, (_, u) => (u % 7 === 3 ? 0n : BigInt(1 + random(2 ** 40))))
  return { particles, links: triples, stakes }
}

export function star({
  leaves,
  isInward,
}: {
  readonly leaves: number
  readonly isInward: boolean
}): RankInput {
  const links = new Uint32Array(3 * leaves)
  for (let i = 1; i <= leaves; i++) links.set(isInward ? [i, 0, 0] : [0, i, 0], 3 * (i - 1))
  return { particles: leaves + 1, links, stakes: [MAX_STAKE] }
}

export function chain(particles: number): RankInput {
  const links = new Uint32Array(3 * (particles - 1))
  for (let i = 0; i + 1 < particles; i++) links.set([i, i + 1, i % 2], 3 * i)
  return { particles, links, stakes: [2n ** 32n, 2n ** 32n] }
}

export function selfLinks(particles: number): RankInput {
  const links = new Uint32Array(6 * particles)
  for (let i = 0; i < particles; i++) links.set([i, i, 0, i, (7 * i) % particles, 1], 6 * i)
  return { particles, links, stakes: [2n ** 40n, 2n ** 41n] }
}

export function lopsided(particles: number): RankInput {
  const links = new Uint32Array(6 * particles)
  for (let i = 0; i < particles; i++) {
    links.set([i, (i + 1) % particles, 0, i, (i * i) % particles, 1], 6 * i)
  }
  return { particles, links, stakes: [MAX_STAKE, BigInt(particles)] }
}

/** The same links in another order. */
export function shuffleLinks(input: RankInput, seed: number): RankInput {
  const random = createRandom(seed)
  const links = input.links.slice()
  for (let i = links.length / 3 - 1; i > 0; i--) {
    const j = random(i + 1)
    const moved = links.slice(3 * i, 3 * i + 3)
    links.copyWithin(3 * i, 3 * j, 3 * j + 3)
    links.set(moved, 3 * j)
  }
  return { ...input, links }
}

/** The same graph with other numbers: particle i becomes `numbers[i]`. */
export function relabel(input: RankInput, numbers: readonly number[]): RankInput {
  const links = input.links.map((value, at) => (at % 3 === 2 ? value : numbers[value]!))
  return { ...input, links }
}

/** A random permutation of 0..count − 1. */
export function permutation(count: number, seed: number): number[] {
  const random = createRandom(seed)
  const numbers = Array.from({ length: count }, (_, i) => i)
  for (let i = count - 1; i > 0; i--) {
    const j = random(i + 1)
    const moved = numbers[i]!
    numbers[i] = numbers[j]!
    numbers[j] = moved
  }
  return numbers
}

/** Each link of a graph as [source, destination, f_v], sorted. */
export function describeRankGraph(graph: RankGraph): readonly string[] {
  const { particles, order, rows, columns, sources, weights } = graph
  const links: string[] = []
  for (let row = 0; row < particles; row++) {
    for (let at = rows[row]!; at < rows[row + 1]!; at++) {
      const v = columns[at]!
      links.push(`${order[sources[v]!]} ${order[row]} ${weights[v]}`)
    }
  }
  return links.sort()
}
