import { equalBytes, fromHex, toHex } from '#core/bytes.ts'
import { isAppError } from '#core/errors.ts'
import { MAX_MAP_PAGE } from '#core/limits.ts'
import { objectInvalid } from '../object-errors.ts'
import { formatObjectId, type ObjectId } from '../object-id.ts'
import { buildMap, type EntryChange, editMap } from './map-edit.ts'
import {
  decodeEntry,
  encodeEntry,
  hashedOf,
  type MapItem,
  type MapItems,
  type MapType,
  mapKey,
  setEntry,
} from './map-entry.ts'
import { conflict } from './map-errors.ts'
import type { MapNode } from './map-node.ts'
import type { MapNodes } from './map-store.ts'
import { lookUp, type WalkPosition, walkEntries } from './map-walk.ts'

/** What a new map is; the owner and DEC app go into all of its nodes. */
export interface MapInit<Type extends MapType> {
  readonly type: Type
  readonly owner?: ObjectId
  readonly decId?: ObjectId
}

/** What must stand at a key for a change to go on: an id, null for nothing, undefined for whatever there is. */
export interface ChangeOptions {
  readonly expected?: ObjectId | null | undefined
}

export interface ListOptions {
  /** `next` of the page before */
  readonly cursor?: string | undefined
  /** 1 to MAX_MAP_PAGE, @default MAX_MAP_PAGE */
  readonly limit?: number | undefined
}

/** Items of a map in the order of its buckets, which is the same for the same entries. */
export interface MapPage {
  readonly type: MapType
  readonly items: readonly MapItem[]
  /** where the next page begins; absent on the last one */
  readonly next?: string
}

/**
 * [OB13] Stores the map of these items and returns its id, which depends on them alone.
 *
 * @throws OBJECT_INVALID for an item that no map of this type has, or that is given twice
 */
export async function createMap<Type extends MapType>(
  nodes: MapNodes,
  { type, owner, decId }: MapInit<Type>,
  items: Iterable<MapItems[Type]>,
): Promise<ObjectId> {
  const entries = [...items].map((item) => encodeEntry(type, item))
  const { root, fresh } = buildMap({ type, role: 'root', depth: 0, owner, decId }, entries)
  await nodes.write(fresh)
  return root.id
}

/** The id at `key`, undefined where there is none. Reads only the nodes on the way. */
export async function getValue(nodes: MapNodes, map: ObjectId, key: string): Promise<ObjectId | undefined> {
  const entry = await lookUp(nodes, await readMap(nodes, map, 'map'), mapKey(key))
  return entry === undefined ? undefined : decodeEntry('map', entry).value
}

/** Is `value` in the set? */
export async function hasValue(nodes: MapNodes, set: ObjectId, value: ObjectId): Promise<boolean> {
  return (await lookUp(nodes, await readMap(nodes, set, 'set'), setEntry(value))) !== undefined
}

/**
 * Puts `value` at `key`. Returns the new map's id; the old map stays as it was.
 *
 * @throws OBJECT_CONFLICT when there is something already
 */
export async function insertValue(nodes: MapNodes, map: ObjectId, item: MapItems['map']): Promise<ObjectId> {
  return setValue(nodes, map, item, { expected: null })
}

/** As insertValue, and also in place of what is there. @throws OBJECT_CONFLICT when that is not `expected` */
export async function setValue(
  nodes: MapNodes,
  map: ObjectId,
  item: MapItems['map'],
  options: ChangeOptions = {},
): Promise<ObjectId> {
  return changeValue(nodes, map, { key: item.key, change: encodeEntry('map', item), ...options })
}

/** Takes `key` away, if it is there. @throws OBJECT_CONFLICT when its value is not `expected` */
export async function removeValue(
  nodes: MapNodes,
  map: ObjectId,
  key: string,
  options: ChangeOptions = {},
): Promise<ObjectId> {
  return changeValue(nodes, map, { key, change: mapKey(key), ...options })
}

/** The set with `value` in it. */
export async function addToSet(nodes: MapNodes, set: ObjectId, value: ObjectId): Promise<ObjectId> {
  return writeEdit(nodes, await readMap(nodes, set, 'set'), [setEntry(value)])
}

/** The set without `value`. */
export async function removeFromSet(nodes: MapNodes, set: ObjectId, value: ObjectId): Promise<ObjectId> {
  const { sort, hashed } = setEntry(value)
  return writeEdit(nodes, await readMap(nodes, set, 'set'), [{ sort, hashed }])
}

/**
 * One page of a map of any type. Reads only the nodes that hold it, and those above.
 *
 * @throws OBJECT_INVALID for a cursor that no page gave, or another limit
 */
export async function listMap(
  nodes: MapNodes,
  map: ObjectId,
  { cursor, limit = MAX_MAP_PAGE }: ListOptions = {},
): Promise<MapPage> {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_MAP_PAGE) {
    throw objectInvalid({ path: 'limit', got: String(limit), expected: `1 to ${MAX_MAP_PAGE}` })
  }
  const root = await nodes.read(map)
  const { type } = root.head
  const items: MapItem[] = []
  let last: string | undefined
  for await (const entry of walkEntries(nodes, root, { after: parseCursor(type, cursor) })) {
    if (items.length === limit) return { type, items, ...(last === undefined ? {} : { next: last }) }
    items.push(decodeEntry(type, entry))
    last = toHex(entry.sort)
  }
  return { type, items }
}

function parseCursor(type: MapType, cursor: string | undefined): WalkPosition | undefined {
  if (cursor === undefined) return undefined
  try {
    const sort = fromHex(cursor)
    return { sort, hashed: hashedOf(type, sort) }
  } catch (cause) {
    if (!isAppError(cause)) throw cause
    throw objectInvalid({ path: 'cursor', got: cursor, expected: '`next` of a page before' }, cause)
  }
}

interface ValueChange extends ChangeOptions {
  readonly key: string
  readonly change: EntryChange
}

async function changeValue(
  nodes: MapNodes,
  map: ObjectId,
  { key, change, expected }: ValueChange,
): Promise<ObjectId> {
  const root = await readMap(nodes, map, 'map')
  if (expected !== undefined) {
    const entry = await lookUp(nodes, root, change)
    const value = entry === undefined ? undefined : decodeEntry('map', entry).value
    assertExpected(key, value, expected)
  }
  return writeEdit(nodes, root, [change])
}

/** @throws OBJECT_CONFLICT when `value` is not what `expected` says (see ChangeOptions) */
export function assertExpected(where: string, value: ObjectId | undefined, expected: ObjectId | null): void {
  if (expected === null ? value === undefined : value !== undefined && equalBytes(value, expected)) return
  throw conflict(
    where,
    value === undefined ? 'nothing' : formatObjectId(value),
    expected === null ? 'nothing' : formatObjectId(expected),
  )
}

async function writeEdit(nodes: MapNodes, root: MapNode, changes: readonly EntryChange[]): Promise<ObjectId> {
  const edited = await editMap(nodes, root, changes)
  await nodes.write(edited.fresh)
  return edited.root.id
}

/** The node that a map begins with. @throws OBJECT_INVALID when the map is of another type */
export async function readMap(nodes: MapNodes, id: ObjectId, type: MapType): Promise<MapNode> {
  const root = await nodes.read(id)
  if (root.head.type === type) return root
  throw objectInvalid({ path: formatObjectId(id), got: `a ${root.head.type}`, expected: `a ${type}` })
}
