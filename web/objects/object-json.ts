import type { Body } from './body.ts'
import { optional } from './content/composite-fields.ts'
import type { Json } from './content/field.ts'
import { bytes, hash, hexOf, objectId, u64, wrongJson } from './content/fields.ts'
import { jsonFields, type Message, struct } from './content/struct.ts'
import { isReadable } from './content-check.ts'
import { type Content, checkedUint, type Desc, FORMATS } from './desc.ts'
import { decodeObject, encodeObject, type NamedObject, objectIdOf } from './object.ts'
import { objectInvalid } from './object-errors.ts'
import { formatObjectId } from './object-id.ts'
import { descHeader, nonceFromJson, signatures } from './object-json-fields.ts'
import { createContent, readContent } from './object-type.ts'
import { findObjectType, objectTypeName } from './object-types.ts'

const bodyHeader = struct({
  previous: [1, optional(hash)],
  updated: [2, u64],
  objectId: [3, optional(objectId)],
  userData: [4, optional(bytes)],
})

/**
 * The whole object as JSON, typed: ids in base58, bytes in hexadecimal text, wide numbers as decimal text, contents by
 * the schema of their type where there is one.
 */
export function objectToJson(object: NamedObject): Json {
  const { desc, body, descSigns, bodySigns, nonce } = object
  return {
    id: formatObjectId(objectIdOf(object)),
    type: objectTypeName(desc.type),
    desc: {
      type: desc.type,
      ...fields(descHeader.toJson(desc)),
      content: contentToJson(desc.type, 'desc', desc.content),
    },
    ...(body === undefined
      ? {}
      : {
          body: {
            ...fields(bodyHeader.toJson(body)),
            content: contentToJson(desc.type, 'body', body.content),
          },
        }),
    descSigns: signatures.toJson(descSigns) as Json,
    bodySigns: signatures.toJson(bodySigns) as Json,
    ...(nonce === undefined ? {} : { nonce: String(nonce) }),
  }
}

/**
 * The inverse of objectToJson. `id` and `type` at the top may be left out; when they are there, they must fit.
 *
 * @throws OBJECT_INVALID naming the field
 */
export function objectFromJson(json: Json): NamedObject {
  const names = ['id', 'type', 'desc', 'body', 'descSigns', 'bodySigns', 'nonce']
  const parts = jsonFields(json, 'object', names)
  const desc = descFromJson(parts.desc)
  const body = parts.body === undefined ? undefined : bodyFromJson(desc.type, parts.body)
  const object: NamedObject = {
    desc,
    ...(body === undefined ? {} : { body }),
    descSigns: signatures.fromJson(parts.descSigns ?? [], 'object.descSigns'),
    bodySigns: signatures.fromJson(parts.bodySigns ?? [], 'object.bodySigns'),
    ...(parts.nonce === undefined ? {} : { nonce: nonceFromJson(parts.nonce, 'object.nonce') }),
  }
  // what an encoder takes and a decoder would not, as bytes that are no content of the type, is found here
  const checked = decodeObject(encodeObject(object))
  assertSame(parts.id, formatObjectId(objectIdOf(checked)), 'object.id')
  assertSame(parts.type, objectTypeName(desc.type), 'object.type')
  return checked
}

function descFromJson(json: Json | undefined): Desc {
  const { type, content, ...rest } = fields(json, 'object.desc')
  if (typeof type !== 'number') throw wrongJson(type, 'object.desc.type', 'the number of the type')
  const number = checkedUint('object.desc.type', type, 0xffff)
  const header = checked(descHeader, rest, 'object.desc')
  return { ...header, type: number, content: contentFromJson(number, 'desc', content) }
}

function bodyFromJson(type: number, json: Json): Body {
  const { content, ...rest } = fields(json, 'object.body')
  return { ...checked(bodyHeader, rest, 'object.body'), content: contentFromJson(type, 'body', content) }
}

function checked<T>(schema: Message<T>, json: Json, path: string): T {
  const value = schema.fromJson(json, path)
  const problem = schema.check(value)
  if (problem === undefined) return value
  throw objectInvalid({ ...problem, path: `${path}.${problem.path}` })
}

/** `{version, format, value}` by the schema, or `{version, format, bytes}` where there is none. */
function contentToJson(type: number, part: 'desc' | 'body', content: Content): Json {
  const known = findObjectType(type)
  const head = { version: content.version, format: FORMATS[content.format] ?? content.format }
  if (known === undefined || !isReadable(content)) return { ...head, bytes: bytes.toJson(content.bytes) }
  return { ...head, value: known[part].toJson(readContent(known, part, content)) as Json }
}

function contentFromJson(type: number, part: 'desc' | 'body', json: Json | undefined): Content {
  const path = `object.${part}.content`
  const found = jsonFields(json, path, ['version', 'format', 'value', 'bytes'])
  const { version = 0, value } = found
  const format = FORMATS.find((name) => name === found.format)
  if (typeof version !== 'number') throw wrongJson(version, `${path}.version`, 'a number')
  if (value === undefined) {
    const number = format === undefined ? found.format : FORMATS.indexOf(format)
    if (typeof number !== 'number') throw wrongJson(found.format, `${path}.format`, FORMATS.join(', '))
    return { version, format: number, bytes: hexOf(found.bytes, `${path}.bytes`) }
  }
  const known = findObjectType(type)
  if (known === undefined || version !== 0 || format === undefined || found.bytes !== undefined) {
    throw wrongJson('it', `${path}.value`, `bytes: type ${type} has no schema for this version and format`)
  }
  return createContent(known, part, known[part].fromJson(value, `${path}.value`), format)
}

function fields(json: Json | undefined, path = 'object'): Readonly<Record<string, Json>> {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, Json>
  throw wrongJson(json, path, 'an object')
}

function assertSame(claimed: Json | undefined, actual: string, path: string): void {
  if (claimed === undefined || claimed === actual) return
  throw wrongJson(claimed, path, `"${actual}", as the desc has it`)
}
