import type { Bytes } from '#core/bytes.ts'
import { createMutex, type Mutex } from '#core/mutex.ts'
import type { RecordEntry, RecordStore } from '#core/record-store.ts'

export interface MemoryRecordStore extends RecordStore {
  readonly map: Map<string, Bytes>
  /** every write fails with this while it is set */
  failure: Error | undefined
}

/** A record store in memory; several users of one are the tabs of one profile. */
export function createMemoryRecordStore(map = new Map<string, Bytes>()): MemoryRecordStore {
  const locks = new Map<string, Mutex>()
  return {
    map,
    failure: undefined,
    async get(key) {
      return map.get(key)?.slice()
    },
    async put(entries) {
      if (this.failure !== undefined) throw this.failure
      for (const { key, value } of entries) map.set(key, value.slice())
    },
    async delete(keys) {
      for (const key of keys) map.delete(key)
    },
    async *entries(prefix): AsyncGenerator<RecordEntry> {
      for (const key of [...map.keys()].filter((name) => name.startsWith(prefix)).sort()) {
        const value = map.get(key)
        if (value !== undefined) yield { key, value: value.slice() }
      }
    },
    exclusive(name, task) {
      const lock = locks.get(name) ?? createMutex()
      locks.set(name, lock)
      return lock(task)
    },
    async close() {},
  }
}
