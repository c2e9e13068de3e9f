import type { Blockstore } from 'interface-blockstore'
import { CID } from 'multiformats/cid'
import type { Added, AddOptions, CatOptions } from '#api/types.ts'
import { type Bytes, collectBytes, concat } from '#core/bytes.ts'
import { isAppError } from '#core/errors.ts'
import { CHUNK_BYTES, DAG_LINKS, MAX_FILE_BYTES } from '#core/limits.ts'
import {
  type Addable,
  type AddedFile,
  type AddedFolder,
  assertFolder,
  countPieces,
  type FolderFile,
} from './add-source.ts'
import type { BlockExchange } from './blocks/block-exchange.ts'
import { type BlockAccess, openBlockReader } from './blocks/block-reader.ts'
import { ContentError, type ReadOptions, readDag } from './dag-reader.ts'
import { type FolderName, readFolder } from './folder-reader.ts'

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
  /** is the network told that it is here? @default true */
  readonly isAnnounced?: boolean
}

export interface ContentReadOptions extends ReadOptions {
  /** CID of the folder that it was published in: its holders are found by that, as files of folders are not announced */
  readonly within?: string
}

export interface Content {
  add(content: Addable, options?: ContentAddOptions): Promise<Added>
  /** Files as one UnixFS directory, in their order; their paths are normalised already. */
  addFolder(files: readonly FolderFile[], options?: ContentAddOptions): Promise<AddedFolder>
  read(cid: string, options?: ContentReadOptions): AsyncGenerator<Bytes>
  cat(cid: string, options?: CatOptions): Promise<Bytes>
  /** Names in a folder. @throws CONTENT_NOT_A_FILE for what is none */
  list(cid: string, options?: Pick<ContentReadOptions, 'signal'>): Promise<readonly FolderName[]>
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

  function openReader(foundBy: CID) {
    return openBlockReader({ blockstore: helia.blockstore, ...fetching }, foundBy, (bytes) => {
      fetched += bytes
    })
  }

  async function* read(cid: string, options: ContentReadOptions = {}): AsyncGenerator<Bytes> {
    const root = parseContentCid(cid)
    const reader = openReader(options.within === undefined ? root : parseContentCid(options.within))
    try {
      yield* readDag(root, (block, ask) => orNotFound(reader.get(block, ask), block, ask.signal), options)
    } finally {
      reader.close()
    }
  }

  const storeOf = ({ expect }: ContentAddOptions) => expectBlocks(helia.blockstore, expect)

  /** Told again with the next relay and after a reload; what was added is kept either way. */
  function announce(root: CID): void {
    void provide(root.toString()).catch(() => {})
  }

  return {
    read,
    fetchedBytes: () => fetched,

    async add(content, options = {}) {
      options.signal?.throwIfAborted()
      const { unixfs, profile } = await loadUnixFs(options)
      const source = countPieces(content, options)
      const cid = await unixfs({ blockstore: storeOf(options) }).addByteStream(source.pieces(), profile)
      if (options.isAnnounced !== false) announce(cid)
      return { cid: cid.toString(), bytes: source.bytes() }
    },

    async addFolder(files, options = {}) {
      options.signal?.throwIfAborted()
      const { unixfs, profile } = await loadUnixFs(options)
      const total = assertFolder(files)
      const added: AddedFile[] = []
      let bytes = 0
      async function* candidates() {
        for (const { path, content } of files) {
          const before = bytes
          const onProgress: AddOptions['onProgress'] = (piece) => {
            bytes = before + piece.bytes
            options.onProgress?.({ bytes, total })
          }
          yield { path, content: countPieces(content, { ...options, onProgress }).pieces() }
        }
      }
      const folder = { ...profile, wrapWithDirectory: true, fileImportConcurrency: 1 }
      let root: CID | undefined
      const target = unixfs({ blockstore: storeOf(options) })
      for await (const entry of target.addAll(candidates(), folder)) {
        root = entry.cid
        if (entry.unixfs?.isDirectory() === true) continue
        const size = Number(entry.unixfs?.fileSize() ?? 0)
        added.push({ path: entry.path ?? '', cid: entry.cid.toString(), bytes: size })
      }
      if (root === undefined) throw new Error('The importer gave no directory.')
      announce(root)
      return { cid: root.toString(), bytes, files: added }
    },

    async cat(cid, { maxBytes = MAX_FILE_BYTES, length, signal, onProgress } = {}) {
      let total = 0
      let bytes = 0
      // what a root claims is not reserved before it comes
      const parts: Bytes[] = []
      const options: ReadOptions = {
        maxBytes,
        ...(length === undefined ? {} : { length }),
        ...(signal === undefined ? {} : { signal }),
        onSize: (size) => {
          total = Math.min(size, length ?? size)
        },
      }
      for await (const part of read(cid, options)) {
        parts.push(part)
        bytes += part.length
        onProgress?.({ bytes, total })
      }
      return concat(...parts)
    },

    async list(cid, { signal } = {}) {
      const root = parseContentCid(cid)
      const reader = openReader(root)
      try {
        const getBlock = (block: CID, ask: { signal?: AbortSignal }) =>
          orNotFound(reader.get(block, ask), block, ask.signal)
        return await readFolder(root, getBlock, signal === undefined ? {} : { signal })
      } finally {
        reader.close()
      }
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
      `"${String(text).slice(0, 80)}" is no CID, or a damaged one. A CID begins with Qm or baf.`,
      {
        cause,
      },
    )
  }
}

/** [KG2]'s profile, which others' tools know as well. */
async function loadUnixFs({ signal }: ContentAddOptions) {
  const { unixfs } = await import('@helia/unixfs')
  const { fixedSize } = await import('ipfs-unixfs-importer/chunker')
  const { balanced } = await import('ipfs-unixfs-importer/layout')
  return {
    unixfs,
    profile: {
      ...(signal === undefined ? {} : { signal }),
      cidVersion: 0,
      rawLeaves: true,
      reduceSingleLeafToSelf: false,
      chunker: fixedSize({ chunkSize: CHUNK_BYTES }),
      layout: balanced({ maxChildrenPerNode: DAG_LINKS }),
    } as const,
  }
}
