import type { Bytes } from '#core/bytes.ts'
import type { BlockKey } from './block-key.ts'

/** What a store holds: each block counted once, whatever its copies and garbage take on disk. */
export interface StoreStats {
  readonly blocks: number
  readonly bytes: number
  /** what the store takes as far as it knows: copies and what was deleted and is not yet freed as well */
  readonly diskBytes: number
}

export interface StoredBlock {
  readonly key: BlockKey
  readonly bytes: number
}

export interface ReadResult {
  /** verified by hash; absent when the block is not here */
  readonly bytes?: Bytes
  /** a stored copy did not hash to its key: it was dropped, fetch the block again */
  readonly damaged: boolean
}

/** A place for blocks by multihash, below the CIDs: one implementation per kind of storage. */
export interface BlockEngine {
  /**
   * Takes ownership of `bytes`, checks them against `key` and resolves once they are durable.
   * @throws STORE_BLOCK_MISMATCH, STORE_QUOTA_EXCEEDED, STORE_IO_FAILED, STORE_CLOSED
   */
  put(key: BlockKey, bytes: Bytes): Promise<void>
  get(key: BlockKey): Promise<ReadResult>
  has(key: BlockKey): Promise<boolean>
  delete(key: BlockKey): Promise<void>
  list(): Promise<readonly StoredBlock[]>
  stats(): StoreStats
  /** From now on what was deleted is freed sooner wherever the store takes more than `bytes`. */
  limitDisk(bytes: number): void
  close(): Promise<void>
}
