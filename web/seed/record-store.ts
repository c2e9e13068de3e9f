import { AppError } from '#core/errors.ts'
import type { RecordStore } from '#core/record-store.ts'
import type { StoreErrorCode } from './blockstore/errors.ts'
import { IdbRecordStore } from './idb-record-store.ts'
import { MemoryRecordStore } from './memory-record-store.ts'

export interface CreateRecordStoreInit {
  /** Tells the stores of one origin apart, such as those of two networks. */
  readonly name: string
}

export interface TabRecordStore {
  readonly store: RecordStore
  readonly kind: 'indexeddb' | 'memory'
  /** why records will not survive this tab: `kind` is 'memory' */
  readonly failure?: AppError<StoreErrorCode>
}

/** The record store of this profile: IndexedDB, or memory, which says so by `failure` (STORE_NOT_DURABLE). */
export async function createRecordStore({ name }: CreateRecordStoreInit): Promise<TabRecordStore> {
  try {
    return { store: await IdbRecordStore.open(name), kind: 'indexeddb' }
  } catch (cause) {
    const failure = new AppError<StoreErrorCode>(
      'STORE_NOT_DURABLE',
      'This browser lets Tabland keep no records, so links and placements are gone when the tab closes. Leave private browsing, or allow this site to store data, then reload.',
      { cause },
    )
    return { store: new MemoryRecordStore(), kind: 'memory', failure }
  }
}
