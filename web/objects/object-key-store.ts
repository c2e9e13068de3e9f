import { ByteReader, type Bytes, ByteWriter } from '#core/bytes.ts'
import { ADDRESS_BYTES } from '#core/delegation.ts'
import type { Address } from '#core/identity.ts'
import type { RecordStore } from '#core/record-store.ts'
import { formatObjectId, type ObjectId } from './object-id.ts'
import { SEAL_KEY_BYTES } from './sealed-segments.ts'

/** The key of one restricted object. */
export interface ObjectKey {
  readonly key: Bytes
  /** who may have it of this profile; absent where others gave it to this profile, which passes it on to nobody */
  readonly readers?: readonly Address[]
  /** of one that was given for a payment: unix seconds to which it was paid */
  readonly until?: number
}

/** Keys of restricted objects ([OB11]): records of the profile, never blocks. */
export interface ObjectKeyStore {
  get(id: ObjectId): Promise<ObjectKey | undefined>
  put(id: ObjectId, key: ObjectKey): Promise<void>
  forget(ids: readonly ObjectId[]): Promise<void>
  /** 32 bytes that keys of own contents are derived from, made once for the profile */
  secret(): Promise<Bytes>
}

const PREFIX = 'object-key/'
const SECRET = 'object-key-secret'
const VERSION = 1

/** @param randomBytes so many bytes from a secure source */
export function createObjectKeyStore(
  records: RecordStore,
  randomBytes: (length: number) => Bytes,
): ObjectKeyStore {
  const keyOf = (id: ObjectId) => PREFIX + formatObjectId(id)
  return {
    async get(id) {
      const value = await records.get(keyOf(id))
      return value === undefined ? undefined : decodeKey(value)
    },
    put: (id, key) => records.put([{ key: keyOf(id), value: encodeKey(key) }]),
    forget: (ids) => records.delete(ids.map(keyOf)),
    secret: () =>
      records.exclusive(SECRET, async () => {
        const known = await records.get(SECRET)
        if (known?.length === SEAL_KEY_BYTES) return known
        const value = randomBytes(SEAL_KEY_BYTES)
        await records.put([{ key: SECRET, value }])
        return value
      }),
  }
}

/** Whose key it is. */
const GIVEN = 0
const OWN = 1
const PAID = 2

/** version u8 ‖ key ‖ whose u8 ‖ of an own one readers, 20 bytes each; of a paid one until u64 */
function encodeKey({ key, readers, until }: ObjectKey): Bytes {
  const writer = new ByteWriter(64).u8(VERSION).bytes(key)
  if (readers === undefined && until !== undefined) return writer.u8(PAID).u64(BigInt(until)).finish()
  writer.u8(readers === undefined ? GIVEN : OWN)
  for (const reader of readers ?? []) writer.bytes(reader)
  return writer.finish()
}

/** undefined for what is none, as after damage: a reader asks for it again, an author publishes again */
function decodeKey(value: Bytes): ObjectKey | undefined {
  try {
    const reader = new ByteReader(value)
    if (reader.u8('version') !== VERSION) return undefined
    const key = reader.bytes(SEAL_KEY_BYTES, 'key')
    const whose = reader.u8('whose')
    if (whose === GIVEN) return { key }
    if (whose === PAID) return { key, until: Number(reader.u64('until')) }
    const readers: Address[] = []
    while (reader.remaining > 0) readers.push(reader.bytes(ADDRESS_BYTES, 'reader'))
    return { key, readers }
  } catch {
    return undefined
  }
}
