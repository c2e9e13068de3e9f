import { GrowingSources } from './growing-sources.ts'
import { type LinkPasses, PLAIN_PASSES } from './link-passes.ts'
import { type FoldedInput, type FoldedLinks, foldLinks } from './rank-fold.ts'
import { assertBounds, assertLinks, countLinks, type RankInput, shareOf } from './rank-input.ts'
import type { RankGraph } from './rank-kernel.ts'

/** What was appended may come to a quarter of what was built: then the numbers, which speed depends on, are old. */
const REBUILD_AFTER = 1 / 4
/** Above, a graphics card may read a graph in windows of rows, whose virtual sources must stand together. */
const MAX_GROWN_PARTICLES = 2 ** 23

/** End of a chain of links. */
const NONE = -1

interface Built {
  readonly graph: RankGraph
  readonly rowOf: Uint32Array
  readonly sources: GrowingSources
}

/** Of all links, by neuron. */
type Counted = Pick<FoldedInput, 'degrees' | 'shares'>

/** Links to be taken in that carry weight, by rows. */
interface NewLinks {
  readonly count: number
  readonly from: Uint32Array
  readonly to: Uint32Array
  readonly neuron: Uint32Array
}

/**
 * The rank graph of links that only ever get more. What is new is folded in: its virtual sources are found, the
 * particles whose stakes they divide are weighed again, and all other links are copied in runs as they stand, so that
 * m links cost about m, and a copy of the arrays. Now and then all is built anew, so rarely that it costs a constant
 * for each link.
 *
 * The graphs that it gives have the same links with the same weights as `buildRankGraph` of the same input, hence the
 * same ranks, in other places.
 */
export class GrowingRankGraph {
  #built: Built | undefined
  /** links taken in, and how many of them the last build from nothing had */
  #links = 0
  #builtLinks = 0
  #stakes: readonly bigint[] = []
  #shares: readonly bigint[] = []
  /** u32 by neuron */
  #degrees: Uint32Array = new Uint32Array(0)

  /** Links that were taken in so far. */
  get links(): number {
    return this.#links
  }

  /**
   * The graph of an input that goes on from the one before: its links begin with all that were given then, particles
   * and neurons keep their numbers. Stakes may be any; the damping stays.
   *
   * @throws RANK_PARTICLES, RANK_LINKS, RANK_ENDPOINT, RANK_NEURON, RANK_STAKE for inputs beyond [KG11]; nothing is
   *   changed then
   */
  grow(input: RankInput, passes: LinkPasses = PLAIN_PASSES): RankGraph {
    assertBounds(input)
    const [built, links] = [this.#built, input.links.length / 3]
    const isOld = links - this.#builtLinks > REBUILD_AFTER * this.#builtLinks
    if (built === undefined || isOld || input.particles > MAX_GROWN_PARTICLES)
      return this.#build(input, passes)
    const first = this.#links
    assertLinks(input, first)
    const degrees = new Uint32Array(input.stakes.length)
    degrees.set(this.#degrees)
    countLinks(degrees, input.links, first)
    const shares = this.#sharesOf(input.stakes, degrees)
    if (this.#turnsOver(shares)) return this.#build(input, passes)
    const changed = this.#changed(shares)
    const isSame = links === first && input.particles === built.graph.particles && changed.length === 0
    // an append that runs out of memory leaves it half done
    this.#built = undefined
    return this.#keep(isSame ? built : append(built, input, { first, shares, changed }), input, {
      degrees,
      shares,
    })
  }

  #build(input: RankInput, passes: LinkPasses): RankGraph {
    const folded = foldLinks(input, passes)
    this.#builtLinks = input.links.length / 3
    return this.#keep(begin(folded), input, folded)
  }

