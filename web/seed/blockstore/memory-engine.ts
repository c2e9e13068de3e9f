import type { Bytes } from '#core/bytes.ts'
import type { BlockEngine, ReadResult, StoredBlock, StoreStats } from './block-engine.ts'
import type { BlockKey } from './block-key.ts'
import { storeClosed } from './errors.ts'
import { assertMatchesKey } from './verify-block.ts'

/** Blocks in memory, where nothing better works: they go with the tab. */
export class MemoryEngine implements BlockEngine {
  readonly #blocks = new Map<BlockKey, Bytes>()
  #bytes = 0
  #closed = false

  async put(key: BlockKey, bytes: Bytes): Promise<void> {
    this.#assertOpen()
    await assertMatchesKey(key, bytes)
    if (this.#blocks.has(key)) return
    this.#blocks.set(key, bytes)
    this.#bytes += bytes.length
  }

  /** Returns a copy: what a caller does to its bytes must not change what others are served. */
  async get(key: BlockKey): Promise<ReadResult> {
    this.#assertOpen()
    const bytes = this.#blocks.get(key)
    return bytes === undefined ? { damaged: false } : { bytes: bytes.slice(), damaged: false }
  }

  async has(key: BlockKey): Promise<boolean> {
    this.#assertOpen()
    return this.#blocks.has(key)
  }

  async delete(key: BlockKey): Promise<void> {
    this.#assertOpen()
    this.#bytes -= this.#blocks.get(key)?.length ?? 0
    this.#blocks.delete(key)
  }

  async list(): Promise<readonly StoredBlock[]> {
    this.#assertOpen()
    return [...this.#blocks].map(([key, { length }]) => ({ key, bytes: length }))
  }

  stats(): StoreStats {
    return { blocks: this.#blocks.size, bytes: this.#bytes, diskBytes: this.#bytes }
  }

  limitDisk(): void {} // what is deleted is gone

  async close(): Promise<void> {
    this.#closed = true
    this.#blocks.clear()
  }

  #assertOpen(): void {
    if (this.#closed) throw storeClosed()
  }
}
