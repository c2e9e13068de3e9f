import { type Bytes, compareBytes, concat, equalBytes, utf8 } from '#core/bytes.ts'
import { MAX_PATH_KEY_BYTES } from '#core/limits.ts'
import { objectInvalid } from '../object-errors.ts'
import type { ObjectId } from '../object-id.ts'
import type { RawReader } from '../raw-reader.ts'
import { RawWriter } from '../raw-writer.ts'

/** What a map holds, in the order of CYFS's numbers ([OB13]). */
export const MAP_TYPES = ['map', 'diffMap', 'set', 'diffSet'] as const

export type MapType = (typeof MAP_TYPES)[number]

/** What one entry says, by the type of its map. */
export interface MapItems {
  readonly map: { readonly key: string; readonly value: ObjectId }
  readonly set: { readonly value: ObjectId }
  /** without `previous` it was added, without `next` removed; `diff` names the diff of two maps */
  readonly diffMap: {
    readonly key: string
    readonly previous?: ObjectId
    readonly next?: ObjectId
    readonly diff?: ObjectId
  }
  /** either `previous`, which was removed, or `next`, which was added */
  readonly diffSet: { readonly previous?: ObjectId; readonly next?: ObjectId }
}

export type MapItem = MapItems[MapType]

/** An entry as its bytes: equal entries have equal bytes, and nothing but its type is needed to read them. */
export interface MapEntry {
  /** orders the entries of a node and tells them apart */
  readonly sort: Bytes
  /** what is hashed to choose a bucket */
  readonly hashed: Bytes
  /** the encoded entry: its length is what counts for the split */
  readonly raw: Bytes
}

const ID_BYTES = 32

/** @throws OBJECT_INVALID for a key that no map has, and for a change that changes nothing */
export function encodeEntry<Type extends MapType>(type: Type, item: MapItems[Type]): MapEntry {
  switch (type) {
    case 'map': {
      const { key, value } = item as MapItems['map']
      return keyedEntry(key, value)
    }
    case 'set':
      return setEntry((item as MapItems['set']).value)
    case 'diffMap': {
      const { key, previous, next, diff } = item as MapItems['diffMap']
      checkChange(previous, next, diff)
      return keyedEntry(key, concat(optional(previous), optional(next), optional(diff)))
    }
    default: {
      const { previous, next } = item as MapItems['diffSet']
      checkSetChange(previous, next)
      const raw = concat(optional(previous), optional(next))
      return { sort: raw, hashed: (previous ?? next) as ObjectId, raw }
    }
  }
}

/** The other way round. `entry` is one of a map of this type. */
export function decodeEntry<Type extends MapType>(type: Type, entry: MapEntry): MapItems[Type]
export function decodeEntry(type: MapType, { sort, raw }: MapEntry): MapItem {
  switch (type) {
    case 'map':
      return { key: keyText(sort), value: raw.slice(-ID_BYTES) as ObjectId }
    case 'set':
      return { value: raw.slice() as ObjectId }
    case 'diffMap': {
      const [previous, next, diff] = optionals(raw.subarray(2 + sort.length))
      return { key: keyText(sort), ...named({ previous, next, diff }) }
    }
    default: {
      const [previous, next] = optionals(raw)
      return named({ previous, next })
    }
  }
}

/** The entry that a map of ids by keys has for `key`, up to its value: enough to look it up or to remove it. */
export function mapKey(key: string): Pick<MapEntry, 'sort' | 'hashed'> {
  const sort = encodeKey(key)
  return { sort, hashed: sort }
}

/** The entry of an id in a set. */
export function setEntry(value: ObjectId): MapEntry {
  const raw = value
  return { sort: raw, hashed: raw, raw }
}

/** What is hashed for an entry of which only the order is known: where a list goes on. */
export function hashedOf(type: MapType, sort: Bytes): Bytes {
  return type === 'diffSet' ? sort.slice(sort[0] === 1 ? 1 : 2).slice(0, ID_BYTES) : sort
}

/** @throws OBJECT_INVALID for what encodeEntry does not write */
export function readEntry(reader: RawReader, type: MapType): MapEntry {
  const start = reader.offset
  if (type === 'map' || type === 'diffMap') {
    const sort = readKey(reader)
    if (type === 'map') reader.objectId('value')
    else readChange(reader)
    return { sort, hashed: sort, raw: reader.slice(start, reader.offset) }
  }
  if (type === 'set') return setEntry(reader.objectId('value'))
  const { previous, next } = readSetChange(reader)
  const raw = reader.slice(start, reader.offset)
  return { sort: raw, hashed: (previous ?? next) as ObjectId, raw }
}

function keyedEntry(key: string, value: Uint8Array): MapEntry {
  const sort = encodeKey(key)
  return {
    sort,
    hashed: sort,
    raw: new RawWriter(2 + sort.length + 99).u16(sort.length).bytes(sort).bytes(value).finish(),
  }
}

