import { type LinkPasses, PLAIN_PASSES } from './link-passes.ts'
import type { Rational } from './machine/rational.ts'
import type { RankGraph } from './rank-kernel.ts'
import { orderRows } from './rank-layout.ts'
import { createWeigher } from './rank-weights.ts'

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
  readonly damping?: Rational | undefined
}

/** A graph, with what it takes to append to it. */
export interface FoldedLinks {
  readonly graph: RankGraph
  /** u32[N]: the row of each particle */
  readonly rowOf: Uint32Array
  /** u32[V]: the neuron of each virtual source; undefined when there is but one */
  readonly neurons: Uint32Array | undefined
  /** u32[V]: how many links each virtual source has */
  readonly counts: Uint32Array
}

/** Builds the graph of links that are already ordered by source and neuron. */
export function foldLinks(sorted: SortedLinks, passes: LinkPasses = PLAIN_PASSES): FoldedLinks {
  const { particles, targets, shares, damping } = sorted
  const lengths = countRows(sorted)
  const order = orderRows(lengths)
  const { rows, rowOf, starts } = layOutRows(lengths, order)
  const virtual = findVirtualSources(sorted, order)
  const { sources, neurons, counts } = virtual
  const weights = new BigUint64Array(sources.length)
  weighAll(virtual, createWeigher({ shares, neurons, counts, weights, damping }))
  // columns ascend within each row, so that neighbouring reads share cache lines
  const columns = passes.byDestination({ targets, starts: virtual.starts, counts, rows: starts })
  const graph = { particles, links: columns.length, order, sources, weights, rows, columns }
  return { graph, rowOf, neurons, counts }
}

/** How many links each particle has in: as offsets, in order of the particles. */
function countRows({ particles, targets }: SortedLinks): Uint32Array {
  const rows = new Uint32Array(particles + 1)
  for (let at = 0; at < targets.length; at++) rows[targets[at]! + 1]!++
  for (let i = 1; i < rows.length; i++) rows[i] = rows[i]! + rows[i - 1]!
  return rows
}

interface Rows {
  /** u32[N + 1], by row */
  readonly rows: Uint32Array
  /** u32[N], by particle */
  readonly rowOf: Uint32Array
  /** u32[N], by particle: where its row begins */
  readonly starts: Uint32Array
}

function layOutRows(lengths: Uint32Array, order: Uint32Array): Rows {
  const rows = new Uint32Array(lengths.length)
  const rowOf = new Uint32Array(order.length)
  const starts = new Uint32Array(order.length)
  let at = 0
  for (let row = 0; row < order.length; row++) {
    const particle = order[row]!
    rowOf[particle] = row
    starts[particle] = at
    at += lengths[particle + 1]! - lengths[particle]!
    rows[row + 1] = at
  }
  return { rows, rowOf, starts }
}

interface VirtualSources {
  /** u32[V]: row of each */
  readonly sources: Uint32Array
  /** u32[V]: where its links begin in the sorted ones */
  readonly starts: Uint32Array
  /** u32[V]: how many they are */
  readonly counts: Uint32Array
  /** u32[V] */
  readonly neurons: Uint32Array | undefined
}

/**
 * One virtual source for each run of equal (source, neuron), numbered in the order of the rows: what much is linked
 * to tends to link much, so that the values read most stand together in the cache.
 */
function findVirtualSources({ offsets, targets, neurons }: SortedLinks, order: Uint32Array): VirtualSources {
  const most = neurons === undefined ? order.length : targets.length
  const sources = new Uint32Array(most)
  const starts = new Uint32Array(most)
  const counts = new Uint32Array(most)
  const found = neurons && new Uint32Array(most)
  let v = 0
  for (let row = 0; row < order.length; row++) {
    const source = order[row]!
    const end = offsets[source + 1]!
    for (let at = offsets[source]!; at < end; ) {
      const start = at
      if (neurons === undefined) at = end
      else for (const neuron = neurons[at]; at < end && neurons[at] === neuron; ) at++
      sources[v] = row
      starts[v] = start
      counts[v] = at - start
      if (found !== undefined) found[v] = neurons![start]!
      v++
    }
  }
  return {
    sources: sources.slice(0, v),
    starts: starts.subarray(0, v),
    counts: counts.slice(0, v),
    neurons: found?.slice(0, v),
  }
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
