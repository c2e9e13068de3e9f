import type { Bytes } from '#core/bytes.ts'
import { createMutex, type Mutex } from '#core/mutex.ts'
import type { RecordEntry, RecordStore } from '#core/record-store.ts'
import { storeClosed } from './blockstore/errors.ts'

/** Records in memory, where nothing better works: they go with the tab. */
export class MemoryRecordStore implements RecordStore {
  readonly #records = new Map<string, Bytes>()
  readonly #mutexes = new Map<string, Mutex>()
  #closed = false

  async get(key: string): Promise<Bytes | undefined> {
    this.#assertOpen()
    return this.#records.get(key)?.slice()
  }

  async put(entries: readonly RecordEntry[]): Promise<void> {
    this.#assertOpen()
    for (const { key, value } of entries) this.#records.set(key, value.slice())
  }

  async delete(keys: readonly string[]): Promise<void> {
    this.#assertOpen()
    for (const key of keys) this.#records.delete(key)
  }

  async *entries(prefix: string): AsyncGenerator<RecordEntry> {
    this.#assertOpen()
    const keys = [...this.#records.keys()].filter((key) => key.startsWith(prefix)).sort()
    for (const key of keys) {
      const value = this.#records.get(key)
      if (value !== undefined) yield { key, value: value.slice() }
    }
  }

  async exclusive<T>(name: string, task: () => Promise<T>): Promise<T> {
    this.#assertOpen()
    const mutex = this.#mutexes.get(name) ?? createMutex()
    this.#mutexes.set(name, mutex)
    return mutex(task)
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  #assertOpen(): void {
    if (this.#closed) throw storeClosed()
  }
}
