import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import type { Bytes } from '#core/bytes.ts'
import type { BlockEngine, ReadResult, StoredBlock, StoreStats } from './block-engine.ts'
import { type BlockKey, keyBytes, toKey } from './block-key.ts'
import { storeClosed, toStoreError } from './errors.ts'
import { assertMatchesKey, matchesKey } from './verify-block.ts'

interface BlockDatabase extends DBSchema {
  /** by multihash */
  blocks: { key: Bytes; value: Bytes }
  /** bytes of each block, so that sizes are read without the blocks */
  sizes: { key: Bytes; value: number }
}

interface Operation {
  readonly key: BlockKey
  /** absent = delete */
  readonly bytes?: Bytes
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Operations that share one transaction: 4 MiB of the largest chunks. */
const MAX_GROUP = 16
/** Sizes read at once while opening. */
const PAGE = 4_096

/**
 * Blocks in IndexedDB, for browsers without OPFS: slower, shared by the profile's tabs all the same. Puts that
 * wait together share one transaction, which is on disk ('strict') before they are acknowledged.
 */
export class IdbEngine implements BlockEngine {
  readonly #db: IDBPDatabase<BlockDatabase>
  readonly #queue: Operation[] = []
  #writing: Promise<void> | undefined
  #blocks = 0
  #bytes = 0
  #closed = false

  static async open(name: string): Promise<IdbEngine> {
    const db = await openDB<BlockDatabase>(`tabland-blocks-1/${name}`, 1, {
      upgrade(database) {
        database.createObjectStore('blocks')
        database.createObjectStore('sizes')
      },
    })
    const engine = new IdbEngine(db)
    await engine.#count()
    return engine
  }

  private constructor(db: IDBPDatabase<BlockDatabase>) {
    this.#db = db
  }

  /** Other tabs' blocks are counted as of the opening. */
  stats(): StoreStats {
    return { blocks: this.#blocks, bytes: this.#bytes, diskBytes: this.#bytes }
  }

  limitDisk(): void {} // when its file shrinks is the browser's business

  async put(key: BlockKey, bytes: Bytes): Promise<void> {
    this.#assertOpen()
    await assertMatchesKey(key, bytes)
    await this.#write(key, bytes)
  }

  async get(key: BlockKey): Promise<ReadResult> {
    this.#assertOpen()
    const bytes = await this.#db.get('blocks', keyBytes(key))
    if (bytes === undefined) return { damaged: false }
    if (await matchesKey(key, bytes)) return { bytes, damaged: false }
    await this.#write(key).catch(() => undefined)
    return { damaged: true }
  }

  async has(key: BlockKey): Promise<boolean> {
    this.#assertOpen()
    return (await this.#db.getKey('sizes', keyBytes(key))) !== undefined
  }

  async delete(key: BlockKey): Promise<void> {
    this.#assertOpen()
    await this.#write(key)
  }

  async list(): Promise<readonly StoredBlock[]> {
    this.#assertOpen()
    const sizes = this.#db.transaction('sizes').store
    // binary keys come back as ArrayBuffer, whatever the schema says
    const [keys, bytes] = await Promise.all([
      sizes.getAllKeys() as Promise<readonly unknown[]>,
      sizes.getAll(),
    ])
    return keys.map((key, at) => ({ key: toKey(new Uint8Array(key as ArrayBuffer)), bytes: bytes[at] ?? 0 }))
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#writing
    this.#db.close()
  }

  #assertOpen(): void {
    if (this.#closed) throw storeClosed()
  }

  async #count(): Promise<void> {
    let range: IDBKeyRange | undefined
    for (;;) {
      const [sizes, keys] = await Promise.all([
        this.#db.getAll('sizes', range, PAGE),
        this.#db.getAllKeys('sizes', range, PAGE),
      ])
      this.#blocks += sizes.length
      this.#bytes += sizes.reduce((sum, size) => sum + size, 0)
      if (sizes.length < PAGE) return
      range = IDBKeyRange.lowerBound(keys.at(-1), true)
    }
  }

  #write(key: BlockKey, bytes?: Bytes): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(storeClosed())
      this.#queue.push({ key, resolve, reject, ...(bytes === undefined ? {} : { bytes }) })
      this.#writing ??= this.#drain().finally(() => {
        this.#writing = undefined
      })
    })
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const group = this.#queue.splice(0, MAX_GROUP)
      try {
        await this.#writeGroup(group)
        for (const { resolve } of group) resolve()
      } catch (error) {
        for (const { reject } of group) reject(toStoreError(error))
      }
    }
  }

  async #writeGroup(group: readonly Operation[]): Promise<void> {
    const transaction = this.#db.transaction(['blocks', 'sizes'], 'readwrite', { durability: 'strict' })
    const blocks = transaction.objectStore('blocks')
    const sizes = transaction.objectStore('sizes')
    const change = { blocks: 0, bytes: 0 }
    const requests = group.map(async ({ key, bytes }) => {
      const id = keyBytes(key)
      const old = await sizes.get(id)
      if (bytes !== undefined && old !== undefined) return
      if (bytes === undefined && old === undefined) return
      change.blocks += bytes === undefined ? -1 : 1
      change.bytes += bytes === undefined ? -(old ?? 0) : bytes.length
      await (bytes === undefined
        ? Promise.all([blocks.delete(id), sizes.delete(id)])
        : Promise.all([blocks.put(bytes, id), sizes.put(bytes.length, id)]))
    })
    // a failed request also fails `done`, with the reason (a full quota) that counts
    const results = Promise.allSettled(requests)
    await transaction.done
    await results
    this.#blocks += change.blocks
    this.#bytes += change.bytes
  }
}