/** CYFS's rule for keys: 1 to 256 bytes of UTF-8 without a slash, which parts the keys of a path. */
function encodeKey(key: string): Bytes {
  const problem = key.isWellFormed() ? keyProblem(utf8(key)) : 'half of a surrogate pair'
  if (problem !== undefined) throw objectInvalid({ path: 'map key', got: problem, expected: KEY_RULE })
  return utf8(key)
}

const KEY_RULE = `1 to ${MAX_PATH_KEY_BYTES} bytes of UTF-8 without a slash`
const SLASH = 0x2f

function keyProblem(key: Bytes): string | undefined {
  if (key.length === 0 || key.length > MAX_PATH_KEY_BYTES) return `${key.length} bytes`
  return key.includes(SLASH) ? 'a slash' : undefined
}

function readKey(reader: RawReader): Bytes {
  const length = reader.u16('key')
  if (length > MAX_PATH_KEY_BYTES) throw reader.refusal('key', `${length} bytes`, KEY_RULE, 2)
  const key = reader.bytes(length, 'key')
  const problem = keyProblem(key)
  if (problem !== undefined) throw reader.refusal('key', problem, KEY_RULE, length)
  if (!isAscii(key)) checkUtf8(reader, key)
  return key
}

function isAscii(bytes: Bytes): boolean {
  for (const byte of bytes) if (byte > 0x7f) return false
  return true
}

function checkUtf8(reader: RawReader, key: Bytes): void {
  try {
    keyText(key)
  } catch (cause) {
    throw reader.refusal('key', 'other bytes', KEY_RULE, key.length, cause)
  }
}

function keyText(key: Bytes): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(key)
}

interface Change {
  readonly previous?: ObjectId
  readonly next?: ObjectId
  readonly diff?: ObjectId
}

function readChange(reader: RawReader): void {
  const start = reader.offset
  const previous = readOptional(reader, 'previous')
  const next = readOptional(reader, 'next')
  const diff = readOptional(reader, 'diff')
  const problem = changeProblem(previous, next, diff)
  if (problem !== undefined) throw reader.refusal('change', problem, CHANGE_RULE, reader.offset - start)
}

function readSetChange(reader: RawReader): Change {
  const start = reader.offset
  const previous = readOptional(reader, 'previous')
  const next = readOptional(reader, 'next')
  if ((previous === undefined) === (next === undefined)) {
    throw reader.refusal('change', 'both or neither', SET_CHANGE_RULE, reader.offset - start)
  }
  return named({ previous, next })
}

function readOptional(reader: RawReader, field: string): ObjectId | undefined {
  return reader.bool(field) ? reader.objectId(field) : undefined
}

const CHANGE_RULE = 'two different ids, of which one may be missing, and a diff only between two'
const SET_CHANGE_RULE = 'an id that was removed or one that was added'

function changeProblem(previous?: ObjectId, next?: ObjectId, diff?: ObjectId): string | undefined {
  if (previous === undefined && next === undefined) return 'no id'
  if (previous !== undefined && next !== undefined)
    return equalBytes(previous, next) ? 'the same id twice' : undefined
  return diff === undefined ? undefined : 'a diff with one id'
}

function checkChange(previous?: ObjectId, next?: ObjectId, diff?: ObjectId): void {
  const got = changeProblem(previous, next, diff)
  if (got !== undefined) throw objectInvalid({ path: 'map change', got, expected: CHANGE_RULE })
}

function checkSetChange(previous?: ObjectId, next?: ObjectId): void {
  if ((previous === undefined) !== (next === undefined)) return
  throw objectInvalid({ path: 'set change', got: 'both or neither', expected: SET_CHANGE_RULE })
}

/** CYFS's Option: 0, or 1 and the value. */
function optional(id: ObjectId | undefined): Bytes {
  return id === undefined ? new Uint8Array([0]) : concat(new Uint8Array([1]), id)
}

function optionals(raw: Bytes): readonly (ObjectId | undefined)[] {
  const ids: (ObjectId | undefined)[] = []
  for (let at = 0; at < raw.length; at += raw[at] === 1 ? 1 + ID_BYTES : 1) {
    ids.push(raw[at] === 1 ? (raw.slice(at + 1, at + 1 + ID_BYTES) as ObjectId) : undefined)
  }
  return ids
}

/** Only what there is, as exactOptionalPropertyTypes asks for. */
function named(change: { [Name in keyof Change]: Change[Name] | undefined }): Change {
  return Object.fromEntries(Object.entries(change).filter(([, id]) => id !== undefined))
}

/** Orders entries as CYFS's BTreeMap and BTreeSet do. */
export function compareEntries(a: Pick<MapEntry, 'sort'>, b: Pick<MapEntry, 'sort'>): number {
  return compareBytes(a.sort, b.sort)
}
