import { type Bytes, toHex } from '#core/bytes.ts'
import { DIGEST_BYTES } from '#core/cid.ts'
import type { Address } from '#core/identity.ts'
import { ParticleTable } from '../particle-table.ts'

/** End of a chain of links in the arrays below. */
const NONE = -1
/** Numbers of both ends in one double: 2²⁶ particles are more than blocks of one machine name in a year. */
const PAIR_SHIFT = 2 ** 26

/** `neuron ‖ from ‖ to` of one link, as blocks commit to it. */
export const LINK_LEAF_BYTES = 20 + 2 * DIGEST_BYTES
/** `neuron ‖ to` of one link out of a particle, as the map commits to it. */
export const OUT_LEAF_BYTES = 20 + DIGEST_BYTES

/**
 * [KG3] The links of a machine in the order of its blocks. Particles and neurons are numbered from 0 in order of first
 * appearance, `from` before `to`, and keep their numbers; a link is unique by (neuron, from, to).
 */
export class OrderedLinks {
  readonly particles = new ParticleTable()
  readonly #neurons = new Map<string, number>()
  readonly #addresses: Address[] = []
  /** first link of each (from, to); links of other neurons for the same pair follow by #nextPair */
  readonly #pairs = new Map<number, number>()
  #count = 0
  /** from, to, neuron of each link */
  #triples = new Uint32Array(3 * 64)
  #nextPair = new Int32Array(64)
  #nextOut = new Int32Array(64)
  #firstOut = new Int32Array(64).fill(NONE)
  #lastOut = new Int32Array(64).fill(NONE)

  get count(): number {
    return this.#count
  }

  get neurons(): number {
    return this.#addresses.length
  }

  /** from, to, neuron of the first `count` links, u32[count, 3]. Rows are never written again, so it is a snapshot. */
  rows(count = this.#count): Uint32Array {
    return this.#triples.subarray(0, 3 * count)
  }

  findNeuron(address: Uint8Array): number | undefined {
    return this.#neurons.get(toHex(address))
  }

  /** The neuron's number, given to it now if it has none. */
  addNeuron(address: Address): number {
    const key = toHex(address)
    const known = this.#neurons.get(key)
    if (known !== undefined) return known
    this.#neurons.set(key, this.#addresses.length)
    return this.#addresses.push(address) - 1
  }

  /** 20 bytes, aliased. */
  address(neuron: number): Address {
    return this.#addresses[neuron]!
  }

  has(neuron: number, from: Uint8Array, to: Uint8Array): boolean {
    const [a, b] = [this.particles.find(from), this.particles.find(to)]
    return a !== undefined && b !== undefined && this.#find(neuron, a, b)
  }

  /** Adds a link that is not there yet. */
  add(neuron: number, from: Uint8Array, to: Uint8Array): void {
    const [a, b] = [this.#numberParticle(from), this.#numberParticle(to)]
    const link = this.#count++
    if (link === this.#nextPair.length) this.#growLinks()
    this.#triples.set([a, b, neuron], 3 * link)
    const pair = a * PAIR_SHIFT + b
    this.#nextPair[link] = this.#pairs.get(pair) ?? NONE
    this.#pairs.set(pair, link)
    this.#nextOut[link] = NONE
    const last = this.#lastOut[a]!
    if (last === NONE) this.#firstOut[a] = link
    else this.#nextOut[last] = link
    this.#lastOut[a] = link
  }

  /** Links out of a particle, in order. */
  *outOf(particle: number): Generator<number> {
    for (let link = this.#firstOut[particle] ?? NONE; link !== NONE; link = this.#nextOut[link]!) yield link
  }

  from(link: number): number {
    return this.#triples[3 * link]!
  }

  to(link: number): number {
    return this.#triples[3 * link + 1]!
  }

  neuron(link: number): number {
    return this.#triples[3 * link + 2]!
  }

  /** `neuron ‖ from ‖ to`, 84 bytes. */
  leaf(link: number): Bytes {
    const leaf = new Uint8Array(LINK_LEAF_BYTES)
    leaf.set(this.address(this.neuron(link)))
    leaf.set(this.particles.digest(this.from(link)), 20)
    leaf.set(this.particles.digest(this.to(link)), 20 + DIGEST_BYTES)
    return leaf
  }

  /** `neuron ‖ to`, 52 bytes. */
  outLeaf(link: number): Bytes {
    const leaf = new Uint8Array(OUT_LEAF_BYTES)
    leaf.set(this.address(this.neuron(link)))
    leaf.set(this.particles.digest(this.to(link)), 20)
    return leaf
  }

  /** Digests of particles [start, end), side by side. */
  digests(start: number, end: number): Bytes {
    const out = new Uint8Array((end - start) * DIGEST_BYTES)
    for (let particle = start; particle < end; particle++) {
      out.set(this.particles.digest(particle), (particle - start) * DIGEST_BYTES)
    }
    return out
  }

  #find(neuron: number, from: number, to: number): boolean {
    for (
      let link = this.#pairs.get(from * PAIR_SHIFT + to) ?? NONE;
      link !== NONE;
      link = this.#nextPair[link]!
    ) {
      if (this.neuron(link) === neuron) return true
    }
    return false
  }

  #numberParticle(digest: Uint8Array): number {
    const number = this.particles.add(digest)
    if (number >= this.#firstOut.length) {
      this.#firstOut = grow(this.#firstOut)
      this.#lastOut = grow(this.#lastOut)
    }
    return number
  }

  #growLinks(): void {
    const triples = new Uint32Array(2 * this.#triples.length)
    triples.set(this.#triples)
    this.#triples = triples
    this.#nextPair = grow(this.#nextPair)
    this.#nextOut = grow(this.#nextOut)
  }
}

function grow(array: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(2 * array.length).fill(NONE)
  grown.set(array)
  return grown
}
