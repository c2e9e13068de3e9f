import { type DBSchema, openDB } from 'idb'
import type { Bytes } from '#core/bytes.ts'
import type { Address } from '#core/identity.ts'

/** The browser's wallet that a profile uses in place of its burner; nothing of it is secret. */
export interface ConnectedWallet {
  readonly rdns: string
  /** as it called itself */
  readonly name: string
  readonly address: Address
  /** encoded delegations by machine id (hexadecimal) */
  readonly delegations: Readonly<Record<string, Bytes>>
}

export interface ConnectedStore {
  get(): Promise<ConnectedWallet | undefined>
  /** undefined: the burner is used again */
  put(wallet: ConnectedWallet | undefined): Promise<void>
}

interface ConnectedSchema extends DBSchema {
  connected: { key: string; value: ConnectedWallet }
}

/** In IndexedDB, for all tabs of the profile. */
export function createBrowserConnectedStore(database = 'tabland-connected'): ConnectedStore {
  const use = async <T>(
    task: (db: Awaited<ReturnType<typeof openDB<ConnectedSchema>>>) => Promise<T>,
  ): Promise<T> => {
    const db = await openDB<ConnectedSchema>(database, 1, {
      upgrade: (fresh) => void fresh.createObjectStore('connected'),
    })
    try {
      return await task(db)
    } finally {
      db.close()
    }
  }
  return {
    get: () => use((db) => db.get('connected', 'wallet')),
    put: (wallet) =>
      use(async (db) => {
        if (wallet === undefined) await db.delete('connected', 'wallet')
        else await db.put('connected', wallet, 'wallet')
      }),
  }
}

/** For pages from disk, where every other page could put its own wallet there: it ends with the page. */
export function createVisitConnectedStore(): ConnectedStore {
  let kept: ConnectedWallet | undefined
  return {
    get: async () => kept,
    put: async (wallet) => {
      kept = wallet
    },
  }
}
