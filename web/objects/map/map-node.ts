import { type Bytes, equalBytes } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import { decodeDesc, encodeDesc } from '../desc.ts'
import { objectInvalid } from '../object-errors.ts'
import { buildObjectId, formatObjectId, type ObjectId, STANDARD_TYPES } from '../object-id.ts'
import { RawReader } from '../raw-reader.ts'
import { RawWriter } from '../raw-writer.ts'
import { HUB_BUCKETS } from './bucket.ts'
import { compareEntries, MAP_TYPES, type MapEntry, type MapType, readEntry } from './map-entry.ts'

/** [OB13] Entries of more bytes than these stand in the subs of a hub. */
export const MAX_SIMPLE_BYTES = 65_535 - 64
/** Classes of CYFS, by their numbers: a map itself, a part of a hub, a DEC app's root, a zone's root. */
export const MAP_ROLES = ['root', 'sub', 'decRoot', 'globalRoot'] as const

export type MapRole = (typeof MAP_ROLES)[number]

/** What the nodes of one map have in common; `role` and `depth` change from a hub to its subs. */
export interface MapHead {
  readonly type: MapType
  readonly role: MapRole
  /** goes into the hash that chooses buckets; 0 for a map of ours */
  readonly depth: number
  readonly owner?: ObjectId | undefined
  readonly decId?: ObjectId | undefined
}

export interface SubLink {
  /** below HUB_BUCKETS */
  readonly bucket: number
  readonly id: ObjectId
}

interface NodeCommon {
  readonly id: ObjectId
  /** the raw-encoded desc: what is stored and sent, and whose hash is the id */
  readonly bytes: Bytes
  readonly head: MapHead
  /** entries in it and below it */
  readonly total: number
  /** bytes of these entries */
  readonly size: number
}

export interface SimpleNode extends NodeCommon {
  readonly mode: 'simple'
  /** in ascending order, each once */
  readonly entries: readonly MapEntry[]
}

export interface HubNode extends NodeCommon {
  readonly mode: 'hub'
  /** in ascending order, none empty */
  readonly subs: readonly SubLink[]
}

/** [OB13] One named object of a map: all of a small one, or a part of a large one. */
export type MapNode = SimpleNode | HubNode

/** Bytes of the smallest entry of each type, in the order of MAP_TYPES. */
const MIN_ENTRY_BYTES: Readonly<Record<MapType, number>> = { map: 35, diffMap: 38, set: 32, diffSet: 34 }
const SUB_BYTES = 2 + 32
const SIMPLE = 0
const HUB = 1
const MAX_COUNT = BigInt(Number.MAX_SAFE_INTEGER)

/** A node that holds its entries, which are in ascending order and fit (MAX_SIMPLE_BYTES). */
export function simpleNode(head: MapHead, entries: readonly MapEntry[]): SimpleNode {
  const size = sizeOf(entries)
  const writer = writeHead(head, { total: entries.length, size, mode: SIMPLE, room: size })
  writer.u8(MAP_TYPES.indexOf(head.type)).size(entries.length)
  for (const { raw } of entries) writer.bytes(raw)
  return { ...finish(head, writer), mode: 'simple', total: entries.length, size, entries }
}

/** A node that points to its subs, in ascending order; `total` and `size` are the sums of theirs. */
export function hubNode(
  head: MapHead,
  { total, size, subs }: { readonly total: number; readonly size: number; readonly subs: readonly SubLink[] },
): HubNode {
  const room = subs.length * SUB_BYTES
  const writer = writeHead(head, { total, size, mode: HUB, room }).size(subs.length)
  for (const { bucket, id } of subs) writer.u16(bucket).objectId(id)
  return { ...finish(head, writer), mode: 'hub', total, size, subs }
}

/** Bytes that count for the split. */
export function sizeOf(entries: readonly MapEntry[]): number {
  return entries.reduce((sum, { raw }) => sum + raw.length, 0)
}

interface Prefix {
  readonly total: number
  readonly size: number
  readonly mode: number
  /** bytes that follow */
  readonly room: number
}

function writeHead({ type, role, depth }: MapHead, { total, size, mode, room }: Prefix): RawWriter {
  // CYFS writes depth and type twice: its node has them, and so has what the node holds.
  return new RawWriter(32 + room)
    .u8(MAP_ROLES.indexOf(role))
    .u64(BigInt(total))
    .u64(BigInt(size))
    .u8(depth)
    .u8(MAP_TYPES.indexOf(type))
    .u8(mode)
    .u8(depth)
}

function finish(head: MapHead, writer: RawWriter): Pick<MapNode, 'id' | 'bytes' | 'head'> {
  const { owner, decId } = head
  const bytes = encodeDesc({
    type: STANDARD_TYPES.ObjectMap,
    owner,
    decId,
    content: { version: 0, format: 0, bytes: writer.finish() },
  })
  return { id: idOfNode(bytes, owner), bytes, head }
}

function idOfNode(bytes: Bytes, owner: ObjectId | undefined): ObjectId {
  return buildObjectId({ type: STANDARD_TYPES.ObjectMap, hash: sha256(bytes), owner: owner !== undefined })
}

/**
 * Reads a node's desc and works its id out. Other encodings of the same node are refused ([OB5]): entries and buckets
 * out of order or twice, a hub that would fit into one node, counts that do not fit the entries.
 *
 * @throws OBJECT_INVALID
 */
