import fc from 'fast-check'
import { equalBytes, utf8 } from '#core/bytes.ts'
import { decodeContent, encodeContent } from '#objects/content/content.ts'
import { type ContentFormat, decodeDesc, encodeDesc } from '#objects/desc.ts'
import { decodeObject, encodeObject, type NamedObject } from '#objects/object.ts'
import {
  dataObjectId,
  formatObjectId,
  formatObjectIdBase36,
  type ObjectId,
  parseObjectId,
  toObjectId,
} from '#objects/object-id.ts'
import { objectFromJson, objectToJson } from '#objects/object-json.ts'
import { readContent } from '#objects/object-type.ts'
import { OBJECT_TYPES } from '#objects/object-types.ts'
import { anyId } from '#test/fakes/object-fields.ts'
import { anyObject } from '#test/fakes/objects.ts'
import type { FuzzTarget } from '../fuzz.ts'

/** Objects of every type from which inputs are made. */
const SAMPLES = 12
const SAMPLE_SEED = 4
const INVALID = ['OBJECT_INVALID'] as const

const MAX_INPUT_BYTES = 8_192

/** Whole objects of every type, their contents in every format. */
export function objectTarget(): FuzzTarget {
  return {
    name: 'object',
    seeds: samples().map(encodeObject),
    maxInputBytes: MAX_INPUT_BYTES,
    codes: INVALID,
    run: (input) => assertSame(input, encodeObject(decodeObject(input))),
  }
}

export function descTarget(): FuzzTarget {
  return {
    name: 'desc',
    seeds: samples().map(({ desc }) => encodeDesc(desc)),
    maxInputBytes: MAX_INPUT_BYTES,
    codes: INVALID,
    run: (input) => assertSame(input, encodeDesc(decodeDesc(input))),
  }
}

export const rawContentTarget = () => contentTarget('raw')
export const protobufContentTarget = () => contentTarget('protobuf')
export const jsonContentTarget = () => contentTarget('json')

/** What `tabland object encode` reads. */
export function objectJsonTarget(): FuzzTarget {
  return {
    name: 'object-json',
    seeds: samples().map((object) => utf8(JSON.stringify(objectToJson(object)))),
    maxInputBytes: MAX_INPUT_BYTES,
    codes: INVALID,
    run: readJson,
  }
}

export function idTextTarget(): FuzzTarget {
  const ids = [...anyIds(), dataObjectId(utf8('data')), dataObjectId(new Uint8Array())]
  return {
    name: 'id-text',
    seeds: ids.flatMap((id) => [formatObjectId(id), formatObjectIdBase36(id)].map(utf8)),
    maxInputBytes: 128,
    codes: INVALID,
    run(input) {
      const text = textOf(input)
      const id = parseObjectId(text)
      if (formatObjectId(id) === text || formatObjectIdBase36(id) === text.toLowerCase()) return
      throw new Error('it is written as another text')
    },
  }
}

export function idBytesTarget(): FuzzTarget {
  return {
    name: 'id-bytes',
    seeds: [...anyIds(), dataObjectId(utf8('data'))],
    maxInputBytes: 64,
    codes: INVALID,
    run: (input) => assertSame(input, toObjectId(input)),
  }
}

function samples(): readonly NamedObject[] {
  return OBJECT_TYPES.flatMap(({ name }) =>
    fc.sample(anyObject(name), { numRuns: SAMPLES, seed: SAMPLE_SEED }),
  )
}

function anyIds(): readonly ObjectId[] {
  return fc.sample(anyId, { numRuns: SAMPLES, seed: SAMPLE_SEED })
}

function contentTarget(format: ContentFormat): FuzzTarget {
  // the first byte of an input chooses the type and whether it is a desc's or a body's
  const schemas = OBJECT_TYPES.flatMap((type) => [type.desc, type.body])
  const seeds = samples().flatMap(({ desc, body }) => {
    const type = OBJECT_TYPES.findIndex((other) => other.type === desc.type)
    const parts = [desc.content, body?.content]
    return parts.flatMap((content, part) => {
      if (content === undefined) return []
      const value = readContent(OBJECT_TYPES[type]!, part === 0 ? 'desc' : 'body', content)
      const choice = 2 * type + part
      return [Uint8Array.of(choice, ...encodeContent(schemas[choice]!, format, value))]
    })
  })
  return {
    name: `content-${format}`,
    seeds,
    maxInputBytes: MAX_INPUT_BYTES,
    codes: INVALID,
    run(input) {
      const schema = schemas[(input[0] ?? 0) % schemas.length]!
      const bytes = input.subarray(1)
      assertSame(bytes, encodeContent(schema, format, decodeContent(schema, format, bytes)))
    },
  }
}

function readJson(input: Uint8Array<ArrayBuffer>): void {
  let json: Parameters<typeof objectFromJson>[0]
  try {
    json = JSON.parse(textOf(input))
  } catch {
    json = null // whoever calls has parsed it
  }
  const object = objectFromJson(json)
  assertSame(encodeObject(object), encodeObject(objectFromJson(objectToJson(object))))
}

function textOf(input: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(input)
}

function assertSame(input: Uint8Array, output: Uint8Array): void {
  if (!equalBytes(input, output)) throw new Error('it was taken, but is written otherwise')
}
