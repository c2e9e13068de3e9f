import { utf8 } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import type { MapItems } from '#objects/map/map-entry.ts'
import { createMapNodes, type MapNodes, type MapStore } from '#objects/map/map-store.ts'
import { createMemoryMapStore } from '#objects/map/memory-map-store.ts'
import { chunkId, type ObjectId, objectIdKey } from '#objects/object-id.ts'

/** An id that stands for content of this name. */
export function idOf(name: string | number): ObjectId {
  return chunkId(utf8(`content ${name}`))
}

/** An id of an object that is no map and was made by nobody. */
export function fileId(name: string | number): ObjectId {
  const id = sha256(utf8(`file ${name}`))
  id.fill(0, 0, 5)
  id[0] = 0x60
  return id as ObjectId
}

export function entry(index: number): MapItems['map'] {
  return { key: `key ${index}`, value: idOf(index) }
}

export function entries(count: number): MapItems['map'][] {
  return Array.from({ length: count }, (_, i) => entry(i))
}

/** A store that counts, and nodes that are read from it anew. */
export interface CountingStore extends MapStore {
  /** ids read and written since `reset` */
  readonly reads: ObjectId[]
  readonly writes: ObjectId[]
  /** Nodes with a cache of their own, empty at first. */
  nodes(): MapNodes
  reset(): void
}

export function createCountingStore(): CountingStore {
  const inner = createMemoryMapStore()
  const store: CountingStore = {
    reads: [],
    writes: [],
    async get(id) {
      store.reads.push(id)
      return inner.get(id)
    },
    async put(node) {
      store.writes.push(node.id)
      await inner.put(node)
    },
    nodes: () => createMapNodes(store),
    reset() {
      store.reads.length = 0
      store.writes.length = 0
    },
  }
  return store
}

export function keysOf(ids: readonly ObjectId[]): string[] {
  return ids.map(objectIdKey).sort()
}
