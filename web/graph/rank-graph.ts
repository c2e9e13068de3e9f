import { rankError } from './rank-errors.ts'
import type { RankGraph } from './rank-kernel.ts'
import { orderRows } from './rank-layout.ts'
import { assertParticles, MAX_DOUBLE_TOTAL, MAX_STAKE, weightOf, writeWeight } from './rank-rules.ts'

export interface RankInput {
  /** N; particles are numbered 0..N − 1 */
  readonly particles: number
  /** u32[E, 3]: from, to, neuron of each link. A link given twice counts twice: sets are made where links enter. */
  readonly links: Uint32Array
  /** u64 by neuron number, millionths of a CYBR ([KG7]) */
  readonly stakes: readonly bigint[]
}

/** Links that carry weight, ordered by (source, neuron); what every way of building a graph comes down to. */
export interface SortedLinks {
  readonly particles: number
  /** u32[N + 1]: source i's links are [offsets[i], offsets[i + 1]) */
  readonly offsets: Uint32Array
  /** u32[E] */
  readonly targets: Uint32Array
  /** u32[E]; undefined when one neuron made every link */
  readonly neurons: Uint32Array | undefined
  /** s_u by neuron ([KG7]), each above 0 */
  readonly shares: readonly bigint[]
}

/**
 * Folds links into virtual sources ([KG7], [KG8]) and groups them by destination, in time linear in links,
 * particles and neurons.
 *
 * @throws RANK_PARTICLES, RANK_LINKS, RANK_ENDPOINT, RANK_NEURON, RANK_STAKE for inputs beyond [KG11]
 */
export function buildRankGraph(input: RankInput): RankGraph {
  assertRankInput(input)
  const shares = sharesOf(input)
  return foldLinks(sortLinks(input, shares))
}

/** Builds the graph of links that are already ordered by source and neuron. */
export function foldLinks(sorted: SortedLinks): RankGraph {
  const rows = countRows(sorted)
  const virtual = findVirtualSources(sorted, orderRows(rows))
  const weights = weighVirtualSources(sorted, virtual)
  const columns = groupByDestination(sorted, virtual, rows)
  return {
    particles: sorted.particles,
    links: columns.length,
    sources: virtual.sources,
    weights,
    rows,
    columns,
  }
}

/** @throws RANK_PARTICLES, RANK_LINKS, RANK_ENDPOINT, RANK_NEURON, RANK_STAKE for inputs beyond [KG11] */
export function assertRankInput({ particles, links, stakes }: RankInput): void {
  assertParticles(particles)
  if (links.length % 3 !== 0 || links.length / 3 >= 2 ** 32) {
    throw rankError(
      'RANK_LINKS',
      `Expected fewer than 2³² links as triples (from, to, neuron), got ${links.length} numbers.`,
    )
  }
  for (let at = 0; at < links.length; at += 3) {
    const from = links[at]!
    const to = links[at + 1]!
    const neuron = links[at + 2]!
    if (from >= particles || to >= particles)
      throw endpointError(at / 3, from < particles ? to : from, particles)
    if (neuron >= stakes.length) {
      throw rankError(
        'RANK_NEURON',
        `Link ${at / 3} names neuron ${neuron}, but only ${stakes.length} stakes were given.`,
      )
    }
  }
  stakes.forEach((stake, neuron) => {
    if (stake < 0n || stake > MAX_STAKE) {
      throw rankError('RANK_STAKE', `Stake of neuron ${neuron}: expected 0 to 2⁶⁴ − 1, got ${stake}.`)
    }
  })
}

function endpointError(link: number, got: number, particles: number): Error {
  return rankError(
    'RANK_ENDPOINT',
    `Link ${link} names particle ${got}, but there are only ${particles} particles.`,
  )
}

/** s_u = ⌊stake_u / links_u⌋ ([KG7]); 0 for a neuron without links. */
function sharesOf({ links, stakes }: RankInput): readonly bigint[] {
  const degrees = new Uint32Array(stakes.length)
  for (let at = 2; at < links.length; at += 3) degrees[links[at]!]!++
  return stakes.map((stake, neuron) => (degrees[neuron] === 0 ? 0n : stake / BigInt(degrees[neuron]!)))
}

/**
 * Drops links without weight and orders the rest by (from, neuron): two stable counting sorts, least
 * significant key first. Fields move instead of an index, so that each pass reads in order.
 */
