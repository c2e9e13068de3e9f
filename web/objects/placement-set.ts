import { type Bytes, compareBytes, concat } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import { PARCEL_COUNT } from '#core/land.ts'
import { type ObjectId, objectIdKey } from './object-id.ts'
import { comparePlacements, type ReadPlacement } from './placement.ts'
import { BUCKET_DIGEST_BYTES, PLACEMENT_BUCKETS } from './placement-buckets.ts'

export type OfferOutcome = 'won' | 'lost' | 'have'

type Held = Pick<ReadPlacement, 'parcel' | 'timeUs' | 'sequence' | 'hash' | 'id'>

/**
 * The winning record of each parcel: a join of a total order, so tabs that saw the same records hold the same set.
 * The records themselves lie in the record store.
 */
export class PlacementSet {
  readonly #held = new Map<number, Held>()
  /** parcels by the keys of their objects' ids */
  readonly #byObject = new Map<string, number>()
  readonly #digests: (Bytes | undefined)[] = new Array(PLACEMENT_BUCKETS).fill(undefined)

  get size(): number {
    return this.#held.size
  }

  /** What would become of a record, nothing changed: asked before a signature is checked. */
  judge(record: Held): OfferOutcome {
    const held = this.#held.get(record.parcel)
    if (held === undefined) return 'won'
    const order = comparePlacements(record, held)
    return order > 0 ? 'won' : order === 0 ? 'have' : 'lost'
  }

  /** Takes a checked record over if it wins. */
  offer({ parcel, timeUs, sequence, hash, id }: Held): OfferOutcome {
    const record = { parcel, timeUs, sequence, hash, id }
    const outcome = this.judge(record)
    if (outcome === 'won') {
      const before = this.#held.get(parcel)?.id
      if (before !== undefined) this.#byObject.delete(objectIdKey(before))
      if (id !== undefined) this.#byObject.set(objectIdKey(id), parcel)
      this.#held.set(parcel, record)
      this.#digests[bucketOf(parcel)] = undefined
    }
    return outcome
  }

  get(parcel: number): Held | undefined {
    return this.#held.get(parcel)
  }

  /** The parcel on which the object of this id stands. */
  find(object: ObjectId): number | undefined {
    return this.#byObject.get(objectIdKey(object))
  }

  /** SHA-256 over the hashes of each bucket's records in order of parcels; zeros for an empty bucket. 8 KiB. */
  digests(): Bytes {
    const digests: Bytes[] = []
    for (let bucket = 0; bucket < PLACEMENT_BUCKETS; bucket++) {
      const digest = this.#digests[bucket] ?? this.#digestOf(bucket)
      this.#digests[bucket] = digest
      digests.push(digest)
    }
    return concat(...digests)
  }

  #digestOf(bucket: number): Bytes {
    const hashes = this.parcelsOf(bucket).map((parcel) => this.#held.get(parcel)!.hash)
    return hashes.length === 0 ? new Uint8Array(BUCKET_DIGEST_BYTES) : sha256(concat(...hashes))
  }

  /** Parcels of a bucket that have a record, ascending. */
  parcelsOf(bucket: number): readonly number[] {
    const parcels: number[] = []
    for (let parcel = bucket; parcel < PARCEL_COUNT; parcel += PLACEMENT_BUCKETS) {
      if (this.#held.has(parcel)) parcels.push(parcel)
    }
    return parcels
  }

  /** Buckets that somebody with these digests holds otherwise. */
  bucketsUnlike(digests: Uint8Array): readonly number[] {
    const own = this.digests()
    const unlike: number[] = []
    for (let bucket = 0; bucket < PLACEMENT_BUCKETS; bucket++) {
      const at = bucket * BUCKET_DIGEST_BYTES
      const end = at + BUCKET_DIGEST_BYTES
      if (compareBytes(own.subarray(at, end), digests.subarray(at, end)) !== 0) unlike.push(bucket)
    }
    return unlike
  }
}

/** Neighbouring parcels fall into different buckets, so that a busy corner does not fill one. */
function bucketOf(parcel: number): number {
  return parcel % PLACEMENT_BUCKETS
}
