import { base36 } from 'multiformats/bases/base36'
import { base58btc } from 'multiformats/bases/base58'
import { type Bytes, equalBytes, toHex } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import { type Area, areaOfId, isArea, writeAreaBits } from './area-bits.ts'
import { objectInvalid } from './object-errors.ts'

declare const brand: unique symbol

/** Name of a named object, a chunk or up to 31 bytes of data: 32 bytes ([OB1]–[OB3]). */
export type ObjectId = Bytes & { readonly [brand]: 'ObjectId' }

export const OBJECT_ID_BYTES = 32
/** [OB2] */
export const MAX_DATA_ID_BYTES = 31

/** Numbers of the standard types; 4 and 16 are free and count as core, as in CYFS. */
export const STANDARD_TYPES = {
  Device: 1,
  People: 2,
  Group: 3,
  AppGroup: 5,
  UnionAccount: 6,
  Chunk: 7,
  File: 8,
  Dir: 9,
  Diff: 10,
  ProofOfService: 11,
  Tx: 12,
  Action: 13,
  ObjectMap: 14,
  Contract: 15,
} as const

export type StandardType = keyof typeof STANDARD_TYPES

const STANDARD_NAMES: ReadonlyMap<number, StandardType> = new Map(
  (Object.entries(STANDARD_TYPES) as [StandardType, number][]).map(([name, code]) => [code, name]),
)
/** First type number of DEC apps. */
const DEC_APP_TYPES = 32_768

/** What the first 40 bits of an id say. */
export type ObjectIdInfo =
  | { readonly category: 'data'; readonly data: Bytes }
  | { readonly category: 'standard'; readonly type: number; readonly area?: Area }
  | {
      readonly category: 'core' | 'decApp'
      readonly singleKey: boolean
      readonly multiKey: boolean
      readonly owner: boolean
      readonly area?: Area
    }

/** What of a desc goes into the id beside the hash. */
export interface ObjectIdParts {
  readonly type: number
  /** SHA-256 of the raw-encoded desc */
  readonly hash: Uint8Array
  readonly area?: Area | undefined
  readonly key?: 'single' | 'multi' | undefined
  readonly owner: boolean
}

const CATEGORY = { data: 0, standard: 1, core: 2, decApp: 3 } as const
const CATEGORIES = ['data', 'standard', 'core', 'decApp'] as const
const FLAG_AREA = 8
const FLAG_SINGLE_KEY = 4
const FLAG_MULTI_KEY = 2
const FLAG_OWNER = 1
/** Bytes of an id that are not its desc's hash. */
export const ID_HEAD_BYTES = 5

/** The id of the object whose desc has this hash ([OB1]). */
export function buildObjectId({ type, hash, area, key, owner }: ObjectIdParts): ObjectId {
  const id = new Uint8Array(hash) as ObjectId
  id.fill(0, 0, ID_HEAD_BYTES)
  if (isStandardType(type)) {
    id[0] = (CATEGORY.standard << 6) | (type << 2)
  } else {
    const category = type < DEC_APP_TYPES ? CATEGORY.core : CATEGORY.decApp
    let flags = 0
    if (area !== undefined) flags |= FLAG_AREA
    if (key === 'single') flags |= FLAG_SINGLE_KEY
    if (key === 'multi') flags |= FLAG_MULTI_KEY
    if (owner) flags |= FLAG_OWNER
    id[0] = (category << 6) | (flags << 2)
  }
  if (area !== undefined) writeAreaBits(id, area)
  return id
}

/** Does an id of this type number carry the number itself? */
export function isStandardType(type: number): boolean {
  return STANDARD_NAMES.has(type)
}

/** Name of a standard type's number, undefined for any other. */
export function standardTypeName(type: number): StandardType | undefined {
  return STANDARD_NAMES.get(type)
}

/** Reads an id's head: nothing but the id is needed. */
export function objectIdInfo(id: ObjectId): ObjectIdInfo {
  const head = id[0]!
  const category = CATEGORIES[head >> 6]!
  const bits = (head >> 2) & 0x0f
  if (category === 'data') return { category, data: dataOf(id) }
  if (category === 'standard') {
    // there is no flag for it: an area of nothing but zeros is none
    const area = areaOfId(id)
    return { category, type: bits, ...(isArea(area) ? { area } : {}) }
  }
  return {
    category,
    singleKey: (bits & FLAG_SINGLE_KEY) !== 0,
    multiKey: (bits & FLAG_MULTI_KEY) !== 0,
    owner: (bits & FLAG_OWNER) !== 0,
    ...((bits & FLAG_AREA) !== 0 ? { area: areaOfId(id) } : {}),
  }
}

/**
 * 32 bytes from outside as an id, as a copy.
 *
 * @throws OBJECT_INVALID for another length, and for a data id with a bad length or bytes behind its data
 */
