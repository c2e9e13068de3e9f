import type { Bytes } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import { readArea, writeArea } from './area.ts'
import { type Area, assertArea } from './area-bits.ts'
import { hashedContent } from './dir-hash.ts'
import { objectInvalid } from './object-errors.ts'
import { buildObjectId, type ObjectId } from './object-id.ts'
import { type ObjectReference, readReference, writeReference } from './object-reference.ts'
import { type ObjectKey, readObjectKey, writeObjectKey } from './public-key.ts'
import { RawReader } from './raw-reader.ts'
import { RawWriter } from './raw-writer.ts'

/** How the content of a desc or body is written ([OB7]). */
export type ContentFormat = 'raw' | 'protobuf' | 'json'

/** The part of a desc or body that its type gives meaning to. */
export interface Content {
  readonly version: number
  /** the format's number: 0 raw, 1 protobuf, 2 JSON; others are kept as they are */
  readonly format: number
  readonly bytes: Bytes
}

/** The part of an object that never changes, whose hash is its id ([OB6], [OB7]). */
export interface Desc {
  /** u16: standard to 16, core to 32767, DEC apps above */
  readonly type: number
  /** the DEC app that made it */
  readonly decId?: ObjectId | undefined
  readonly references?: readonly ObjectReference[] | undefined
  readonly previous?: ObjectId | undefined
  /** hash of something that existed before, 32 bytes */
  readonly createdAfter?: Bytes | undefined
  /** µs since 1601 */
  readonly created?: bigint | undefined
  /** µs since 1601 */
  readonly expires?: bigint | undefined
  readonly owner?: ObjectId | undefined
  readonly area?: Area | undefined
  readonly author?: ObjectId | undefined
  readonly publicKey?: ObjectKey | undefined
  /** what later versions add beside the content */
  readonly extension?: Bytes | undefined
  readonly content: Content
}

/** Bits of the flags ([OB7]). The low five speak of the object around the desc and are zero when it is hashed. */
export const FLAG = {
  encrypted: 1 << 0,
  body: 1 << 1,
  descSigns: 1 << 2,
  bodySigns: 1 << 3,
  nonce: 1 << 4,
  decId: 1 << 5,
  references: 1 << 6,
  previous: 1 << 7,
  createdAfter: 1 << 8,
  created: 1 << 9,
  expires: 1 << 10,
  owner: 1 << 11,
  area: 1 << 12,
  author: 1 << 13,
  publicKey: 1 << 14,
  extension: 1 << 15,
} as const
export const OBJECT_FLAGS = 0x1f

export const FORMATS: readonly ContentFormat[] = ['raw', 'protobuf', 'json']
export const HASH_BYTES = 32
/** Fields of a desc whose length is a u16 */
const MAX_U16 = 0xffff
/** A reference takes 33 bytes at least; with more than these an object is a list, which is an ObjectMap's task. */
export const MAX_REFERENCES = 1_024
const MIN_REFERENCE_BYTES = 33

/** Flags of the fields that `desc` has. */
export function descFlags(desc: Desc): number {
  let flags = 0
  for (const name of DESC_FIELDS) if (desc[name] !== undefined) flags |= FLAG[name]
  return flags
}

const DESC_FIELDS = [
  'decId',
  'references',
  'previous',
  'createdAfter',
  'created',
  'expires',
  'owner',
  'area',
  'author',
  'publicKey',
  'extension',
] as const satisfies readonly (keyof Desc & keyof typeof FLAG)[]

/** The raw-encoded desc, exactly as it is hashed. @throws OBJECT_INVALID when a field does not fit its width */
export function encodeDesc(desc: Desc): Bytes {
  const writer = new RawWriter(64 + desc.content.bytes.length)
  writer.u16(checkedUint('type', desc.type, MAX_U16)).u16(descFlags(desc))
  writeDescFields(writer, desc)
  return writer.finish()
}

/** @throws OBJECT_INVALID for anything that encodeDesc would not write */
export function decodeDesc(bytes: Uint8Array): Desc {
  const reader = new RawReader(bytes, 'desc')
  const type = reader.u16('type')
  const flags = reader.u16('flags')
  if ((flags & OBJECT_FLAGS) !== 0) {
    throw reader.refusal('flags', hex16(flags), 'the low five bits to be zero', 2)
  }
  const desc = readDescFields(reader, type, flags)
  reader.end()
  return desc
}

/** [OB1] */
export function objectIdOfDesc(desc: Desc): ObjectId {
  return idWithHash(desc, descHash(desc))
}

/** Of descs that are in use: an object's id and its signatures ask for the same one. */
const hashes = new WeakMap<Desc, Bytes>()