export function decodeMapNode(bytes: Uint8Array): MapNode {
  const copy = new Uint8Array(bytes)
  const { type, content, owner, decId, ...others } = decodeDesc(copy)
  const other = Object.keys(others)[0]
  if (type !== STANDARD_TYPES.ObjectMap || content.version !== 0 || content.format !== 0) {
    const got = `type ${type}, version ${content.version}, format ${content.format}`
    throw objectInvalid({ path: 'desc', offset: 0, got, expected: 'an ObjectMap (14), version 0, raw (0)' })
  }
  if (other !== undefined) {
    throw objectInvalid({
      path: `desc.${other}`,
      got: 'it',
      expected: 'owner and decId alone in an ObjectMap',
    })
  }
  const reader = new RawReader(content.bytes, ['desc', 'content'], copy.length - content.bytes.length)
  return readContent(reader, { id: idOfNode(copy, owner), bytes: copy, owner, decId })
}

/**
 * Reads the node that was asked for by `id`.
 *
 * @throws OBJECT_INVALID for what is no node, or another one
 */
export function decodeMapNodeOf(id: ObjectId, bytes: Uint8Array): MapNode {
  const node = decodeMapNode(bytes)
  if (equalBytes(node.id, id)) return node
  throw objectInvalid({
    path: 'desc',
    got: `the map node ${formatObjectId(node.id)}`,
    expected: formatObjectId(id),
  })
}

/** The content of a node's desc in its raw form, by the same rules. @throws OBJECT_INVALID with a path below `content` */
export function checkMapContent(content: Bytes): void {
  const nobody = { id: new Uint8Array(32) as ObjectId, bytes: content, owner: undefined, decId: undefined }
  readContent(new RawReader(content, ['content']), nobody)
}

interface Outside extends Pick<MapNode, 'id' | 'bytes'> {
  readonly owner: ObjectId | undefined
  readonly decId: ObjectId | undefined
}

function readContent(reader: RawReader, { id, bytes, owner, decId }: Outside): MapNode {
  const role = readChoice(reader, 'class', MAP_ROLES)
  const total = readCount(reader, 'total')
  const size = readCount(reader, 'size')
  const depth = reader.u8('depth')
  const type = readChoice(reader, 'type', MAP_TYPES)
  const head: MapHead = { type, role, depth, owner, decId }
  const isHub = readChoice(reader, 'mode', ['simple', 'hub'] as const) === 'hub'
  const inner = reader.u8('content.depth')
  if (inner !== depth) throw reader.refusal('content.depth', String(inner), String(depth), 1)
  if (isHub !== size > MAX_SIMPLE_BYTES) {
    throw reader.refusal(
      'mode',
      `${isHub ? 'a hub' : 'no hub'} of ${size} bytes`,
      `a hub above ${MAX_SIMPLE_BYTES} alone`,
    )
  }
  const common = { id, bytes, head, total, size }
  const node: MapNode = isHub
    ? { ...common, mode: 'hub', subs: readSubs(reader, total) }
    : { ...common, mode: 'simple', entries: readEntries(reader, type, { total, size }) }
  reader.end()
  return node
}

function readChoice<Name extends string>(reader: RawReader, field: string, names: readonly Name[]): Name {
  const value = reader.u8(field)
  const name = names[value]
  if (name === undefined) throw reader.refusal(field, String(value), `0 to ${names.length - 1}`, 1)
  return name
}

function readCount(reader: RawReader, field: string): number {
  const value = reader.u64(field)
  if (value > MAX_COUNT) throw reader.refusal(field, String(value), `at most ${MAX_COUNT}`, 8)
  return Number(value)
}

function readEntries(
  reader: RawReader,
  type: MapType,
  { total, size }: { readonly total: number; readonly size: number },
): readonly MapEntry[] {
  const inner = readChoice(reader, 'content.type', MAP_TYPES)
  if (inner !== type) throw reader.refusal('content.type', inner, type, 1)
  const count = reader.count('entries', { minBytes: MIN_ENTRY_BYTES[type], max: MAX_SIMPLE_BYTES })
  const entries: MapEntry[] = []
  let last: MapEntry | undefined
  for (let i = 0; i < count; i++) {
    const entry = reader.within(`entries[${i}]`, () => readEntry(reader, type))
    if (last !== undefined && compareEntries(last, entry) >= 0) {
      throw reader.refusal(`entries[${i}]`, 'an entry out of order', 'ascending entries', entry.raw.length)
    }
    entries.push(entry)
    last = entry
  }
  if (total !== count) throw reader.refusal('total', String(total), String(count))
  if (size !== sizeOf(entries)) throw reader.refusal('size', String(size), String(sizeOf(entries)))
  return entries
}

function readSubs(reader: RawReader, total: number): readonly SubLink[] {
  const count = reader.count('subs', { minBytes: SUB_BYTES, max: HUB_BUCKETS })
  if (count === 0 || total < count) {
    throw reader.refusal('subs', `${count} subs of ${total} entries`, 'one sub or more, none empty')
  }
  const subs: SubLink[] = []
  let last = -1
  for (let i = 0; i < count; i++) {
    const bucket = reader.u16('bucket')
    if (bucket <= last || bucket >= HUB_BUCKETS) {
      throw reader.refusal(`subs[${i}].bucket`, String(bucket), `${last + 1} to ${HUB_BUCKETS - 1}`, 2)
    }
    subs.push({ bucket, id: reader.objectId('sub') })
    last = bucket
  }
  return subs
}
