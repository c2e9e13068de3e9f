import type { Scope } from '#core/delegation.ts'
import { type ContentPlace, decodeContent, NOWHERE, toContent } from './content/content.ts'
import type { Message } from './content/struct.ts'
import { type Content, type ContentFormat, type Desc, FORMATS } from './desc.ts'
import { objectInvalid } from './object-errors.ts'

/** What a type of [OB9] says of its objects: a table from which every codec follows. */
export interface ObjectType<D, B> {
  readonly name: string
  /** number of the type */
  readonly type: number
  readonly desc: Message<D>
  readonly body: Message<B>
  /** as CYFS writes them; any other format is read as well */
  readonly formats: { readonly desc: ContentFormat; readonly body: ContentFormat }
  /** must its desc have a key? */
  readonly keyed?: boolean
  /** CYFS writes protobuf under the number of the raw format */
  readonly protobufAsRaw?: boolean
  /** what a wallet must have allowed the device that signs one @default objects */
  readonly scope?: Scope
}

export type DescOf<T> = T extends ObjectType<infer D, infer _> ? D : never
export type BodyOf<T> = T extends ObjectType<infer _, infer B> ? B : never

/** Names the types of a table. */
export function objectType<D, B>(table: ObjectType<D, B>): ObjectType<D, B> {
  return table
}

/** Fields of a desc that its type leaves to the object. */
export type DescHeader = Omit<Desc, 'type' | 'content'>

/** Values that were read of a content once: contents are immutable. */
const read = new WeakMap<Content, unknown>()

/** A desc of this type. @throws OBJECT_INVALID */
export function createDesc<D>(
  type: ObjectType<D, unknown>,
  content: D,
  header: DescHeader = {},
  format: ContentFormat = type.formats.desc,
): Desc {
  const desc = { ...header, type: type.type, content: createContent(type, 'desc', content, format) }
  assertKey(type, desc)
  return desc
}

/** The content of a desc or body of this type. @throws OBJECT_INVALID */
export function createContent<D, B, Part extends 'desc' | 'body'>(
  type: ObjectType<D, B>,
  part: Part,
  value: Part extends 'desc' ? D : B,
  format: ContentFormat = type.formats[part],
): Content {
  const actual = format === 'raw' && type.protobufAsRaw === true ? 'protobuf' : format
  const content = toContent(type[part] as Message<typeof value>, actual, value, `${part}.content`)
  return { ...content, format: FORMATS.indexOf(format) }
}

/** What a desc or body of this type holds. @throws OBJECT_INVALID when it is none of the type's, or of another version */
export function readContent<D, B, Part extends 'desc' | 'body'>(
  type: ObjectType<D, B>,
  part: Part,
  content: Content,
  place: ContentPlace = NOWHERE,
): Part extends 'desc' ? D : B {
  type Value = Part extends 'desc' ? D : B
  const known = read.get(content) as Value | undefined
  if (known !== undefined) return known
  const format = FORMATS[content.format]
  if (format === undefined || content.version !== 0) {
    throw objectInvalid({
      ...place,
      got: `version ${content.version} in format ${content.format}`,
      expected: 'version 0 in format 0, 1 or 2',
    })
  }
  const actual = format === 'raw' && type.protobufAsRaw === true ? 'protobuf' : format
  const value = decodeContent(type[part] as Message<Value>, actual, content.bytes, place)
  read.set(content, value)
  return value
}

/** @throws OBJECT_INVALID when a type that needs one key has none */
export function assertKey(type: ObjectType<unknown, unknown>, desc: Pick<Desc, 'publicKey'>): void {
  if (type.keyed !== true || desc.publicKey?.kind === 'single') return
  const got = desc.publicKey === undefined ? 'nothing' : 'several keys'
  throw objectInvalid({ path: 'desc.publicKey', got, expected: `the key of this ${type.name}` })
}
