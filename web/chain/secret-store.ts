import { type DBSchema, openDB } from 'idb'
import type { SealedSecrets } from './sealed-secrets.ts'

/** Where sealed secrets lie, one set for all pages of the profile. */
export interface SecretStore {
  get(): Promise<SealedSecrets | undefined>
  put(sealed: SealedSecrets): Promise<void>
  /** Runs `task` while no other tab does. */
  exclusive<T>(task: () => Promise<T>): Promise<T>
}

interface SecretSchema extends DBSchema {
  sealed: { key: string; value: SealedSecrets }
}

/** In IndexedDB, which every page from disk reads and writes: only what is sealed goes there. */
export function createBrowserSecretStore(database = 'tabland-sealed'): SecretStore {
  const opened = () =>
    openDB<SecretSchema>(database, 1, { upgrade: (fresh) => void fresh.createObjectStore('sealed') })
  return {
    async get() {
      const db = await opened()
      try {
        const found = await db.get('sealed', 'keys')
        return found !== undefined && isSealed(found) ? found : undefined
      } finally {
        db.close()
      }
    },
    async put(sealed) {
      const db = await opened()
      try {
        // the phrase exists nowhere else: it is on disk before anything is signed with it
        const transaction = db.transaction('sealed', 'readwrite', { durability: 'strict' })
        await transaction.store.put(sealed, 'keys')
        await transaction.done
      } finally {
        db.close()
      }
    },
    exclusive: async (task) => navigator.locks.request(`tabland/${database}`, task),
  }
}

/** Another page may have written anything there. */
function isSealed(value: Partial<Record<keyof SealedSecrets, unknown>>): boolean {
  const { version, salt, iv, data } = value
  const sizes = [salt, iv, data].map((bytes) => (bytes instanceof Uint8Array ? bytes.length : 0))
  return version === 1 && sizes[0] === 16 && sizes[1] === 12 && (sizes[2] as number) > 0
}
