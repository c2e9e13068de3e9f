import { BaseBlockstore, type MemoryBlockstore } from 'blockstore-core'
import type { CID } from 'multiformats/cid'
import { formatCid, textBlocks } from '#core/cid.ts'
import type { GraphService } from '#graph/graph-types.ts'
import { BlockNotFoundError } from '#seed/blockstore/errors.ts'
import type { LruBlockstore } from './lru-blockstore.ts'

/** dag-pb and sha2-256: what a text's CID is of. */
const DAG_PB = 0x70
const SHA2_256 = 0x12

/**
 * What a relay serves: what it holds for good, behind that what its cache holds at the moment, behind that the
 * texts of its graph, whose blocks are made when somebody wants one.
 */
export class LayeredBlockstore extends BaseBlockstore {
  readonly #own: MemoryBlockstore
  readonly #cache: LruBlockstore | undefined
  readonly #texts: Pick<GraphService, 'text'>

  constructor(own: MemoryBlockstore, cache: LruBlockstore | undefined, texts: Pick<GraphService, 'text'>) {
    super()
    this.#own = own
    this.#cache = cache
    this.#texts = texts
  }

  override async has(cid: CID): Promise<boolean> {
    if ((await this.#own.has(cid)) || (await this.#cache?.has(cid)) === true) return true
    return (await this.#textBlock(cid)) !== undefined
  }

  async #textBlock({ code, multihash }: CID): Promise<Uint8Array | undefined> {
    if (code !== DAG_PB || multihash.code !== SHA2_256) return undefined
    const cid = formatCid(multihash.digest)
    const text = await this.#texts.text(cid)
    // a text that is not as the API makes them has other blocks
    return text === undefined ? undefined : textBlocks(text).find((block) => block.cid === cid)?.bytes
  }

  override async *get(cid: CID): AsyncGenerator<Uint8Array> {
    if (await this.#own.has(cid)) {
      yield* this.#own.get(cid)
      return
    }
    const cached = await this.#cache?.get(cid)
    const block = cached ?? (await this.#textBlock(cid))
    if (block === undefined) throw new BlockNotFoundError(cid.toString())
    yield block
  }

  /** Into the cache; without one nothing is kept. */
  override async put(cid: CID, bytes: Uint8Array): Promise<CID> {
    await this.#cache?.put(cid, bytes)
    return cid
  }
}
