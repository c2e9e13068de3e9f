import type { Bytes } from '#core/bytes.ts'
import { MAX_MAP_CACHE_BYTES } from '#core/limits.ts'
import { type ObjectId, objectIdKey } from '../object-id.ts'
import { decodeMapNodeOf, type MapNode } from './map-node.ts'

/** Where the nodes of maps are kept: raw-encoded descs by their ids. What it gives is checked before use. */
export interface MapStore {
  /** Rejects when there is no such node. */
  get(id: ObjectId): Promise<Uint8Array>
  put(node: { readonly id: ObjectId; readonly bytes: Bytes }): Promise<void>
}

/** Nodes that were checked against their ids. */
export interface MapNodes {
  /** @throws OBJECT_INVALID when the store gave something else; what the store throws passes through */
  read(id: ObjectId): Promise<MapNode>
  /** Stores nodes in the given order, which is: what is pointed to before what points to it. */
  write(nodes: readonly MapNode[]): Promise<void>
}

/** Reads and writes through a cache of the nodes used last. @param cacheBytes encoded bytes that it holds at most */
export function createMapNodes(store: MapStore, cacheBytes = MAX_MAP_CACHE_BYTES): MapNodes {
  const cache = new Map<string, MapNode>()
  let held = 0

  const remember = (node: MapNode) => {
    const key = objectIdKey(node.id)
    const known = cache.delete(key)
    cache.set(key, node)
    if (!known) held += node.bytes.length
    for (const [oldest, { bytes }] of cache) {
      if (held <= cacheBytes) break
      cache.delete(oldest)
      held -= bytes.length
    }
  }

  return {
    async read(id) {
      const node = cache.get(objectIdKey(id)) ?? decodeMapNodeOf(id, await store.get(id))
      remember(node)
      return node
    },
    async write(nodes) {
      for (const node of nodes) {
        await store.put(node)
        remember(node)
      }
    },
  }
}