export function toObjectId(bytes: Uint8Array, path = 'id'): ObjectId {
  if (bytes.length !== OBJECT_ID_BYTES) {
    throw objectInvalid({ path, got: `${bytes.length} bytes`, expected: `${OBJECT_ID_BYTES} bytes` })
  }
  const id = new Uint8Array(bytes) as ObjectId
  if (id[0]! >> 6 === CATEGORY.data) dataOf(id, path)
  return id
}

/** An id that holds its data itself ([OB2]). @throws OBJECT_INVALID for more than 31 bytes */
export function dataObjectId(data: Uint8Array): ObjectId {
  if (data.length > MAX_DATA_ID_BYTES) {
    throw objectInvalid({
      path: 'data',
      got: `${data.length} bytes`,
      expected: `at most ${MAX_DATA_ID_BYTES} bytes`,
    })
  }
  const id = new Uint8Array(OBJECT_ID_BYTES) as ObjectId
  id[0] = data.length
  id.set(data, 1)
  return id
}

function dataOf(id: ObjectId, path = 'id'): Bytes {
  const length = id[0]!
  if (length > MAX_DATA_ID_BYTES) {
    throw objectInvalid({
      path,
      offset: 0,
      got: `data of ${length} bytes`,
      expected: `at most ${MAX_DATA_ID_BYTES}`,
    })
  }
  const rest = id.subarray(1 + length)
  const at = rest.findIndex((byte) => byte !== 0)
  if (at !== -1)
    throw objectInvalid({
      path,
      offset: 1 + length + at,
      got: `byte ${rest[at]}`,
      expected: 'zeros after the data',
    })
  return id.slice(1, 1 + length)
}

const CHUNK_HEAD = (CATEGORY.standard << 6) | (STANDARD_TYPES.Chunk << 2)

/** Id of a chunk's bytes ([OB3]): its length, little-endian, and 27 bytes of its SHA-256. */
export function chunkId(chunk: Uint8Array): ObjectId {
  return chunkIdOf(chunk.length, sha256(chunk))
}

/** Id of a chunk whose length and SHA-256 are known. */
export function chunkIdOf(length: number, hash: Uint8Array): ObjectId {
  const id = new Uint8Array(OBJECT_ID_BYTES) as ObjectId
  id[0] = CHUNK_HEAD
  new DataView(id.buffer).setUint32(1, length, true)
  id.set(hash.subarray(0, 27), ID_HEAD_BYTES)
  return id
}

export function isChunkId(id: ObjectId): boolean {
  return id[0] === CHUNK_HEAD
}

/** Bytes of the chunk that `id` names, undefined when it names something else. */
export function chunkLength(id: ObjectId): number | undefined {
  return isChunkId(id) ? new DataView(id.buffer, id.byteOffset).getUint32(1, true) : undefined
}

/** Does `id` name exactly these bytes? */
export function isChunk(id: ObjectId, chunk: Uint8Array): boolean {
  return chunk.length === chunkLength(id) && equalBytes(id, chunkId(chunk))
}

const BASE58 = /^[1-9A-HJ-NP-Za-km-z]*$/
const BASE36 = /^[0-9A-Za-z]*$/
/** Base58 of 32 bytes has 43 or 44 digits, base36 48 to 50; shorter ones are the zeros of the empty data id. */
const MAX_BASE58_LENGTH = 44
const MAX_BASE36_LENGTH = 50
const EMPTY_BASE36 = '0'.repeat(OBJECT_ID_BYTES)

/** Base58 text (Bitcoin alphabet) of an id ([OB4]). */
export function formatObjectId(id: ObjectId): string {
  return base58btc.baseEncode(id)
}

/** Base36 text of an id, in small letters, for places that ignore case ([OB4]). */
export function formatObjectIdBase36(id: ObjectId): string {
  return base36.baseEncode(id)
}

/**
 * Reads base58 or base36 text; base36 in either case ([OB4]).
 *
 * @throws OBJECT_INVALID naming the character and its position, or the length
 */
export function parseObjectId(text: string, path = 'id'): ObjectId {
  const isBase36 = text.length > MAX_BASE58_LENGTH || text === EMPTY_BASE36
  const [alphabet, name] = isBase36 ? [BASE36, 'base36'] : [BASE58, 'base58']
  if (text.length > MAX_BASE36_LENGTH || text.length < OBJECT_ID_BYTES) {
    throw objectInvalid({
      path,
      got: `${text.length} characters`,
      expected: 'an id of 43 or 44 characters in base58, or of 48 to 50 in base36',
    })
  }
  if (!alphabet.test(text)) {
    const offset = [...text].findIndex((character) => !alphabet.test(character))
    throw objectInvalid({ path, offset, got: `"${[...text][offset]}"`, expected: `a digit of ${name}` })
  }
  const bytes = isBase36 ? base36.baseDecode(text.toLowerCase()) : base58btc.baseDecode(text)
  return toObjectId(bytes, path)
}

/** A key for maps and sets. */
export function objectIdKey(id: ObjectId): string {
  return toHex(id)
}
