import type { Blockstore } from 'interface-blockstore'
import { CID } from 'multiformats/cid'
import type { Added, AddOptions, CatOptions } from '#api/types.ts'
import { type Bytes, collectBytes, concat } from '#core/bytes.ts'
import { isAppError } from '#core/errors.ts'
import { CHUNK_BYTES, DAG_LINKS, MAX_FILE_BYTES } from '#core/limits.ts'
import { ContentError, type ReadOptions, readDag } from './dag-reader.ts'

/** A block that no peer sent within this time is reported as not found; WebRTC dials take up to 20 s. */
const BLOCK_TIMEOUT_MS = 45_000

/** What content needs of a blockstore, Helia's (which asks peers) or a bare one (which does not). */
export interface BlockAccess extends Pick<Blockstore, 'put' | 'has'> {
  get(
    cid: CID,
    options?: {
      signal?: AbortSignal
      offline?: boolean
      onProgress?: (event: { readonly type: string }) => void
    },
  ): AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

export interface ContentComponents {
  readonly helia: { readonly blockstore: BlockAccess }
  /** tells the network that this peer holds a root */
  readonly provide: (cid: string) => Promise<void>
}

export interface Content {
  add(content: Blob | Uint8Array | AsyncIterable<Uint8Array>, options?: AddOptions): Promise<Added>
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
export function createContent({ helia, provide }: ContentComponents): Content {
  let fetched = 0

  async function getBlock(cid: CID, { signal }: { signal?: AbortSignal }): Promise<Uint8Array> {
    const timeout = AbortSignal.timeout(BLOCK_TIMEOUT_MS)
    let remote = false
    try {
      const options = {
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
        onProgress: (event: { readonly type: string }) => {
          if (event.type === 'bitswap:block') remote = true
        },
      }
      const block = await collectBytes(helia.blockstore.get(cid, options)).catch((error: unknown) => {
        // a stored copy was found damaged and dropped ([SE2]): now peers are asked
        if (!isAppError(error, 'STORE_NOT_FOUND')) throw error
        return collectBytes(helia.blockstore.get(cid, options))
      })
      if (remote) fetched += block.length
      return block
    } catch (cause) {
      signal?.throwIfAborted()
      throw new ContentError(
        'CONTENT_NOT_FOUND',
        `No peer that is here now could give block ${cid}. It may come back with the tab that holds it.`,
        { cause },
      )
    }
  }

  async function* read(cid: string, options: ReadOptions = {}): AsyncGenerator<Bytes> {
    yield* readDag(parseContentCid(cid), getBlock, options)
  }

  return {
    read,
    fetchedBytes: () => fetched,

    async add(content, { signal, onProgress } = {}) {
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
      const cid = await unixfs({ blockstore: helia.blockstore as Blockstore }).addByteStream(source(), {
        ...(signal === undefined ? {} : { signal }),
        cidVersion: 0,
        rawLeaves: true,
        reduceSingleLeafToSelf: false,
        chunker: fixedSize({ chunkSize: CHUNK_BYTES }),
        layout: balanced({ maxChildrenPerNode: DAG_LINKS }),
      })
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

/** @throws CONTENT_CID_INVALID */
export function parseContentCid(text: string): CID {
  try {
    return CID.parse(text)
  } catch (cause) {
    throw new ContentError(
      'CONTENT_CID_INVALID',
      `"${text.slice(0, 80)}" is no CID. A CID begins with Qm or baf.`,
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
