import { type DBSchema, openDB } from 'idb'
import type { Hex } from '../hex.ts'
import { type LandTable, MAX_ZEROS, OWNER_ROW_BYTES, WORD_BYTES } from './land-table.ts'
import { MAX_TABLE_BYTES } from './snapshot.ts'

/** Land as it was proved once. */
export interface StoredLand {
  readonly root: Hex
  readonly table: LandTable
  readonly block: number
  /** unix seconds of the block */
  readonly blockTime: number
}

export interface LandStore {
  get(): Promise<StoredLand | undefined>
  /** Writes the table only when its root is another than the stored one's. */
  put(land: StoredLand): Promise<void>
}

interface LandSchema extends DBSchema {
  /** the tables by their chain and grid, and what was last known of them: the second changes with each block */
  tables: { key: string; value: { readonly root: Hex; readonly table: LandTable } }
  heads: { key: string; value: Omit<StoredLand, 'table'> }
}

/** @param key names the chain and its LandGrid */
export function createBrowserLandStore(key: string, database = 'tabland-land'): LandStore {
  const opened = () =>
    openDB<LandSchema>(database, 1, {
      upgrade: (fresh) => {
        fresh.createObjectStore('tables')
        fresh.createObjectStore('heads')
      },
    })
  return {
    async get() {
      const db = await opened()
      try {
        const [found, head] = await Promise.all([db.get('tables', key), db.get('heads', key)])
        if (found === undefined || head === undefined || head.root !== found.root) return undefined
        const land = { ...head, table: found.table }
        return isLand(land) ? land : undefined
      } finally {
        db.close()
      }
    },
    async put({ table, ...head }) {
      const db = await opened()
      try {
        // both or neither: a tab may be closed at any moment
        const transaction = db.transaction(['tables', 'heads'], 'readwrite')
        const heads = transaction.objectStore('heads')
        const before = await heads.get(key)
        if (before?.root !== head.root) {
          await transaction.objectStore('tables').put({ root: head.root, table }, key)
        }
        await heads.put(head, key)
        await transaction.done
      } finally {
        db.close()
      }
    },
  }
}

/** Pages from disk share their storage: another may have written anything there. The trie is checked later. */
function isLand({ root, table, block, blockTime }: Partial<Record<keyof StoredLand, unknown>>): boolean {
  const { words, owners, zeros } = (table ?? {}) as Partial<Record<keyof LandTable, unknown>>
  return (
    typeof root === 'string' &&
    isWhole(words, WORD_BYTES) &&
    isWhole(owners, OWNER_ROW_BYTES) &&
    isWhole(zeros, WORD_BYTES, MAX_ZEROS * WORD_BYTES) &&
    Number.isSafeInteger(block) &&
    Number.isSafeInteger(blockTime)
  )
}

function isWhole(bytes: unknown, rowBytes: number, maxBytes = MAX_TABLE_BYTES): boolean {
  return bytes instanceof Uint8Array && bytes.length % rowBytes === 0 && bytes.length <= maxBytes
}
