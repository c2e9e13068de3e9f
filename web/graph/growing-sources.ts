import { grow } from './grow.ts'
import type { Rational } from './machine/rational.ts'
import type { RankGraph } from './rank-kernel.ts'
import { createWeigher } from './rank-weights.ts'

/** End of a chain. */
const NONE = -1

export interface GrowingSourcesInit {
  readonly particles: number
  /** u32[V]: row of each */
  readonly sources: Uint32Array
  readonly weights: BigUint64Array
  /** u32[V] */
  readonly neurons: Uint32Array
  /** u32[V] */
  readonly counts: Uint32Array
}

/** Links by the row that they come from, and their neuron: the first `count`. */
export interface AssignedLinks {
  readonly count: number
  readonly from: Uint32Array
  readonly neuron: Uint32Array
}

export interface WeighInit {
  /** s_u by neuron */
  readonly shares: readonly bigint[]
  /** numbers of neurons whose share has changed */
  readonly changed: readonly number[]
  readonly damping: Rational | undefined
}

/** Virtual sources ([KG8]) that get more: those of a row are a chain. */
export class GrowingSources {
  #count: number
  #sources: Uint32Array
  #neurons: Uint32Array
  #counts: Uint32Array
  #weights: BigUint64Array
  /** by virtual source: the next of its row */
  #next: Int32Array
  /** by row */
  #first: Int32Array
  /** rows that must be weighed again, each once */
  #stale: number[] = []
  #isStale: Uint8Array

  constructor({ particles, sources, weights, neurons, counts }: GrowingSourcesInit) {
    this.#count = sources.length
    // what a graph has is never written again
    this.#sources = withRoom(sources)
    this.#weights = new BigUint64Array(this.#sources.length)
    this.#weights.set(weights)
    this.#neurons = withRoom(neurons)
    this.#counts = withRoom(counts)
    this.#next = new Int32Array(this.#sources.length)
    this.#first = new Int32Array(particles).fill(NONE)
    this.#isStale = new Uint8Array(particles)
    for (let v = 0; v < this.#count; v++) this.#chain(v)
  }

  /** Makes room for this many rows. */
  reserve(particles: number): void {
    const before = this.#first.length
    if (particles <= before) return
    const room = Math.max(particles, Math.ceil(1.25 * before))
    const first = new Int32Array(room).fill(NONE, before)
    first.set(this.#first)
    const isStale = new Uint8Array(room)
    isStale.set(this.#isStale)
    this.#first = first
    this.#isStale = isStale
  }

  /** Finds or makes the virtual source of each link: u32[count]. Theirs are the rows that must be weighed again. */
  assign({ count, from, neuron }: AssignedLinks, shares: readonly bigint[]): Uint32Array {
    const found = new Uint32Array(count)
    const { rows, heads, next } = groupByRow(from, count)
    // the row's virtual source of each neuron, and one more
    const known = new Uint32Array(shares.length)
    for (const row of rows) {
      for (let v = this.#first[row]!; v !== NONE; v = this.#next[v]!) known[this.#neurons[v]!] = v + 1
      for (let link = heads.get(row)!; link !== NONE; link = next[link]!) {
        const u = neuron[link]!
        if (known[u] === 0) known[u] = this.#add(row, u) + 1
        const v = known[u]! - 1
        this.#counts[v]!++
        found[link] = v
      }
      for (let v = this.#first[row]!; v !== NONE; v = this.#next[v]!) known[this.#neurons[v]!] = 0
      this.#markStale(row)
    }
    return found
  }

  /**
   * Weighs the rows that links were assigned to, and those that neurons whose share has changed share with others.
   */
  weigh({ shares, changed, damping }: WeighInit): void {
    this.#markRowsOf(changed, shares.length)
    const weigher = createWeigher({
      shares,
      neurons: this.#neurons,
      counts: this.#counts,
      weights: this.#weights,
      damping,
    })
    let members = new Uint32Array(64)
    for (const row of this.#stale) {
      let count = 0
      for (let v = this.#first[row]!; v !== NONE; v = this.#next[v]!) {
        if (count === members.length) members = grow(members)
        members[count++] = v
      }
      if (count === 1) weigher.weighLone(members[0]!, this.#counts[members[0]!]!)
      else weigher.weigh(members, count)
      this.#isStale[row] = 0
    }
    this.#stale = []
  }

  /** What a graph has of them: copies. */
  snapshot(): Pick<RankGraph, 'sources' | 'weights'> {
    return { sources: this.#sources.slice(0, this.#count), weights: this.#weights.slice(0, this.#count) }
  }

  #markRowsOf(changed: readonly number[], neurons: number): void {
    if (changed.length === 0) return
    const isChanged = new Uint8Array(neurons)
    for (const neuron of changed) isChanged[neuron] = 1
    for (let v = 0; v < this.#count; v++) {
      if (isChanged[this.#neurons[v]!] === 0) continue
      const row = this.#sources[v]!
      const isLone = this.#first[row] === v && this.#next[v] === NONE
      if (!isLone) this.#markStale(row)
    }
  }

  #markStale(row: number): void {
    if (this.#isStale[row] === 1) return
    this.#isStale[row] = 1
    this.#stale.push(row)
  }

  #add(row: number, neuron: number): number {
    const v = this.#count++
    if (v === this.#sources.length) this.#growSources()
    this.#sources[v] = row
    this.#neurons[v] = neuron
    this.#counts[v] = 0
    this.#chain(v)
    return v
  }

  #chain(v: number): void {
    const row = this.#sources[v]!
    this.#next[v] = this.#first[row]!
    this.#first[row] = v
  }

  #growSources(): void {
    this.#sources = grow(this.#sources)
    this.#neurons = grow(this.#neurons)
    this.#counts = grow(this.#counts)
    this.#next = grow(this.#next)
    const weights = new BigUint64Array(this.#sources.length)
    weights.set(this.#weights)
    this.#weights = weights
  }
}

/** A copy with room for a quarter more, at least one. */
function withRoom(array: Uint32Array): Uint32Array {
  const roomy = new Uint32Array(Math.ceil(1.25 * array.length) + 1)
  roomy.set(array)
  return roomy
}

interface RowGroups {
  /** those that have a link, each once */
  readonly rows: readonly number[]
  /** first link of each, and the next of each link */
  readonly heads: ReadonlyMap<number, number>
  readonly next: Int32Array
}

function groupByRow(from: Uint32Array, count: number): RowGroups {
  const heads = new Map<number, number>()
  const next = new Int32Array(count)
  for (let link = 0; link < count; link++) {
    const row = from[link]!
    next[link] = heads.get(row) ?? NONE
    heads.set(row, link)
  }
  return { rows: [...heads.keys()], heads, next }
}
