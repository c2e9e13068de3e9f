import { BinaryWriter } from '@bufbuild/protobuf/wire'
import { type Bytes, utf8 } from '#core/bytes.ts'
import { MAX_JSON_CONTENT_BYTES } from '#core/limits.ts'
import type { Content, ContentFormat } from '../desc.ts'
import { objectInvalid } from '../object-errors.ts'
import { RawReader } from '../raw-reader.ts'
import { RawWriter } from '../raw-writer.ts'
import type { Json } from './field.ts'
import { ProtoReader } from './proto-reader.ts'
import type { Message } from './struct.ts'

/** Where a content stands, for the errors about it. */
export interface ContentPlace {
  readonly path: string
  /** of the content's first byte in the outermost bytes */
  readonly offset: number
}

export const NOWHERE: ContentPlace = { path: 'content', offset: 0 }

/** The one encoding of `value` in this format ([OB5], [OB8]). @throws OBJECT_INVALID when the value is none of the schema */
export function encodeContent<T>(
  schema: Message<T>,
  format: ContentFormat,
  value: T,
  path = NOWHERE.path,
): Bytes {
  const problem = schema.check(value)
  if (problem !== undefined) throw objectInvalid({ ...problem, path: `${path}.${problem.path}` })
  return write(schema, format, value)
}

/** @throws OBJECT_INVALID for anything but the one encoding of a value */
export function decodeContent<T>(
  schema: Message<T>,
  format: ContentFormat,
  bytes: Uint8Array,
  place: ContentPlace = NOWHERE,
): T {
  if (format === 'raw') return readRaw(schema, bytes, place)
  if (format === 'protobuf') return schema.readMessage(new ProtoReader(bytes, place.path, place.offset))
  const value = readJson(schema, bytes, place)
  // JSON has many spellings of one value: only ours is taken
  assertCanonical(bytes, write(schema, 'json', value), place)
  return value
}

/** The content of a desc or body, wrapped as it stands in the object. */
export function toContent<T>(schema: Message<T>, format: ContentFormat, value: T, path?: string): Content {
  return { version: 0, format: FORMAT_NUMBERS[format], bytes: encodeContent(schema, format, value, path) }
}

export const FORMAT_NUMBERS: Readonly<Record<ContentFormat, number>> = { raw: 0, protobuf: 1, json: 2 }

function write<T>(schema: Message<T>, format: ContentFormat, value: T): Bytes {
  if (format === 'json') return bounded(utf8(JSON.stringify(schema.toJson(value))), NOWHERE)
  if (format === 'protobuf') {
    const writer = new BinaryWriter()
    schema.writeMessage(writer, value)
    return writer.finish()
  }
  const writer = new RawWriter()
  schema.writeRaw(writer, value)
  return writer.finish()
}

function readRaw<T>(schema: Message<T>, bytes: Uint8Array, { path, offset }: ContentPlace): T {
  const steps = path.split('.')
  const reader = new RawReader(bytes, steps.slice(0, -1), offset)
  const value = schema.readRaw(reader, steps.at(-1)!)
  reader.end()
  return value
}

function bounded<Data extends Uint8Array>(bytes: Data, place: ContentPlace): Data {
  if (bytes.length <= MAX_JSON_CONTENT_BYTES) return bytes
  const expected = `at most ${MAX_JSON_CONTENT_BYTES} in JSON`
  throw objectInvalid({ ...place, got: `${bytes.length} bytes`, expected })
}

function readJson<T>(schema: Message<T>, bytes: Uint8Array, { path, offset }: ContentPlace): T {
  bounded(bytes, { path, offset })
  let json: Json
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)) as Json
  } catch (cause) {
    throw objectInvalid({ path, offset, got: (cause as Error).message, expected: 'JSON in UTF-8' }, cause)
  }
  const value = schema.fromJson(json, path)
  const problem = schema.check(value)
  if (problem === undefined) return value
  throw objectInvalid({ ...problem, path: `${path}.${problem.path}`, offset })
}

/** @throws OBJECT_INVALID at the first byte that differs */
function assertCanonical(got: Uint8Array, expected: Uint8Array, place: ContentPlace): void {
  const length = Math.max(got.length, expected.length)
  for (let at = 0; at < length; at++) {
    if (got[at] === expected[at]) continue
    throw objectInvalid({
      path: place.path,
      offset: place.offset + at,
      got: describeByte(got[at]),
      expected: `${describeByte(expected[at])}, as the one JSON encoding has it`,
    })
  }
}

function describeByte(byte: number | undefined): string {
  return byte === undefined ? 'the end' : `byte ${byte}`
}
