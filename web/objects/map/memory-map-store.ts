import type { Bytes } from '#core/bytes.ts'
import { formatObjectId, objectIdKey } from '../object-id.ts'
import { mapNotFound } from './map-errors.ts'
import type { MapStore } from './map-store.ts'

/** Nodes in memory: for a tree that is made, asked and dropped. */
export function createMemoryMapStore(): MapStore {
  const nodes = new Map<string, Bytes>()
  return {
    async get(id) {
      const bytes = nodes.get(objectIdKey(id))
      if (bytes === undefined) throw mapNotFound(formatObjectId(id), 'no node of this id')
      return bytes
    },
    async put({ id, bytes }) {
      nodes.set(objectIdKey(id), bytes)
    },
  }
}
