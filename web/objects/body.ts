import type { Bytes } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import { type Content, checkedBytes, checkedU64, checkedUint, HASH_BYTES } from './desc.ts'
import { OBJECT_ID_BYTES, type ObjectId } from './object-id.ts'
import type { RawReader } from './raw-reader.ts'
import { RawWriter } from './raw-writer.ts'

/** The part of an object that changes and is not in its id ([OB6]). */
export interface Body {
  /** SHA-256 of the body before this one */
  readonly previous?: Bytes | undefined
  /** µs since 1601; grows with every change */
  readonly updated: bigint
  /** the object that this body belongs to: without it, a signed body could be put under another object of its owner */
  readonly objectId?: ObjectId | undefined
  readonly content: Content
  /** whatever an application adds */
  readonly userData?: Bytes | undefined
}

const FLAG = { previous: 1 << 0, userData: 1 << 1, extension: 1 << 2 } as const
const KNOWN_FLAGS = FLAG.previous | FLAG.userData | FLAG.extension
/** The extension is a protobuf message with the object's id as field 1: tag, length, id. */
const EXTENSION_HEAD = 0x0a20
const EXTENSION_BYTES = 2 + OBJECT_ID_BYTES

/** The raw-encoded body, as it stands in the object and as it is hashed. */
export function encodeBody(body: Body): Bytes {
  const writer = new RawWriter(128 + body.content.bytes.length)
  writeBody(writer, body)
  return writer.finish()
}

/** Of bodies that are in use, as descHash has them of descs. */
const hashes = new WeakMap<Body, Bytes>()

/** What the body's signatures sign and the next body names as its previous one. */
export function bodyHash(body: Body): Bytes {
  const known = hashes.get(body)
  if (known !== undefined) return known
  const hash = sha256(encodeBody(body))
  hashes.set(body, hash)
  return hash
}

/** @throws OBJECT_INVALID when a field does not fit its width */
export function writeBody(writer: RawWriter, body: Body): void {
  const { previous, updated, objectId, content, userData } = body
  let flags = 0
  if (previous !== undefined) flags |= FLAG.previous
  if (userData !== undefined) flags |= FLAG.userData
  if (objectId !== undefined) flags |= FLAG.extension
  writer.u8(flags)
  if (previous !== undefined) writer.bytes(checkedBytes('body.previous', previous, HASH_BYTES))
  writer.u64(checkedU64('body.updated', updated))
  if (objectId !== undefined) writer.u16(EXTENSION_BYTES).u16(EXTENSION_HEAD).objectId(objectId)
  writer.u8(checkedUint('body.version', content.version, 0xff))
  writer.u8(checkedUint('body.format', content.format, 0xff)).sizedBytes(content.bytes)
  if (userData !== undefined) writer.u64(BigInt(userData.length)).bytes(userData)
}

/** @throws OBJECT_INVALID for anything that writeBody would not write */
export function readBody(reader: RawReader): Body {
  const flags = reader.u8('flags')
  if ((flags & ~KNOWN_FLAGS) !== 0) throw reader.refusal('flags', String(flags), `0 to ${KNOWN_FLAGS}`, 1)
  const has = (name: keyof typeof FLAG) => (flags & FLAG[name]) !== 0
  return {
    ...(has('previous') ? { previous: reader.bytes(HASH_BYTES, 'previous') } : {}),
    updated: reader.u64('updated'),
    ...(has('extension') ? { objectId: readExtension(reader) } : {}),
    content: {
      version: reader.u8('version'),
      format: reader.u8('format'),
      bytes: reader.sizedBytes('content'),
    },
    ...(has('userData') ? { userData: readUserData(reader) } : {}),
  }
}

function readExtension(reader: RawReader): ObjectId {
  const length = reader.u16('extension')
  if (length !== EXTENSION_BYTES) {
    throw reader.refusal('extension', `${length} bytes`, `${EXTENSION_BYTES} bytes with an object's id`, 2)
  }
  const head = reader.u16('extension')
  if (head !== EXTENSION_HEAD) throw reader.refusal('extension', String(head), String(EXTENSION_HEAD), 2)
  return reader.objectId('objectId')
}

function readUserData(reader: RawReader): Bytes {
  const length = reader.u64('userData')
  // compared before it becomes a number, which may not hold it
  if (length > BigInt(reader.remaining)) {
    throw reader.refusal('userData', `${reader.remaining} bytes`, `${length} bytes`)
  }
  return reader.bytes(Number(length), 'userData')
}
