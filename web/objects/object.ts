import type { Bytes } from '#core/bytes.ts'
import { MAX_OBJECT_BYTES } from '#core/limits.ts'
import { type Body, readBody, writeBody } from './body.ts'
import { checkContent } from './content-check.ts'
import {
  type Desc,
  descFlags,
  FLAG,
  OBJECT_FLAGS,
  objectIdOfDesc,
  readDescFields,
  writeDescFields,
} from './desc.ts'
import { objectInvalid } from './object-errors.ts'
import type { ObjectId } from './object-id.ts'
import { type ObjectSignature, readSignatures, writeSignatures } from './object-signature.ts'
import { RawReader } from './raw-reader.ts'
import { RawWriter } from './raw-writer.ts'

/** A named object ([OB6]): a desc that its id hashes, a body that changes, and signatures over each. */
export interface NamedObject {
  readonly desc: Desc
  readonly body?: Body | undefined
  readonly descSigns: readonly ObjectSignature[]
  readonly bodySigns: readonly ObjectSignature[]
  /** of a proof of work; u128 */
  readonly nonce?: bigint | undefined
}

/** [OB1] */
export function objectIdOf(object: NamedObject): ObjectId {
  return objectIdOfDesc(object.desc)
}

/** The one encoding of an object ([OB5]). @throws OBJECT_INVALID when a field does not fit or the whole is too long */
export function encodeObject(object: NamedObject): Bytes {
  const { desc, body, descSigns, bodySigns, nonce } = object
  let flags = descFlags(desc)
  if (body !== undefined) flags |= FLAG.body
  if (descSigns.length > 0) flags |= FLAG.descSigns
  if (bodySigns.length > 0) flags |= FLAG.bodySigns
  if (nonce !== undefined) flags |= FLAG.nonce
  const writer = new RawWriter(512 + desc.content.bytes.length + (body?.content.bytes.length ?? 0))
  writer.u16(desc.type).u16(flags)
  writeDescFields(writer, desc)
  if (body !== undefined) writeBody(writer, body)
  if (descSigns.length > 0) writeSignatures(writer, descSigns)
  if (bodySigns.length > 0) writeSignatures(writer, bodySigns)
  if (nonce !== undefined) writer.u128(nonce)
  const bytes = writer.finish()
  assertLength(bytes.length)
  return bytes
}

/**
 * Reads a whole object. The content of a type that is known is checked against its schema; that of any other is kept
 * byte for byte ([OB9]). Signatures are not verified: see verifyObject.
 *
 * @throws OBJECT_INVALID for anything that encodeObject would not write, with the field's path and offset
 */
export function decodeObject(bytes: Uint8Array): NamedObject {
  assertLength(bytes.length)
  const reader = new RawReader(bytes, 'object')
  const type = reader.u16('type')
  const flags = reader.u16('flags')
  if ((flags & FLAG.encrypted) !== 0)
    throw reader.refusal('flags', 'an encrypted object', 'a readable one', 2)
  const has = (name: keyof typeof FLAG) => (flags & FLAG[name]) !== 0
  const desc = reader.within('desc', () => readDescFields(reader, type, flags & ~OBJECT_FLAGS))
  checkContent(desc, 'desc', {
    path: 'object.desc.content',
    offset: reader.offset - desc.content.bytes.length,
  })
  const body = has('body') ? reader.within('body', () => readCheckedBody(reader, desc)) : undefined
  const object = {
    desc,
    ...(body === undefined ? {} : { body }),
    descSigns: has('descSigns') ? readSignatures(reader, 'descSigns') : [],
    bodySigns: has('bodySigns') ? readSignatures(reader, 'bodySigns') : [],
    ...(has('nonce') ? { nonce: reader.u128('nonce') } : {}),
  }
  reader.end()
  return object
}

function readCheckedBody(reader: RawReader, desc: Desc): Body {
  const body = readBody(reader)
  const after = body.userData === undefined ? 0 : 8 + body.userData.length
  const offset = reader.offset - after - body.content.bytes.length
  checkContent({ type: desc.type, content: body.content }, 'body', { path: 'object.body.content', offset })
  return body
}

function assertLength(length: number): void {
  if (length <= MAX_OBJECT_BYTES) return
  throw objectInvalid({ path: 'object', got: `${length} bytes`, expected: `at most ${MAX_OBJECT_BYTES}` })
}
