import { type LinkPasses, PLAIN_PASSES } from './link-passes.ts'
import type { Rational } from './machine/rational.ts'
import { assertLinks, type RankInput, shareOf } from './rank-input.ts'
import type { RankGraph } from './rank-kernel.ts'
import { orderRows } from './rank-layout.ts'
import { createWeigher } from './rank-weights.ts'

/** Links of one neuron, by their sources. */
export interface LinksBySource {
  readonly particles: number
  /** u32[N + 1]: source i's links are [offsets[i], offsets[i + 1]) */
  readonly offsets: Uint32Array
  /** u32[E] */
  readonly targets: Uint32Array
  readonly damping?: Rational | undefined
}

/** A graph, with what it takes to append to it. */
export interface FoldedLinks {
  readonly graph: RankGraph
  /** u32[N]: the row of each particle */
  readonly rowOf: Uint32Array
  /** u32[V]: the neuron of each virtual source */
  readonly neurons: Uint32Array
  /** u32[V]: how many links each virtual source has */
  readonly counts: Uint32Array
}

/** A graph of links in any order, and what follows from how many each neuron has. */
export interface FoldedInput extends FoldedLinks {
  /** u32[U]: links of each neuron */
  readonly degrees: Uint32Array
  /** s_u by neuron ([KG7]); links of those that have none are left out */
  readonly shares: readonly bigint[]
}

/** @throws RANK_ENDPOINT, RANK_NEURON; all else of the input was checked */
export function foldLinks(input: RankInput, passes: LinkPasses = PLAIN_PASSES): FoldedInput {
  const { particles, links, stakes, damping } = input
  const opened = passes.open({ particles, links, neurons: stakes.length })
  if (opened === undefined) {
    assertLinks(input)
    throw new Error(`The ${passes.name} passes refused good links.`)
  }
  const { degrees } = opened
  const shares = stakes.map((stake, neuron) => shareOf(stake, degrees[neuron]!))
  const lengths = opened.count(Uint32Array.from(shares, (share) => (share > 0n ? 1 : 0)))
  const { order, rows, rowOf, starts } = layOutRows(lengths)
  const { columns, ...virtual } = opened.fold({ order, starts })
  const { sources, neurons, counts } = virtual
  const weights = new BigUint64Array(sources.length)
  weighAll(virtual, createWeigher({ shares, neurons, counts, weights, damping }))
  const graph = { particles, links: columns.length, order, sources, weights, rows, columns }
  return { graph, rowOf, neurons, counts, degrees, shares }
}

/** Builds the graph of links that one neuron made and that are ordered by source already. */
export function foldLinksBySource(links: LinksBySource, passes: LinkPasses = PLAIN_PASSES): RankGraph {
  const { particles, targets, damping } = links
  const { order, rows, starts: rowStarts } = layOutRows(countTargets(links))
  const virtual = findVirtualSources(links, order)
  const { sources, starts, counts } = virtual
  const weights = new BigUint64Array(sources.length)
  weighAll(virtual, createWeigher({ shares: [1n], neurons: undefined, counts, weights, damping }))
  // columns ascend within each row, so that neighbouring reads share cache lines
  const columns = passes.byDestination({ targets, starts, counts, rows: rowStarts })
  return { particles, links: columns.length, order, sources, weights, rows, columns }
}

/** How many links each particle has in. */
function countTargets({ particles, targets }: LinksBySource): Uint32Array {
  const lengths = new Uint32Array(particles)
  for (let at = 0; at < targets.length; at++) lengths[targets[at]!]!++
  return lengths
}

interface Rows {
  /** u32[N]: the particle of each row */
  readonly order: Uint32Array
  /** u32[N + 1], by row */
  readonly rows: Uint32Array
  /** u32[N], by particle */
  readonly rowOf: Uint32Array
  /** u32[N], by particle: where its row begins */
  readonly starts: Uint32Array
}

/** @param lengths u32[N], by particle */
function layOutRows(lengths: Uint32Array): Rows {
  const particles = lengths.length
  const offsets = new Uint32Array(particles + 1)
  for (let i = 0; i < particles; i++) offsets[i + 1] = offsets[i]! + lengths[i]!
  const order = orderRows(offsets)
  const rows = new Uint32Array(particles + 1)
  const rowOf = new Uint32Array(particles)
  const starts = new Uint32Array(particles)
  for (let row = 0; row < particles; row++) {
    const particle = order[row]!
    rowOf[particle] = row
    starts[particle] = rows[row]!
    rows[row + 1] = rows[row]! + lengths[particle]!
  }
  return { order, rows, rowOf, starts }
}

interface VirtualSources {
  /** u32[V]: row of each */
  readonly sources: Uint32Array
  /** u32[V]: how many links each has */
  readonly counts: Uint32Array
}

/**
 * One virtual source for each particle that links, numbered in the order of the rows: what much is linked to tends to
 * link much, so that the values read most stand together in the cache.
 *
 * @returns with u32[V]: where the links of each begin
 */
function findVirtualSources(
  { offsets }: LinksBySource,
  order: Uint32Array,
): VirtualSources & { readonly starts: Uint32Array } {
  const sources = new Uint32Array(order.length)
  const starts = new Uint32Array(order.length)
  const counts = new Uint32Array(order.length)
  let v = 0
  for (let row = 0; row < order.length; row++) {
    const start = offsets[order[row]!]!
    const end = offsets[order[row]! + 1]!
    if (start === end) continue
    sources[v] = row
    starts[v] = start
    counts[v++] = end - start
  }
  return { sources: sources.slice(0, v), starts: starts.subarray(0, v), counts: counts.slice(0, v) }
}

/** f_v of every virtual source ([KG8]); those of one particle follow each other. */
function weighAll({ sources, counts }: VirtualSources, weigher: ReturnType<typeof createWeigher>): void {
  let members = new Uint32Array(64)
  for (let first = 0, next = 0; first < sources.length; first = next) {
    next = first + 1
    while (next < sources.length && sources[next] === sources[first]) next++
    if (next === first + 1) {
      weigher.weighLone(first, counts[first]!)
      continue
    }
    if (next - first > members.length) members = new Uint32Array(2 * (next - first))
    for (let v = first; v < next; v++) members[v - first] = v
    weigher.weigh(members, next - first)
  }
}
