import type { Blockstore } from 'interface-blockstore'
import { CID } from 'multiformats/cid'
import type { Added, AddOptions, CatOptions } from '#api/types.ts'
import { type Bytes, collectBytes, concat } from '#core/bytes.ts'
import { isAppError } from '#core/errors.ts'
import { CHUNK_BYTES, DAG_LINKS, MAX_FILE_BYTES } from '#core/limits.ts'
import type { BlockExchange } from './blocks/block-exchange.ts'
import { type BlockAccess, openBlockReader } from './blocks/block-reader.ts'
import { ContentError, type ReadOptions, readDag } from './dag-reader.ts'

export interface ContentComponents {
  readonly helia: { readonly blockstore: BlockAccess }
  /** fetches what is not here; without it the blockstore is asked alone */
  readonly exchange?: BlockExchange
  /** tells the network that this peer holds a root */
  readonly provide: (cid: string) => Promise<void>
}

export interface ContentAddOptions extends AddOptions {
  /** told of each block before it is stored, which waits for it */
  readonly expect?: (cid: CID) => Promise<void>
}

export interface Content {
  add(content: Blob | Uint8Array | AsyncIterable<Uint8Array>, options?: ContentAddOptions): Promise<Added>
  read(cid: string, options?: ReadOptions): AsyncGenerator<Bytes>
  cat(cid: string, options?: CatOptions): Promise<Bytes>
  /** Stores blocks whose bytes the caller made and hashed, such as a text's. */
  putBlocks(blocks: readonly { readonly cid: string; readonly bytes: Uint8Array }[]): Promise<void>
  /** A block of the own store; undefined when it is not there. Peers are not asked. */
  getOwnBlock(cid: string, signal?: AbortSignal): Promise<Bytes | undefined>
  /** bytes of blocks that came from peers since start */
  fetchedBytes(): number
}

/** Files in and out of the peer: UnixFS by [KG2]'s profile, read with bounds, fetched from peers when not here. */
export function createContent({ helia, exchange, provide }: ContentComponents): Content {
  const fetching = exchange === undefined ? {} : { exchange }
  let fetched = 0

  async function* read(cid: string, options: ReadOptions = {}): AsyncGenerator<Bytes> {
    const root = parseContentCid(cid)
    const reader = openBlockReader({ blockstore: helia.blockstore, ...fetching }, root, (bytes) => {
      fetched += bytes
    })
    try {
      yield* readDag(root, (block, ask) => orNotFound(reader.get(block, ask), block, ask.signal), options)
    } finally {
      reader.close()
    }
  }

  return {
    read,
    fetchedBytes: () => fetched,

    async add(content, { signal, onProgress, expect } = {}) {
      signal?.throwIfAborted()
      const { unixfs } = await import('@helia/unixfs')
      const { fixedSize } = await import('ipfs-unixfs-importer/chunker')
      const { balanced } = await import('ipfs-unixfs-importer/layout')
      const total =
        content instanceof Blob ? content.size : content instanceof Uint8Array ? content.length : undefined
      let bytes = 0
      const source = async function* (): AsyncGenerator<Uint8Array> {
        for await (const piece of pieces(content)) {
          signal?.throwIfAborted()
          bytes += piece.length
          if (bytes > MAX_FILE_BYTES) throw tooLarge(bytes)
          onProgress?.(total === undefined ? { bytes } : { bytes, total })
          yield piece
        }
      }
      if (total !== undefined && total > MAX_FILE_BYTES) throw tooLarge(total)
      const cid = await unixfs({ blockstore: expectBlocks(helia.blockstore, expect) }).addByteStream(
        source(),
        {
          ...(signal === undefined ? {} : { signal }),
          cidVersion: 0,
          rawLeaves: true,
          reduceSingleLeafToSelf: false,
          chunker: fixedSize({ chunkSize: CHUNK_BYTES }),
          layout: balanced({ maxChildrenPerNode: DAG_LINKS }),
        },
      )
      const root = cid.toString()
      void provide(root).catch(() => {}) // told again with the next relay and after a reload; the file is kept either way
      return { cid: root, bytes }
    },

    async cat(cid, { maxBytes = MAX_FILE_BYTES, signal, onProgress } = {}) {
      let total = 0
      let bytes = 0
      // what a root claims is not reserved before it comes
      const parts: Bytes[] = []
      const options: ReadOptions = {
        maxBytes,
        ...(signal === undefined ? {} : { signal }),
        onSize: (size) => {
          total = size
        },
      }
      for await (const part of read(cid, options)) {
        parts.push(part)
        bytes += part.length
        onProgress?.({ bytes, total })
      }
      return concat(...parts)
    },

    async putBlocks(blocks) {
      for (const { cid, bytes } of blocks) await helia.blockstore.put(CID.parse(cid), bytes)
    },

    async getOwnBlock(cid, signal) {
      const key = CID.parse(cid)
      if (!(await helia.blockstore.has(key))) return undefined
      return collectBytes(
        helia.blockstore.get(key, { offline: true, ...(signal === undefined ? {} : { signal }) }),
      )
    },
  }
}

/** A block that nobody gives is a content that cannot be read; what the own store says is passed on. */
export async function orNotFound<T>(block: Promise<T>, cid: CID, signal?: AbortSignal): Promise<T> {
  try {
    return await block
  } catch (cause) {
    signal?.throwIfAborted()
    if (isAppError(cause) && cause.code.startsWith('STORE_') && cause.code !== 'STORE_NOT_FOUND') throw cause
    throw new ContentError(
      'CONTENT_NOT_FOUND',
      `No peer that is here now could give block ${cid}. It may come back with the tab that holds it.`,
      { cause },
    )
  }
}

/** Adding does nothing but put. */
function expectBlocks(blockstore: Pick<BlockAccess, 'put'>, expect: ContentAddOptions['expect']): Blockstore {
  if (expect === undefined) return blockstore as Blockstore
  const target: Pick<Blockstore, 'put'> = {
    async put(cid, block, options) {
      await expect(cid)
      return blockstore.put(cid, block, options)
    },
  }
  return target as Blockstore
}

/** @throws CONTENT_CID_INVALID */
export function parseContentCid(text: string): CID {
  try {
    return CID.parse(text)
  } catch (cause) {
    throw new ContentError(
      'CONTENT_CID_INVALID',
      `"${String(text).slice(0, 80)}" is no CID. A CID begins with Qm or baf.`,
      {
        cause,
      },
    )
  }
}

function tooLarge(bytes: number): ContentError {
  return new ContentError(
    'CONTENT_TOO_LARGE',
    `This file has ${bytes} bytes, more than the ${MAX_FILE_BYTES} that can be published.`,
    { details: { bytes, maxBytes: MAX_FILE_BYTES } },
  )
}

async function* pieces(content: Blob | Uint8Array | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (content instanceof Uint8Array) {
    for (let at = 0; at < content.length; at += CHUNK_BYTES) yield content.subarray(at, at + CHUNK_BYTES)
    return
  }
  if (content instanceof Blob) {
    for (let at = 0; at < content.size; at += CHUNK_BYTES) {
      yield new Uint8Array(await content.slice(at, at + CHUNK_BYTES).arrayBuffer())
    }
    return
  }
  yield* content
}
