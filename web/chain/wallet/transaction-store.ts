import { type DBSchema, openDB } from 'idb'
import type { LoggedTransaction } from './transaction-types.ts'

/** Where transactions are kept, for all tabs of the profile. */
export interface TransactionStore {
  all(): Promise<readonly LoggedTransaction[]>
  put(transaction: LoggedTransaction): Promise<void>
  delete(id: string): Promise<void>
  /**
   * Runs `task` while no other tab of the profile does: numbers are given one after the other. `now`: not at all when
   * another one does.
   */
  exclusive<T>(task: () => Promise<T>, when: 'now'): Promise<T | 'busy'>
  exclusive<T>(task: () => Promise<T>, when: 'when free'): Promise<T>
  /** Hears of what other tabs put. */
  onChange(listener: () => void): () => void
}

interface TransactionSchema extends DBSchema {
  transactions: { key: string; value: LoggedTransaction }
}

/** In IndexedDB, on the disk before anything is sent. */
export function createBrowserTransactionStore(database = 'tabland-transactions'): TransactionStore {
  const name = `tabland/${database}`
  const channel = new BroadcastChannel(name)
  const opened = openDB<TransactionSchema>(database, 1, {
    upgrade: (fresh) => void fresh.createObjectStore('transactions', { keyPath: 'id' }),
  })
  opened.catch(() => {}) // told by whoever uses it
  const change = async (task: (db: Awaited<typeof opened>) => Promise<unknown>): Promise<void> => {
    await task(await opened)
    channel.postMessage('changed')
  }
  return {
    all: async () => (await opened).getAll('transactions'),
    put: (transaction) =>
      change(async (db) => {
        const writing = db.transaction('transactions', 'readwrite', { durability: 'strict' })
        await writing.store.put(transaction)
        await writing.done
      }),
    delete: (id) => change((db) => db.delete('transactions', id)),
    exclusive: (async <T>(task: () => Promise<T>, when: 'now' | 'when free') =>
      navigator.locks.request(name, { ifAvailable: when === 'now' }, (lock) =>
        lock === null ? ('busy' as const) : task(),
      )) as TransactionStore['exclusive'], // its two forms differ by what `when` may lead to
    onChange(listener) {
      channel.addEventListener('message', listener)
      return () => channel.removeEventListener('message', listener)
    },
  }
}
