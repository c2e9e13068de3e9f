import type { Bytes } from './bytes.ts'

export interface RecordEntry {
  readonly key: string
  readonly value: Bytes
}

/**
 * A small durable map for signed records, shared by the tabs of one profile. Keys are ordered as strings.
 * `web/seed` implements it over IndexedDB, `relay` over a file, `test/fakes` in memory.
 */
export interface RecordStore {
  get(key: string): Promise<Bytes | undefined>
  /** All entries are durable when the promise resolves, or none is. */
  put(entries: readonly RecordEntry[]): Promise<void>
  delete(keys: readonly string[]): Promise<void>
  /** Entries whose key starts with `prefix`, in key order. */
  entries(prefix: string): AsyncIterable<RecordEntry>
  /**
   * Runs `task` while no other tab (or process) of the profile runs one of the same `name`: what numbers
   * a feed must be read, signed and written in one such section.
   */
  exclusive<T>(name: string, task: () => Promise<T>): Promise<T>
  close(): Promise<void>
}
