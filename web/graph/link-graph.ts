import { type Bytes, toHex } from '#core/bytes.ts'
import { DIGEST_BYTES } from '#core/cid.ts'
import type { Address } from '#core/identity.ts'
import { MAX_LINKS, MAX_LINKS_PER_BATCH, MAX_LINKS_PER_NEURON } from '#core/limits.ts'
import { GENESIS_STAKE } from '#core/machine.ts'
import { LINK_END_BYTES } from '#objects/types/link-batch.ts'
import type { LinkBatch } from './link-batch.ts'
import { ParticleTable } from './particle-table.ts'
import type { RankInput } from './rank-graph.ts'

/** End of a chain of links in the arrays below. */
const NONE = -1
/** Numbers of both ends in one double: 2²⁶ particles are far more than MAX_LINKS can have. */
const PAIR_SHIFT = 2 ** 26

/** What the graph takes of a batch. */
export type LinkGraphBatch = Pick<LinkBatch, 'neuron' | 'device' | 'seq' | 'ends' | 'timeUs'>

/** When and where a link was first made. */
interface Moment {
  readonly timeUs: number
  /** number of the feed */
  readonly feed: number
  readonly place: number
}

interface NewLink extends Moment {
  readonly from: number
  readonly to: number
  readonly neuron: number
}

export interface RankOrder {
  readonly input: RankInput
  /** the particle (local number) that stands at each place of the input: all of them, in order of their digests */
  readonly order: Uint32Array
}

/**
 * The merged set of cyberlinks ([KG1], [KG3]): unique by (from, to, neuron), with the earliest time of each.
 * The same batches in any order give the same set. Links are rows of typed arrays; chains through them lead from
 * a particle to its links out and in, and from a neuron to its own.
 */
export class LinkGraph {
  readonly particles = new ParticleTable()
  readonly #neurons = new Map<string, number>()
  readonly #addresses: Address[] = []
  readonly #feeds = new Map<string, number>()
  /** keys of the feeds' devices, hexadecimal */
  readonly #devices: string[] = []
  /** first link of each (from, to); links of other neurons for the same pair follow by #nextPair */
  readonly #pairs = new Map<number, number>()
  #links = 0
  #from = new Uint32Array(64)
  #to = new Uint32Array(64)
  #neuron = new Uint32Array(64)
  #timeUs = new Float64Array(64)
  #feed = new Uint32Array(64)
  /** in its feed: batch and place in it */
  #place = new Float64Array(64)
  #nextPair = new Int32Array(64)
  #nextOut = new Int32Array(64)
  #nextIn = new Int32Array(64)
  #firstOut = new Int32Array(64).fill(NONE)
  #firstIn = new Int32Array(64).fill(NONE)
  readonly #ofNeuron: number[][] = []
  readonly #beginnings: number[] = []

  get links(): number {
    return this.#links
  }

  get neurons(): number {
    return this.#addresses.length
  }

  /** Adds a batch's links and returns how many of them are new. */
  addBatch({ neuron, device, seq, ends, timeUs }: LinkGraphBatch): number {
    const before = this.#links
    const who = this.#numberNeuron(neuron)
    const feed = this.#numberFeed(device)
    for (let at = 0; at < ends.length; at += LINK_END_BYTES) {
      const from = this.#numberParticle(ends.subarray(at, at + DIGEST_BYTES))
      const to = this.#numberParticle(ends.subarray(at + DIGEST_BYTES, at + LINK_END_BYTES))
      const place = seq * MAX_LINKS_PER_BATCH + at / LINK_END_BYTES
      this.#addLink({ from, to, neuron: who, timeUs, feed, place })
    }
    return this.#links - before
  }

  #addLink({ from, to, neuron, ...moment }: NewLink): void {
    const pair = from * PAIR_SHIFT + to
    const first = this.#pairs.get(pair) ?? NONE
    for (let link = first; link !== NONE; link = this.#nextPair[link]!) {
      if (this.#neuron[link] !== neuron) continue
      if (this.#compareMoments(moment, this.#moment(link)) < 0) this.#setMoment(link, moment)
      return
    }
    const link = this.#links++
    if (link === this.#from.length) this.#growLinks()
    this.#from[link] = from
    this.#to[link] = to
    this.#neuron[link] = neuron
    this.#setMoment(link, moment)
    this.#nextPair[link] = first
    this.#pairs.set(pair, link)
    if (!this.hasOut(from)) this.#beginnings.push(from)
    this.#nextOut[link] = this.#firstOut[from]!
    this.#firstOut[from] = link
    this.#nextIn[link] = this.#firstIn[to]!
    this.#firstIn[to] = link
    this.#ofNeuron[neuron]!.push(link)
  }

  #moment(link: number): Moment {
    return { timeUs: this.#timeUs[link]!, feed: this.#feed[link]!, place: this.#place[link]! }
  }

  #setMoment(link: number, { timeUs, feed, place }: Moment): void {
    this.#timeUs[link] = timeUs
    this.#feed[link] = feed
    this.#place[link] = place
  }

  /** Order of time; of equal times that of the devices' bytes, then of the feed: the same in every tab. */
  #compareMoments(a: Moment, b: Moment): number {
    if (a.timeUs !== b.timeUs) return a.timeUs - b.timeUs
    if (a.feed === b.feed) return a.place - b.place
    return this.#devices[a.feed]! < this.#devices[b.feed]! ? -1 : 1
  }

