import { type Bytes, toHex } from '#core/bytes.ts'
import { DIGEST_BYTES } from '#core/cid.ts'
import type { Address } from '#core/identity.ts'
import { MAX_LINKS, MAX_LINKS_PER_BATCH, MAX_LINKS_PER_NEURON } from '#core/limits.ts'
import { GENESIS_STAKE } from '#core/machine.ts'
import { LINK_END_BYTES } from '#objects/types/link-batch.ts'
import { grow } from './grow.ts'
import { GrowingRankGraph } from './growing-graph.ts'
import type { LinkBatch } from './link-batch.ts'
import { LinkIndex, type LinkRows } from './link-index.ts'
import type { LinkPasses } from './link-passes.ts'
import { ParticleTable } from './particle-table.ts'
import type { RankGraph } from './rank-kernel.ts'

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

/** A link's place in the order of time, in words that mean the same in every tab. */
export interface PlaceInTime {
  /** µs since 1970 */
  readonly timeUs: number
  /** hexadecimal */
  readonly device: string
  /** in the device's feed */
  readonly place: number
}

/**
 * The merged set of cyberlinks ([KG1], [KG3]): unique by (from, to, neuron), with the earliest time of each.
 * The same batches in any order give the same set. Links are rows of typed arrays; what searches read of them is the
 * index, which takes them over when it is told to.
 */
export class LinkGraph implements LinkRows {
  #index = new LinkIndex(this)
  readonly particles = new ParticleTable()
  readonly #neurons = new Map<string, number>()
  readonly #addresses: Address[] = []
  readonly #feeds = new Map<string, number>()
  /** keys of the feeds' devices, hexadecimal */
  readonly #devices: string[] = []
  /** first link of each (from, to); links of other neurons for the same pair follow by #nextPair */
  readonly #pairs = new Map<number, number>()
  #links = 0
  /** from, to, neuron of each link */
  #triples = new Uint32Array(3 * 64)
  #timeUs = new Float64Array(64)
  #feed = new Uint32Array(64)
  /** in its feed: batch and place in it */
  #place = new Float64Array(64)
  #nextPair = new Int32Array(64)
  /** links of each neuron */
  readonly #counts: number[] = []
  #redated = 0
  readonly #ranked = new GrowingRankGraph()

  /** What searches read: the first `index.done` links. */
  get index(): LinkIndex {
    return this.#index
  }

  /** Gives the index's memory back; the next one begins with none of the links. */
  dropIndex(): void {
    this.#index = new LinkIndex(this)
  }

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
      const from = this.particles.add(ends.subarray(at, at + DIGEST_BYTES))
      const to = this.particles.add(ends.subarray(at + DIGEST_BYTES, at + LINK_END_BYTES))
      const place = seq * MAX_LINKS_PER_BATCH + at / LINK_END_BYTES
      this.#addLink({ from, to, neuron: who, timeUs, feed, place })
    }
    return this.#links - before
  }

  #addLink({ from, to, neuron, ...moment }: NewLink): void {
    const pair = from * PAIR_SHIFT + to
    const first = this.#pairs.get(pair) ?? NONE
    for (let link = first; link !== NONE; link = this.#nextPair[link]!) {
      if (this.neuronNumber(link) !== neuron) continue
      if (comparePlaces(this.#placeOf(moment), this.placeInTime(link)) < 0) {
        this.#setMoment(link, moment)
        this.#redated++
      }
      return
    }
    const link = this.#links++
    if (link === this.#feed.length) this.#growLinks()
    this.#triples[3 * link] = from
    this.#triples[3 * link + 1] = to
    this.#triples[3 * link + 2] = neuron
    this.#setMoment(link, moment)
    this.#nextPair[link] = first
    this.#pairs.set(pair, link)
    this.#counts[neuron]!++
  }

  #moment(link: number): Moment {
    return { timeUs: this.#timeUs[link]!, feed: this.#feed[link]!, place: this.#place[link]! }
  }

  #setMoment(link: number, { timeUs, feed, place }: Moment): void {
    this.#timeUs[link] = timeUs
    this.#feed[link] = feed
    this.#place[link] = place
  }

  #placeOf({ timeUs, feed, place }: Moment): PlaceInTime {
    return { timeUs, device: this.#devices[feed]!, place }
  }

  #numberFeed(device: Uint8Array): number {
    const key = toHex(device)
    const known = this.#feeds.get(key)
    if (known !== undefined) return known
    this.#feeds.set(key, this.#devices.length)
    return this.#devices.push(key) - 1
  }

  #numberNeuron(address: Address): number {
    const key = toHex(address)
    const known = this.#neurons.get(key)
    if (known !== undefined) return known
    const number = this.#addresses.length
    this.#neurons.set(key, number)
    this.#addresses.push(address)
    this.#counts.push(0)
    return number
  }

  #growLinks(): void {
    this.#triples = grow(this.#triples)
    this.#timeUs = grow(this.#timeUs)
    this.#feed = grow(this.#feed)
    this.#place = grow(this.#place)
    this.#nextPair = grow(this.#nextPair)
  }

  from(link: number): number {
    return this.#triples[3 * link]!
  }

  to(link: number): number {
    return this.#triples[3 * link + 1]!
  }

  timeUs(link: number): number {
    return this.#timeUs[link]!
  }

  /** Address of the link's neuron, 20 bytes, aliased. */
  neuron(link: number): Address {
    return this.#addresses[this.neuronNumber(link)]!
  }

  neuronNumber(link: number): number {
    return this.#triples[3 * link + 2]!
  }

  findNeuron(address: Uint8Array): number | undefined {
    return this.#neurons.get(toHex(address))
  }

  get redated(): number {
    return this.#redated
  }

  compareTime(a: number, b: number): number {
    return comparePlaces(this.placeInTime(a), this.placeInTime(b))
  }

  placeInTime(link: number): PlaceInTime {
    return this.#placeOf(this.#moment(link))
  }

  /** Could `count` more links of a neuron be held, as far as it is for that neuron? */
  hasRoomOf(address: Uint8Array, count: number): boolean {
    const number = this.findNeuron(address)
    const held = number === undefined ? 0 : this.#counts[number]!
    return held + count <= MAX_LINKS_PER_NEURON
  }

  /** Could `count` more links be held? */
  hasRoomFor(count: number): boolean {
    return this.#links + count <= MAX_LINKS
  }

  /** What rank is computed of: particles by local number. What came since it was asked for last is added to it. */
  rankGraph(passes?: LinkPasses): RankGraph {
    const links = this.#triples.subarray(0, 3 * this.#links)
    const stakes = this.#addresses.map(() => GENESIS_STAKE)
    return this.#ranked.grow({ particles: this.particles.size, links, stakes }, passes)
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

/** Order of time; of equal times that of the devices' bytes, then of the feed: the same in every tab. */
export function comparePlaces(a: PlaceInTime, b: PlaceInTime): number {
  if (a.timeUs !== b.timeUs) return a.timeUs - b.timeUs
  if (a.device !== b.device) return a.device < b.device ? -1 : 1
  return a.place - b.place
}