  #keep(built: Built, { links, stakes }: RankInput, { degrees, shares }: Counted): RankGraph {
    this.#built = built
    this.#links = links.length / 3
    this.#stakes = stakes
    this.#shares = shares
    this.#degrees = degrees
    return built.graph
  }

  #sharesOf(stakes: readonly bigint[], degrees: Uint32Array): readonly bigint[] {
    return stakes.map((stake, neuron) =>
      stake === this.#stakes[neuron] && degrees[neuron] === this.#degrees[neuron]
        ? this.#shares[neuron]!
        : shareOf(stake, degrees[neuron]!),
    )
  }

  /** Do links that were taken in get weight now that had none, or the other way round? */
  #turnsOver(shares: readonly bigint[]): boolean {
    return this.#shares.some((share, neuron) => {
      return this.#degrees[neuron]! > 0 && share > 0n !== shares[neuron]! > 0n
    })
  }

  /** Neurons of links that were taken in, and whose share is another now. */
  #changed(shares: readonly bigint[]): readonly number[] {
    const changed: number[] = []
    this.#shares.forEach((share, neuron) => {
      if (this.#degrees[neuron]! > 0 && share !== shares[neuron]) changed.push(neuron)
    })
    return changed
  }
}

function begin({ graph, rowOf, neurons, counts }: FoldedLinks): Built {
  const { particles, sources, weights } = graph
  return { graph, rowOf, sources: new GrowingSources({ particles, sources, weights, neurons, counts }) }
}

interface AppendInit {
  readonly first: number
  readonly shares: readonly bigint[]
  /** neurons whose links that are there already must be weighed again */
  readonly changed: readonly number[]
}

function append(
  { graph, rowOf: before, sources }: Built,
  input: RankInput,
  { first, shares, changed }: AppendInit,
): Built {
  const { particles } = input
  const [order, rowOf] = [extend(graph.order, particles), extend(before, particles)]
  const added = readNewLinks(input, { first, shares, rowOf })
  sources.reserve(particles)
  const columns = sources.assign(added, shares)
  sources.weigh({ shares, changed, damping: input.damping })
  return {
    graph: {
      particles,
      links: graph.links + added.count,
      order,
      ...sources.snapshot(),
      ...mergeColumns(graph, particles, added, columns),
    },
    rowOf,
    sources,
  }
}

/** Numbers from where the array ends: newcomers stand in their order. */
function extend(array: Uint32Array, length: number): Uint32Array {
  if (length === array.length) return array
  const extended = new Uint32Array(length)
  extended.set(array)
  for (let i = array.length; i < length; i++) extended[i] = i
  return extended
}

interface ReadInit {
  readonly first: number
  readonly shares: readonly bigint[]
  readonly rowOf: Uint32Array
}

function readNewLinks({ links }: RankInput, { first, shares, rowOf }: ReadInit): NewLinks {
  const most = links.length / 3 - first
  const [from, to, neuron] = [new Uint32Array(most), new Uint32Array(most), new Uint32Array(most)]
  let count = 0
  for (let at = 3 * first; at < links.length; at += 3) {
    if (shares[links[at + 2]!] === 0n) continue
    from[count] = rowOf[links[at]!]!
    to[count] = rowOf[links[at + 1]!]!
    neuron[count++] = links[at + 2]!
  }
  return { count, from, to, neuron }
}

/** Each row's columns, and the new ones behind them: runs of rows that nothing is added to are copied whole. */
function mergeColumns(
  { rows: before, columns: old }: RankGraph,
  particles: number,
  { count, to }: NewLinks,
  columns: Uint32Array,
): Pick<RankGraph, 'rows' | 'columns'> {
  const heads = new Int32Array(particles).fill(NONE)
  const next = new Int32Array(count)
  for (let link = count - 1; link >= 0; link--) {
    next[link] = heads[to[link]!]!
    heads[to[link]!] = link
  }
  const rows = new Uint32Array(particles + 1)
  const merged = new Uint32Array(old.length + count)
  let copied = 0
  let added = 0
  for (let row = 0; row < particles; row++) {
    const end = row + 1 < before.length ? before[row + 1]! : old.length
    if (heads[row] !== NONE) {
      merged.set(old.subarray(copied, end), copied + added)
      copied = end
      for (let link = heads[row]!; link !== NONE; link = next[link]!) merged[end + added++] = columns[link]!
    }
    rows[row + 1] = end + added
  }
  merged.set(old.subarray(copied), copied + added)
  return { rows, columns: merged }
}
