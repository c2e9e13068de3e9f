import { BaseBlockstore, type MemoryBlockstore } from 'blockstore-core'
import type { CID } from 'multiformats/cid'
import { BlockNotFoundError } from '#seed/blockstore/errors.ts'
import type { LruBlockstore } from './lru-blockstore.ts'

/** What a relay serves: what it holds for good, and behind that what its cache holds at the moment. */
export class LayeredBlockstore extends BaseBlockstore {
  readonly #own: MemoryBlockstore
  readonly #cache: LruBlockstore | undefined

  constructor(own: MemoryBlockstore, cache: LruBlockstore | undefined) {
    super()
    this.#own = own
    this.#cache = cache
  }

  override async has(cid: CID): Promise<boolean> {
    return (await this.#own.has(cid)) || (await this.#cache?.has(cid)) === true
  }

  override async *get(cid: CID): AsyncGenerator<Uint8Array> {
    if (await this.#own.has(cid)) {
      yield* this.#own.get(cid)
      return
    }
    const cached = await this.#cache?.get(cid)
    if (cached === undefined) throw new BlockNotFoundError(cid.toString())
    yield cached
  }

  /** Into the cache; without one nothing is kept. */
  override async put(cid: CID, bytes: Uint8Array): Promise<CID> {
    await this.#cache?.put(cid, bytes)
    return cid
  }
}