/** What the id is made of and the desc's signatures sign: SHA-256 of the raw-encoded desc. */
export function descHash(desc: Desc): Bytes {
  const known = hashes.get(desc)
  if (known !== undefined) return known
  const hash = hashDesc(desc)
  hashes.set(desc, hash)
  return hash
}

function hashDesc(desc: Desc): Bytes {
  const bytes = hashedContent(desc.type, desc.content)
  return sha256(encodeDesc({ ...desc, content: { ...desc.content, bytes } }))
}

/** The id of a desc that is encoded as it is hashed, which for a Dir is not how it is kept. @throws OBJECT_INVALID */
export function objectIdOfHashedDesc(bytes: Uint8Array): ObjectId {
  return idWithHash(decodeDesc(bytes), sha256(bytes))
}

function idWithHash({ type, area, publicKey, owner }: Desc, hash: Uint8Array): ObjectId {
  return buildObjectId({
    type,
    hash,
    area,
    key: publicKey?.kind,
    owner: owner !== undefined,
  })
}

/** Everything of a desc behind type and flags. */
export function writeDescFields(writer: RawWriter, desc: Desc): void {
  const { content } = desc
  if (desc.decId !== undefined) writer.objectId(desc.decId)
  if (desc.references !== undefined) writeReferences(writer, desc.references)
  if (desc.previous !== undefined) writer.objectId(desc.previous)
  if (desc.createdAfter !== undefined)
    writer.bytes(checkedBytes('createdAfter', desc.createdAfter, HASH_BYTES))
  if (desc.created !== undefined) writer.u64(checkedU64('created', desc.created))
  if (desc.expires !== undefined) writer.u64(checkedU64('expires', desc.expires))
  if (desc.owner !== undefined) writer.objectId(desc.owner)
  if (desc.area !== undefined) {
    assertArea(desc.area, 'desc.area')
    writeArea(writer, desc.area)
  }
  if (desc.author !== undefined) writer.objectId(desc.author)
  if (desc.publicKey !== undefined) writeObjectKey(writer, desc.publicKey)
  if (desc.extension !== undefined) {
    writer.u16(checkedUint('extension length', desc.extension.length, MAX_U16)).bytes(desc.extension)
  }
  writer.u8(checkedUint('version', content.version, 0xff)).u8(checkedUint('format', content.format, 0xff))
  writer.u16(checkedUint('content length', content.bytes.length, MAX_U16)).bytes(content.bytes)
}

/** Reads what writeDescFields writes. */
export function readDescFields(reader: RawReader, type: number, flags: number): Desc {
  const has = (name: (typeof DESC_FIELDS)[number]) => (flags & FLAG[name]) !== 0
  const desc: { -readonly [Name in keyof Desc]?: Desc[Name] } = { type }
  if (has('decId')) desc.decId = reader.objectId('decId')
  if (has('references')) desc.references = readReferences(reader)
  if (has('previous')) desc.previous = reader.objectId('previous')
  if (has('createdAfter')) desc.createdAfter = reader.bytes(HASH_BYTES, 'createdAfter')
  if (has('created')) desc.created = reader.u64('created')
  if (has('expires')) desc.expires = reader.u64('expires')
  if (has('owner')) desc.owner = reader.objectId('owner')
  if (has('area')) desc.area = readArea(reader, 'area')
  if (has('author')) desc.author = reader.objectId('author')
  if (has('publicKey')) desc.publicKey = readObjectKey(reader, 'publicKey')
  if (has('extension')) desc.extension = reader.bytes(reader.u16('extension'), 'extension')
  const version = reader.u8('version')
  const format = reader.u8('format')
  desc.content = { version, format, bytes: reader.bytes(reader.u16('content'), 'content') }
  return desc as Desc
}

function writeReferences(writer: RawWriter, references: readonly ObjectReference[]): void {
  writer.size(checkedUint('references', references.length, MAX_REFERENCES))
  for (const reference of references) writeReference(writer, reference)
}

function readReferences(reader: RawReader): readonly ObjectReference[] {
  const count = reader.count('references', { minBytes: MIN_REFERENCE_BYTES, max: MAX_REFERENCES })
  return Array.from({ length: count }, (_, i) => readReference(reader, `references[${i}]`))
}

export function checkedUint(path: string, value: number, max: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= max) return value
  throw objectInvalid({ path, got: String(value), expected: `0 to ${max}` })
}

export function checkedU64(path: string, value: bigint): bigint {
  if (value >= 0n && value < 1n << 64n) return value
  throw objectInvalid({ path, got: String(value), expected: '0 to 2⁶⁴ − 1' })
}

export function checkedBytes(path: string, value: Bytes, length: number): Bytes {
  if (value.length === length) return value
  throw objectInvalid({ path, got: `${value.length} bytes`, expected: `${length} bytes` })
}

function hex16(value: number): string {
  return `0x${value.toString(16).padStart(4, '0')}`
}
