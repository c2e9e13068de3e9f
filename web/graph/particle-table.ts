import type { Bytes } from '#core/bytes.ts'
import { DIGEST_BYTES, type Digest } from '#core/cid.ts'

/**
 * Numbers digests from 0 in order of first appearance ([KG3]: local numbers, until there are blocks). Keys are
 * strings: engines seed their string hashes, so nobody can choose digests that collide.
 */
export class ParticleTable {
  readonly #numbers = new Map<string, number>()
  #digests: Bytes = new Uint8Array(64 * DIGEST_BYTES)
  /** the first of them, in order of their digests */
  #sorted: Uint32Array = new Uint32Array(0)

  get size(): number {
    return this.#numbers.size
  }

  /** The number of a digest, given to it now if it has none. */
  add(digest: Uint8Array): number {
    const key = digestKey(digest)
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const number = this.#numbers.size
    const at = number * DIGEST_BYTES
    if (at === this.#digests.length) {
      const grown = new Uint8Array(2 * at)
      grown.set(this.#digests)
      this.#digests = grown
    }
    this.#digests.set(digest, at)
    this.#numbers.set(key, number)
    return number
  }

  find(digest: Uint8Array): number | undefined {
    return this.#numbers.get(digestKey(digest))
  }

  /** As `find`, by {@link digestKey}. */
  findKey(key: string): number | undefined {
    return this.#numbers.get(key)
  }

  /** Aliased: copy it before it leaves the graph. */
  digest(number: number): Digest {
    return this.#digests.subarray(number * DIGEST_BYTES, (number + 1) * DIGEST_BYTES)
  }

  /** Order of two particles by digest, the same in every tab. */
  compare(a: number, b: number): number {
    let left = a * DIGEST_BYTES
    let right = b * DIGEST_BYTES
    for (const end = left + DIGEST_BYTES; left < end; left++, right++) {
      const difference = this.#digests[left]! - this.#digests[right]!
      if (difference !== 0) return difference
    }
    return 0
  }

  /** All numbers in order of their digests. Those that are new since it was asked for last are put between the others. */
  sorted(): Uint32Array {
    const known = this.#sorted
    if (known.length === this.size) return known
    const fresh = this.#sortFrom(known.length)
    const merged = new Uint32Array(this.size)
    let copied = 0
    fresh.forEach((number, index) => {
      const place = this.#placeOf(number, known, copied)
      merged.set(known.subarray(copied, place), copied + index)
      merged[place + index] = number
      copied = place
    })
    merged.set(known.subarray(copied), copied + fresh.length)
    this.#sorted = merged
    return merged
  }

  /** Numbers from `first` on, in order of their digests. */
  #sortFrom(first: number): Uint32Array {
    // The first 48 bits decide all but made-up cases, and comparing doubles is five times faster than bytes.
    const heads = new Float64Array(this.size - first)
    const view = new DataView(this.#digests.buffer)
    for (let i = 0; i < heads.length; i++) {
      const at = (first + i) * DIGEST_BYTES
      heads[i] = view.getUint32(at) * 65_536 + view.getUint16(at + 4)
    }
    const order = Uint32Array.from(heads, (_, index) => first + index)
    return order.sort((a, b) => heads[a - first]! - heads[b - first]! || this.compare(a, b))
  }

  /** Where in `sorted`, from place `low` on, a number belongs. */
  #placeOf(number: number, sorted: Uint32Array, low: number): number {
    let high = sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.compare(sorted[middle]!, number) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

/**
 * A digest as a map key: 16 UTF-16 code units of two bytes each. Written out, since spreading the array costs ten
 * times as much and this runs twice a link.
 */
export function digestKey(d: Uint8Array): string {
  return String.fromCharCode(
    (d[0]! << 8) | d[1]!,
    (d[2]! << 8) | d[3]!,
    (d[4]! << 8) | d[5]!,
    (d[6]! << 8) | d[7]!,
    (d[8]! << 8) | d[9]!,
    (d[10]! << 8) | d[11]!,
    (d[12]! << 8) | d[13]!,
    (d[14]! << 8) | d[15]!,
    (d[16]! << 8) | d[17]!,
    (d[18]! << 8) | d[19]!,
    (d[20]! << 8) | d[21]!,
    (d[22]! << 8) | d[23]!,
    (d[24]! << 8) | d[25]!,
    (d[26]! << 8) | d[27]!,
    (d[28]! << 8) | d[29]!,
    (d[30]! << 8) | d[31]!,
  )
}
