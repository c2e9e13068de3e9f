/**
 * The passes over all links that a graph is built by, whose writes are scattered over its memory: the plug point of
 * engines that are quicker at that. All give the same arrays.
 */
export interface LinkPasses {
  readonly name: 'ts' | 'wasm'
  /** Orders links that are ordered by neuron by their sources, and keeps their order otherwise. */
  bySource(links: LinksByNeuron): LinksBySource
  /** The virtual source of each link, u32[E], ordered by destination; ascending for each. */
  byDestination(links: LinksByVirtual): Uint32Array
}

export interface LinksByNeuron {
  /** u32[E] */
  readonly froms: Uint32Array
  /** u32[E] */
  readonly tos: Uint32Array
  /** u32[U + 1]: neuron u's links are [neurons[u], neurons[u + 1]) */
  readonly neurons: Uint32Array
  /** u32[N]: where each source's links begin */
  readonly starts: Uint32Array
}

export interface LinksBySource {
  /** u32[E] */
  readonly targets: Uint32Array
  /** u32[E] */
  readonly neurons: Uint32Array
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
  bySource({ froms, tos, neurons: ends, starts }) {
    const targets = new Uint32Array(tos.length)
    const neurons = new Uint32Array(tos.length)
    const cursors = starts.slice()
    for (let neuron = 0; neuron + 1 < ends.length; neuron++) {
      for (let at = ends[neuron]!; at < ends[neuron + 1]!; at++) {
        const slot = cursors[froms[at]!]!++
        targets[slot] = tos[at]!
        neurons[slot] = neuron
      }
    }
    return { targets, neurons }
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
