import { type DBSchema, openDB } from 'idb'
import type { StoredWallet, WalletStore } from './stored-wallet.ts'

interface WalletSchema extends DBSchema {
  wallet: { key: string; value: StoredWallet }
}

/** The wallet of a browser profile, in IndexedDB, shared by its tabs. */
export function createBrowserWalletStore(database = 'tabland-wallet'): WalletStore {
  const opened = () =>
    openDB<WalletSchema>(database, 1, {
      upgrade: (fresh) => {
        fresh.createObjectStore('wallet')
      },
    })
  return {
    async get() {
      const db = await opened()
      try {
        return await db.get('wallet', 'burner')
      } finally {
        db.close()
      }
    },
    async put(wallet) {
      const db = await opened()
      try {
        // the phrase exists nowhere else: it is on disk before anything is signed with it
        const transaction = db.transaction('wallet', 'readwrite', { durability: 'strict' })
        await transaction.store.put(wallet, 'burner')
        await transaction.done
      } finally {
        db.close()
      }
    },
    exclusive: async (task) => navigator.locks.request(`tabland/${database}`, task),
  }
}
