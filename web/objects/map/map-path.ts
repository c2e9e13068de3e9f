import { MAX_MAP_PATH } from '#core/limits.ts'
import { objectInvalid } from '../object-errors.ts'
import { formatObjectId, type ObjectId, STANDARD_TYPES } from '../object-id.ts'
import { decodeEntry, mapKey } from './map-entry.ts'
import type { MapNode } from './map-node.ts'
import { lookUpSteps, type NodeSteps } from './map-walk.ts'

/**
 * Keys of a path of maps in one another: `/a/b` is the key b in the map at the key a; `/` is the root itself.
 * One slash at the end is dropped.
 *
 * @throws OBJECT_INVALID for other text, for a key that no map has, and for more than MAX_MAP_PATH keys
 */
export function parseMapPath(path: string): readonly string[] {
  if (!path.startsWith('/')) {
    throw objectInvalid({
      path: 'path',
      offset: 0,
      got: `"${path.slice(0, 80)}"`,
      expected: 'a slash at the start',
    })
  }
  const keys = path.slice(1).split('/')
  if (keys.at(-1) === '') keys.pop()
  if (keys.length > MAX_MAP_PATH) {
    throw objectInvalid({ path: 'path', got: `${keys.length} keys`, expected: `at most ${MAX_MAP_PATH}` })
  }
  for (const key of keys) mapKey(key)
  return keys
}

/** The other way round. */
export function formatMapPath(keys: readonly string[]): string {
  return `/${keys.join('/')}`
}

const CATEGORY_AND_TYPE = 0xfc
const MAP_HEAD = (1 << 6) | (STANDARD_TYPES.ObjectMap << 2)

/** Does an id name an object map ([OB1])? */
export function isMapId(id: ObjectId): boolean {
  return (id[0]! & CATEGORY_AND_TYPE) === MAP_HEAD
}

/**
 * Steps from a root to what is at a path, undefined where there is nothing.
 *
 * @throws OBJECT_INVALID where the path leads into a set, a diff or a part of a map
 */
export function* pathSteps(root: ObjectId, keys: readonly string[]): NodeSteps<ObjectId | undefined> {
  let at = root
  for (const key of keys) {
    if (!isMapId(at)) return undefined
    const entry = yield* lookUpSteps(checkFolder(yield at), mapKey(key))
    if (entry === undefined) return undefined
    at = decodeEntry('map', entry).value
  }
  return at
}

/** Refuses what has no keys, and the subs of hubs, which are no maps of their own. @throws OBJECT_INVALID */
export function checkFolder(node: MapNode): MapNode {
  const { type, role } = node.head
  if (type === 'map' && role !== 'sub') return node
  const got = role === 'sub' ? 'a part of a map' : `a ${type}`
  throw objectInvalid({ path: formatObjectId(node.id), got, expected: 'a map of ids by keys' })
}