function sortLinks({ particles, links }: RankInput, shares: readonly bigint[]): SortedLinks {
  const carries = Uint8Array.from(shares, (share) => (share > 0n ? 1 : 0))
  const byNeuron = new Uint32Array(shares.length + 1)
  const offsets = new Uint32Array(particles + 1)
  for (let at = 0; at < links.length; at += 3) {
    const neuron = links[at + 2]!
    if (carries[neuron] === 0) continue
    byNeuron[neuron + 1]!++
    offsets[links[at]! + 1]!++
  }
  accumulate(byNeuron)
  accumulate(offsets)
  const count = offsets[particles]!
  const froms = new Uint32Array(count)
  const tos = new Uint32Array(count)
  const cursors = byNeuron.slice()
  for (let at = 0; at < links.length; at += 3) {
    const neuron = links[at + 2]!
    if (carries[neuron] === 0) continue
    const slot = cursors[neuron]!++
    froms[slot] = links[at]!
    tos[slot] = links[at + 1]!
  }
  const targets = new Uint32Array(count)
  const neurons = new Uint32Array(count)
  const ends = offsets.slice()
  for (let neuron = 0; neuron < shares.length; neuron++) {
    for (let at = byNeuron[neuron]!; at < byNeuron[neuron + 1]!; at++) {
      const slot = ends[froms[at]!]!++
      targets[slot] = tos[at]!
      neurons[slot] = neuron
    }
  }
  return { particles, offsets, targets, neurons, shares }
}

/** Where each destination's links begin. */
function countRows({ particles, targets }: SortedLinks): Uint32Array {
  const rows = new Uint32Array(particles + 1)
  for (let at = 0; at < targets.length; at++) rows[targets[at]! + 1]!++
  accumulate(rows)
  return rows
}

interface VirtualSources {
  /** u32[V]: particle of each */
  readonly sources: Uint32Array
  /** u32[V]: its links are [starts[v], ends[v]) of the sorted links */
  readonly starts: Uint32Array
  readonly ends: Uint32Array
}

/**
 * One virtual source for each run of equal (source, neuron), numbered in `order` of its source: what much is
 * linked to tends to link much, so that the values read most stand together in the cache.
 */
function findVirtualSources({ offsets, targets, neurons }: SortedLinks, order: Uint32Array): VirtualSources {
  const sources = new Uint32Array(targets.length)
  const starts = new Uint32Array(targets.length)
  const ends = new Uint32Array(targets.length)
  let found = 0
  for (const source of order) {
    const end = offsets[source + 1]!
    for (let at = offsets[source]!; at < end; ) {
      sources[found] = source
      starts[found] = at
      if (neurons === undefined) at = end
      else for (const neuron = neurons[at]; at < end && neurons[at] === neuron; ) at++
      ends[found++] = at
    }
  }
  return { sources: sources.slice(0, found), starts: starts.slice(0, found), ends: ends.slice(0, found) }
}

/** f_v of every virtual source ([KG8]). */
function weighVirtualSources({ neurons, shares }: SortedLinks, virtual: VirtualSources): BigUint64Array {
  const { sources, starts, ends } = virtual
  const weights = new BigUint64Array(sources.length)
  const words = new Uint32Array(weights.buffer)
  const doubles = Float64Array.from(shares, Number)
  const neuronOf = (v: number): number => (neurons === undefined ? 0 : neurons[starts[v]!]!)
  const linksOf = (v: number): number => ends[v]! - starts[v]!
  function weighExactly(first: number, next: number): void {
    let total = 0n
    for (let v = first; v < next; v++) total += shares[neuronOf(v)]! * BigInt(linksOf(v))
    for (let v = first; v < next; v++) weights[v] = weightOf(shares[neuronOf(v)]!, total)
  }
  // A source with one neuron has T_i = links · s_u, and s_u cancels: its weight depends on its links alone.
  const lone = new Map<number, bigint>()
  for (let first = 0, next = 0; first < sources.length; first = next) {
    next = first + 1
    while (next < sources.length && sources[next] === sources[first]) next++
    if (next === first + 1) {
      const links = linksOf(first)
      const weight = lone.get(links) ?? weightOf(1n, BigInt(links))
      lone.set(links, weight)
      weights[first] = weight
      continue
    }
    let total = 0
    for (let v = first; v < next; v++) total += doubles[neuronOf(v)]! * linksOf(v)
    if (total <= MAX_DOUBLE_TOTAL) {
      for (let v = first; v < next; v++) writeWeight(words, v, { share: doubles[neuronOf(v)]!, total })
    } else weighExactly(first, next)
  }
  return weights
}

/** The pull layout: columns ascend within each row, so that neighbouring reads share cache lines. */
function groupByDestination(
  { targets }: SortedLinks,
  virtual: VirtualSources,
  rows: Uint32Array,
): Uint32Array {
  const { starts, ends } = virtual
  const cursors = rows.slice()
  const columns = new Uint32Array(targets.length)
  for (let v = 0; v < starts.length; v++) {
    for (let at = starts[v]!; at < ends[v]!; at++) columns[cursors[targets[at]!]!++] = v
  }
  return columns
}

/** Turns counts kept one place to the right into offsets. */
function accumulate(counts: Uint32Array): void {
  for (let i = 1; i < counts.length; i++) counts[i] = counts[i]! + counts[i - 1]!
}