  #numberFeed(device: Uint8Array): number {
    const key = toHex(device)
    const known = this.#feeds.get(key)
    if (known !== undefined) return known
    this.#feeds.set(key, this.#devices.length)
    return this.#devices.push(key) - 1
  }

  #numberParticle(digest: Uint8Array): number {
    const number = this.particles.add(digest)
    if (number >= this.#firstOut.length) {
      this.#firstOut = grow(this.#firstOut, NONE)
      this.#firstIn = grow(this.#firstIn, NONE)
    }
    return number
  }

  #numberNeuron(address: Address): number {
    const key = toHex(address)
    const known = this.#neurons.get(key)
    if (known !== undefined) return known
    const number = this.#addresses.length
    this.#neurons.set(key, number)
    this.#addresses.push(address)
    this.#ofNeuron.push([])
    return number
  }

  #growLinks(): void {
    this.#from = grow(this.#from)
    this.#to = grow(this.#to)
    this.#neuron = grow(this.#neuron)
    this.#timeUs = grow(this.#timeUs)
    this.#feed = grow(this.#feed)
    this.#place = grow(this.#place)
    this.#nextPair = grow(this.#nextPair)
    this.#nextOut = grow(this.#nextOut)
    this.#nextIn = grow(this.#nextIn)
  }

  from(link: number): number {
    return this.#from[link]!
  }

  to(link: number): number {
    return this.#to[link]!
  }

  timeUs(link: number): number {
    return this.#timeUs[link]!
  }

  /** Address of the link's neuron, 20 bytes, aliased. */
  neuron(link: number): Address {
    return this.#addresses[this.#neuron[link]!]!
  }

  /** Does any link begin at the particle? */
  hasOut(particle: number): boolean {
    return this.#firstOut[particle] !== NONE
  }

  /** Particles that links begin at, in the order of their first one. */
  get beginnings(): readonly number[] {
    return this.#beginnings
  }

  /** Links that begin at a particle. */
  *outOf(particle: number): Generator<number> {
    for (let link = this.#firstOut[particle]!; link !== NONE; link = this.#nextOut[link]!) yield link
  }

  /** Links that end at a particle. */
  *into(particle: number): Generator<number> {
    for (let link = this.#firstIn[particle]!; link !== NONE; link = this.#nextIn[link]!) yield link
  }

  /** A neuron's links, in order of time, then of its devices' keys, then of each feed: the same in every tab. */
  ofNeuron(address: Uint8Array): readonly number[] {
    const number = this.#neurons.get(toHex(address))
    if (number === undefined) return []
    return [...this.#ofNeuron[number]!].sort((a, b) => this.#compareMoments(this.#moment(a), this.#moment(b)))
  }

  /** Could `count` more links of a neuron be held, as far as it is for that neuron? */
  hasRoomOf(address: Uint8Array, count: number): boolean {
    const number = this.#neurons.get(toHex(address))
    const held = number === undefined ? 0 : this.#ofNeuron[number]!.length
    return held + count <= MAX_LINKS_PER_NEURON
  }

  /** Could `count` more links be held? */
  hasRoomFor(count: number): boolean {
    return this.#links + count <= MAX_LINKS
  }

  /** What rank is computed of, numbered by digest, so that tabs with the same links compute the same array. */
  rankOrder(): RankOrder {
    const order = this.particles.sorted()
    const places = new Uint32Array(order.length)
    order.forEach((particle, place) => {
      places[particle] = place
    })
    const links = new Uint32Array(3 * this.#links)
    for (let link = 0; link < this.#links; link++) {
      links[3 * link] = places[this.#from[link]!]!
      links[3 * link + 1] = places[this.#to[link]!]!
      links[3 * link + 2] = this.#neuron[link]!
    }
    const stakes = this.#addresses.map(() => GENESIS_STAKE)
    return { input: { particles: order.length, links, stakes }, order }
  }

  /** All links as bytes `from ‖ to ‖ neuron`, sorted: what two tabs compare to know that they hold the same set. */
  canonicalLinks(): readonly string[] {
    const lines: string[] = []
    for (let link = 0; link < this.#links; link++) {
      const digest = (particle: number): Bytes => this.particles.digest(particle)
      lines.push(
        `${toHex(digest(this.from(link)))} ${toHex(digest(this.to(link)))} ${toHex(this.neuron(link))}`,
      )
    }
    return lines.sort()
  }
}

function grow<T extends Int32Array | Uint32Array | Float64Array>(array: T, fill = 0): T {
  const grown = new (array.constructor as new (length: number) => T)(2 * array.length)
  grown.set(array)
  if (fill !== 0) grown.fill(fill, array.length)
  return grown
}
