/**
 * The passes over all links that a graph is built by, whose writes are scattered over its memory: the plug point of
 * engines that are quicker at that. All give the same arrays.
 */
export interface LinkPasses {
  readonly name: 'ts' | 'wasm'
  /** Begins to fold links in any order; undefined when one names a particle or a neuron that there is not. */
  open(links: LooseLinks): LinkFold | undefined
  /** The virtual source of each link, u32[E], ordered by destination; ascending for each. */
  byDestination(links: LinksByVirtual): Uint32Array
}

export interface LooseLinks {
  readonly particles: number
  readonly neurons: number
  /** u32[E, 3]: from, to, neuron of each link */
  readonly links: Uint32Array
}

/** Links that are being folded, step by step: each of the next follows from what the one before has counted. */
export interface LinkFold {
  /** u32[U]: links of each neuron */
  readonly degrees: Uint32Array
  /**
   * Links into each particle, u32[N], of those neurons that carry weight alone; once.
   *
   * @param carries u32[U]: 0 for neurons whose links are left out, 1 for all others
   */
  count(carries: Uint32Array): Uint32Array
  /** Once, after `count`. */
  fold(rows: GraphRows): FoldedColumns
}

export interface GraphRows {
  /** u32[N]: the particle of each row */
  readonly order: Uint32Array
  /** u32[N], by particle: where its row's columns begin */
  readonly starts: Uint32Array
}

export interface FoldedColumns {
  /** u32[V]: the row of each virtual source; ascending, and those of one row in the order of their first links */
  readonly sources: Uint32Array
  /** u32[V] */
  readonly neurons: Uint32Array
  /** u32[V]: how many links each has */
  readonly counts: Uint32Array
  /** u32[E]: the virtual source of each link, ordered by destination, then by the row that it is of */
  readonly columns: Uint32Array
}

export interface LinksByVirtual {
  /** u32[E]: destination of each link */
  readonly targets: Uint32Array
  /** u32[V], u32[V]: virtual source v's links are the `counts[v]` from `starts[v]` on */
  readonly starts: Uint32Array
  readonly counts: Uint32Array
  /** u32[N]: where each destination's links begin */
  readonly rows: Uint32Array
}

/** The reference. */
export const PLAIN_PASSES: LinkPasses = {
  name: 'ts',
  open(links) {
    const degrees = countDegrees(links)
    if (degrees === undefined) return undefined
    let which = degrees
    let offsets: Uint32Array = new Uint32Array(0)
    return {
      degrees,
      count(carries) {
        which = carries
        const ends = countEnds(links, carries)
        offsets = ends.offsets
        return ends.lengths
      },
      fold: (rows) =>
        foldGroups(groupBySource(links, which, offsets), { ...rows, offsets, neurons: links.neurons }),
    }
  },
  byDestination({ targets, starts, counts, rows }) {
    const columns = new Uint32Array(targets.length)
    const cursors = rows.slice()
    for (let v = 0; v < starts.length; v++) {
      const end = starts[v]! + counts[v]!
      for (let at = starts[v]!; at < end; at++) columns[cursors[targets[at]!]!++] = v
    }
    return columns
  },
}

function countDegrees({ particles, neurons, links }: LooseLinks): Uint32Array | undefined {
  const degrees = new Uint32Array(neurons)
  for (let at = 0; at < links.length; at += 3) {
    const neuron = links[at + 2]!
    if (links[at]! >= particles || links[at + 1]! >= particles || neuron >= neurons) return undefined
    degrees[neuron]!++
  }
  return degrees
}

interface Ends {
  /** u32[N + 1]: how many links lead from the particles before each */
  readonly offsets: Uint32Array
  /** u32[N]: how many lead to each */
  readonly lengths: Uint32Array
}

function countEnds({ particles, links }: LooseLinks, carries: Uint32Array): Ends {
  const offsets = new Uint32Array(particles + 1)
  const lengths = new Uint32Array(particles)
  for (let at = 0; at < links.length; at += 3) {
    const weight = carries[links[at + 2]!]!
    offsets[links[at]! + 1]! += weight
    lengths[links[at + 1]!]! += weight
  }
  for (let i = 1; i < offsets.length; i++) offsets[i] = offsets[i]! + offsets[i - 1]!
  return { offsets, lengths }
}

/** (to, neuron) of each link that is not left out, by sources: u32[E, 2]. */
function groupBySource({ links }: LooseLinks, carries: Uint32Array, offsets: Uint32Array): Uint32Array {
  const grouped = new Uint32Array(2 * offsets.at(-1)!)
  const cursors = offsets.slice()
  for (let at = 0; at < links.length; at += 3) {
    const neuron = links[at + 2]!
    if (carries[neuron] === 0) continue
    const slot = 2 * cursors[links[at]!]!++
    grouped[slot] = links[at + 1]!
    grouped[slot + 1] = neuron
  }
  return grouped
}

interface Groups extends GraphRows {
  /** u32[N + 1] */
  readonly offsets: Uint32Array
  readonly neurons: number
}

function foldGroups(grouped: Uint32Array, { neurons: most, offsets, order, starts }: Groups): FoldedColumns {
  const links = grouped.length / 2
  const [sources, neurons] = [new Uint32Array(links), new Uint32Array(links)]
  const [counts, columns] = [new Uint32Array(links), new Uint32Array(links)]
  const cursors = starts.slice()
  // one more than the last virtual source of each neuron: numbers only go up, so those of rows before are told by it
  const latest = new Uint32Array(most)
  let found = 0
  for (let row = 0; row < order.length; row++) {
    const before = found
    const end = 2 * offsets[order[row]! + 1]!
    for (let at = 2 * offsets[order[row]!]!; at < end; at += 2) {
      const neuron = grouped[at + 1]!
      if (latest[neuron]! <= before) {
        sources[found] = row
        neurons[found] = neuron
        latest[neuron] = ++found
      }
      const v = latest[neuron]! - 1
      counts[v]!++
      columns[cursors[grouped[at]!]!++] = v
    }
  }
  return {
    sources: sources.slice(0, found),
    neurons: neurons.slice(0, found),
    counts: counts.slice(0, found),
    columns,
  }
}
