import { ByteReader, type Bytes, ByteWriter } from '#core/bytes.ts'
import { DIGEST_BYTES } from '#core/cid.ts'
import type { RecordStore } from '#core/record-store.ts'
import { formatObjectId, type ObjectId, parseObjectId } from './object-id.ts'
import type { SeenBody } from './verify-object.ts'

const PREFIX = 'object/'
const VERSION = 1
const FLAG = { held: 1, own: 2, body: 4, seen: 8 } as const

/** What the index says of one object ([OB11]): its blocks, and the newest body that was ever seen of it ([OB10]). */
export interface ObjectEntry {
  readonly id: ObjectId
  /** are its blocks kept? What was let go is remembered all the same */
  readonly held: boolean
  /** put here by the profile's person: never let go by itself */
  readonly own: boolean
  /** SHA-256 of the blocks */
  readonly desc: Bytes
  readonly seal: Bytes
  readonly body: Bytes | undefined
  /** the newest body that was its owner's */
  readonly seen: SeenBody | undefined
  /** of all blocks */
  readonly bytes: number
  /** unix ms: when it was stored, or read an hour or more after that */
  readonly usedAt: number
}

export function entryKey(id: ObjectId): string {
  return PREFIX + formatObjectId(id)
}

export function encodeEntry({ held, own, desc, seal, body, seen, bytes, usedAt }: ObjectEntry): Bytes {
  let flags = 0
  if (held) flags |= FLAG.held
  if (own) flags |= FLAG.own
  if (body !== undefined) flags |= FLAG.body
  if (seen !== undefined) flags |= FLAG.seen
  const writer = new ByteWriter(192).u8(VERSION).u8(flags).bytes(desc).bytes(seal)
  if (body !== undefined) writer.bytes(body)
  if (seen !== undefined) writer.u64(seen.updated).bytes(seen.hash)
  return writer.u32(bytes).u64(BigInt(usedAt)).finish()
}

/** undefined for what is none, as after damage: the index is derived data and rebuilds. */
export function decodeEntry(id: ObjectId, value: Uint8Array): ObjectEntry | undefined {
  try {
    const reader = new ByteReader(value)
    if (reader.u8('version') !== VERSION) return undefined
    const flags = reader.u8('flags')
    const has = (name: keyof typeof FLAG) => (flags & FLAG[name]) !== 0
    const entry = {
      id,
      held: has('held'),
      own: has('own'),
      desc: reader.bytes(DIGEST_BYTES, 'desc'),
      seal: reader.bytes(DIGEST_BYTES, 'seal'),
      body: has('body') ? reader.bytes(DIGEST_BYTES, 'body') : undefined,
      seen: has('seen')
        ? { updated: reader.u64('updated'), hash: reader.bytes(DIGEST_BYTES, 'hash') }
        : undefined,
      bytes: reader.u32('bytes'),
      usedAt: Number(reader.u64('used at')),
    }
    reader.end('entry')
    return entry
  } catch {
    return undefined
  }
}

export async function readEntry(
  records: Pick<RecordStore, 'get'>,
  id: ObjectId,
): Promise<ObjectEntry | undefined> {
  const value = await records.get(entryKey(id))
  return value === undefined ? undefined : decodeEntry(id, value)
}

/** Everything that the index knows, in the order of the ids' texts. */
export async function* readEntries(records: Pick<RecordStore, 'entries'>): AsyncGenerator<ObjectEntry> {
  for await (const { key, value } of records.entries(PREFIX)) {
    const id = idOfKey(key)
    const entry = id === undefined ? undefined : decodeEntry(id, value)
    if (entry !== undefined) yield entry
  }
}

function idOfKey(key: string): ObjectId | undefined {
  try {
    return parseObjectId(key.slice(PREFIX.length))
  } catch {
    return undefined
  }
}
