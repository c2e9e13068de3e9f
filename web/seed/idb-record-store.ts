import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import type { Bytes } from '#core/bytes.ts'
import { createMutex, type Mutex } from '#core/mutex.ts'
import type { RecordEntry, RecordStore } from '#core/record-store.ts'
import { storeClosed, toStoreError } from './blockstore/errors.ts'

interface RecordDatabase extends DBSchema {
  records: { key: string; value: Bytes }
}

/** Entries read at once: a transaction ends while the caller handles an entry, so each page is one of its own. */
const PAGE = 256

/**
 * Records in IndexedDB. A write is on disk ('strict') before it is acknowledged: what was signed and gossiped
 * must never be signed anew with other content after a crash.
 */
export class IdbRecordStore implements RecordStore {
  readonly #db: IDBPDatabase<RecordDatabase>
  readonly #name: string
  readonly #mutexes = new Map<string, Mutex>()
  #closed = false

  static async open(name: string): Promise<IdbRecordStore> {
    const store = `tabland-records-1/${name}`
    const db = await openDB<RecordDatabase>(store, 1, {
      upgrade(database) {
        database.createObjectStore('records')
      },
    })
    return new IdbRecordStore(db, store)
  }

  private constructor(db: IDBPDatabase<RecordDatabase>, name: string) {
    this.#db = db
    this.#name = name
  }

  async get(key: string): Promise<Bytes | undefined> {
    return this.#run(() => this.#db.get('records', key))
  }

  async put(entries: readonly RecordEntry[]): Promise<void> {
    if (entries.length === 0) return
    await this.#change(
      entries.map(
        ({ key, value }) =>
          (records) =>
            records.put(value, key),
      ),
    )
  }

  async delete(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return
    await this.#change(keys.map((key) => (records) => records.delete(key)))
  }

  async *entries(prefix: string): AsyncGenerator<RecordEntry> {
    let range = rangeOf(prefix)
    for (;;) {
      const [keys, values] = await this.#run(() => this.#page(range))
      for (const [index, key] of keys.entries()) {
        if (!key.startsWith(prefix)) return
        yield { key, value: values[index] as Bytes }
      }
      if (keys.length < PAGE) return
      range = IDBKeyRange.lowerBound(keys.at(-1), true)
    }
  }

  /** Web Locks span the profile's tabs; a page without them (not a secure context) is its only tab that can sign. */
  async exclusive<T>(name: string, task: () => Promise<T>): Promise<T> {
    if (this.#closed) throw storeClosed()
    const { locks } = globalThis.navigator ?? {}
    if (locks !== undefined) return locks.request(`${this.#name}/${name}`, task)
    const mutex = this.#mutexes.get(name) ?? createMutex()
    this.#mutexes.set(name, mutex)
    return mutex(task)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#db.close()
  }

  async #page(range: IDBKeyRange): Promise<[string[], Bytes[]]> {
    const transaction = this.#db.transaction('records')
    return Promise.all([transaction.store.getAllKeys(range, PAGE), transaction.store.getAll(range, PAGE)])
  }

  async #change(changes: readonly Change[]): Promise<void> {
    await this.#run(async () => {
      const transaction = this.#db.transaction('records', 'readwrite', { durability: 'strict' })
      // a failed request also fails `done`, with the reason (a full quota) that counts
      const ignore = (): void => {}
      try {
        for (const change of changes) change(transaction.store).catch(ignore)
      } catch (error) {
        // a value that cannot be stored throws before its request is made; what was requested must not stay
        transaction.done.catch(ignore)
        transaction.abort()
        throw error
      }
      await transaction.done
    })
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw storeClosed()
    try {
      return await work()
    } catch (error) {
      throw toStoreError(error)
    }
  }
}

type Change = (records: {
  put(value: Bytes, key: string): Promise<unknown>
  delete(key: string): Promise<unknown>
}) => Promise<unknown>

/** From `prefix` on: keys are ordered by UTF-16 code units, so those that start with it come first and together. */
function rangeOf(prefix: string): IDBKeyRange {
  return IDBKeyRange.lowerBound(prefix)
}
