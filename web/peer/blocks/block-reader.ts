import type { Blockstore } from 'interface-blockstore'
import type { CID } from 'multiformats/cid'
import { type Bytes, collectBytes } from '#core/bytes.ts'
import { isAppError } from '#core/errors.ts'
import { PeerError } from '../errors.ts'
import type { BlockExchange } from './block-exchange.ts'
import type { BlockSession, GetBlockOptions } from './block-sessions.ts'

/** What content needs of a blockstore, Helia's or a bare one; peers are asked by the exchange. */
export interface BlockAccess extends Pick<Blockstore, 'put' | 'has'> {
  get(
    cid: CID,
    options?: { signal?: AbortSignal; offline?: boolean },
  ): AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

export interface BlockReaderComponents {
  readonly blockstore: BlockAccess
  /** absent: only the own store is read */
  readonly exchange?: BlockExchange
}

/** Verified blocks below one root: from the own store, or from peers and then kept. */
export interface BlockReader {
  /** @throws BLOCK_NOT_FOUND, STORE_…: whatever the store says when it cannot keep one */
  get(cid: CID, options?: GetBlockOptions): Promise<Bytes>
  /** Fetches a block that is not here, without reading one that is. @returns bytes that came */
  fetch(cid: CID, options?: GetBlockOptions): Promise<number>
  sources(): number
  close(): void
}

export function openBlockReader(
  { blockstore, exchange }: BlockReaderComponents,
  root: CID,
  onFetched: (bytes: number) => void = () => {},
): BlockReader {
  let session: BlockSession | undefined

  async function fromStore(cid: CID, signal: AbortSignal | undefined): Promise<Bytes | undefined> {
    const options = signal === undefined ? {} : { signal }
    // without an exchange the store's own word is what the caller hears
    if (exchange === undefined) return collectBytes(blockstore.get(cid, options))
    if (!(await blockstore.has(cid))) return undefined
    try {
      return await collectBytes(blockstore.get(cid, { offline: true, ...options }))
    } catch (error) {
      // a stored copy was found damaged and dropped ([SE2]): now peers are asked
      if (!isAppError(error, 'STORE_NOT_FOUND')) throw error
      return undefined
    }
  }

  async function fromPeers(cid: CID, options: GetBlockOptions): Promise<Bytes> {
    session ??= exchange?.open(root)
    if (session === undefined)
      throw new PeerError('BLOCK_NOT_FOUND', `Block ${cid} is not here, and nobody is asked.`)
    const block = await session.get(cid, options)
    await blockstore.put(cid, block)
    onFetched(block.length)
    return block as Bytes
  }

  return {
    get: async (cid, options = {}) => (await fromStore(cid, options.signal)) ?? fromPeers(cid, options),
    fetch: async (cid, options = {}) =>
      (await blockstore.has(cid)) ? 0 : (await fromPeers(cid, options)).length,
    sources: () => session?.sources() ?? 0,
    close: () => session?.close(),
  }
}
