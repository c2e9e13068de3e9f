import { grow } from './grow.ts'

/** End of a chain of links in the arrays below. */
const NONE = -1

/** The rows that an index is made of: links by number, which only ever become more. */
export interface LinkRows {
  readonly links: number
  from(link: number): number
  to(link: number): number
  /** number of the link's neuron, from 0 in order of first appearance */
  neuronNumber(link: number): number
  findNeuron(address: Uint8Array): number | undefined
  /** order of two links in time, the same in every tab */
  compareTime(a: number, b: number): number
  /** changes when some link turns out to be older than was known */
  readonly redated: number
}

interface SortedLinks {
  readonly links: readonly number[]
  /** `redated` of then */
  readonly redated: number
}

/**
 * What searches read of a graph ([KG22]): chains through its links from each particle and each neuron. All of it is
 * derived from the rows, which count and are ranked without it; it can be dropped and made again at any time.
 */
export class LinkIndex {
  readonly #rows: LinkRows
  #done = 0
  #nextOut = new Int32Array(64)
  #nextIn = new Int32Array(64)
  #firstOut = new Int32Array(64).fill(NONE)
  #firstIn = new Int32Array(64).fill(NONE)
  readonly #ofNeuron: number[][] = []
  readonly #sorted = new Map<number, SortedLinks>()
  readonly #beginnings: number[] = []

  constructor(rows: LinkRows) {
    this.#rows = rows
  }

  /** Links that it holds: the first so many of the graph. */
  get done(): number {
    return this.#done
  }

  /** Takes over the next links of the graph, `count` of them at most; false when all of them are here. */
  advance(count = Number.POSITIVE_INFINITY): boolean {
    const end = Math.min(this.#rows.links, this.#done + count)
    for (let link = this.#done; link < end; link++) this.#add(link)
    this.#done = end
    return end < this.#rows.links
  }

  #add(link: number): void {
    const from = this.#rows.from(link)
    const to = this.#rows.to(link)
    const neuron = this.#rows.neuronNumber(link)
    while (Math.max(from, to) >= this.#firstOut.length) {
      this.#firstOut = grow(this.#firstOut, NONE)
      this.#firstIn = grow(this.#firstIn, NONE)
    }
    if (link >= this.#nextOut.length) {
      this.#nextOut = grow(this.#nextOut)
      this.#nextIn = grow(this.#nextIn)
    }
    if (!this.hasOut(from)) this.#beginnings.push(from)
    this.#nextOut[link] = this.#firstOut[from]!
    this.#firstOut[from] = link
    this.#nextIn[link] = this.#firstIn[to]!
    this.#firstIn[to] = link
    const own = this.#ofNeuron[neuron]
    if (own === undefined) this.#ofNeuron[neuron] = [link]
    else own.push(link)
    this.#sorted.delete(neuron)
  }

  /** Does any link begin at the particle? */
  hasOut(particle: number): boolean {
    return (this.#firstOut[particle] ?? NONE) !== NONE
  }

  /** Particles that links begin at, in the order of their first one. */
  get beginnings(): readonly number[] {
    return this.#beginnings
  }

  /** Links that begin at a particle. */
  *outOf(particle: number): Generator<number> {
    for (let link = this.#firstOut[particle] ?? NONE; link !== NONE; link = this.#nextOut[link]!) yield link
  }

  /** Links that end at a particle. */
  *into(particle: number): Generator<number> {
    for (let link = this.#firstIn[particle] ?? NONE; link !== NONE; link = this.#nextIn[link]!) yield link
  }

  /** A neuron's links, in order of time, then of its devices' keys, then of each feed: the same in every tab. */
  ofNeuron(address: Uint8Array): readonly number[] {
    const neuron = this.#rows.findNeuron(address)
    const own = neuron === undefined ? undefined : this.#ofNeuron[neuron]
    if (neuron === undefined || own === undefined) return []
    const known = this.#sorted.get(neuron)
    const { redated } = this.#rows
    if (known?.redated === redated) return known.links
    const links = [...own].sort((a, b) => this.#rows.compareTime(a, b))
    // one neuron's pages are turned at a time
    this.#sorted.clear()
    this.#sorted.set(neuron, { links, redated })
    return links
  }
}
