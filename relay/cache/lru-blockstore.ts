import type { Blockstore } from 'interface-blockstore'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { type Bytes, collectBytes, fromHex, toHex } from '#core/bytes.ts'
import { isAppError } from '#core/errors.ts'
import type { FsBlockstore } from '../fs-blockstore.ts'

const RAW_CODEC = 0x55

export interface LruBlockstoreInit {
  readonly maxBytes: number
  readonly maxBlocks: number
}

/** Blocks that make room for newer ones: the first to go is the one that was read or stored the longest ago. */
export interface LruBlockstore {
  has(cid: CID): Promise<boolean>
  /** undefined when it is not here, or was found damaged, which drops it ([SE2]) */
  get(cid: CID): Promise<Bytes | undefined>
  /** @throws STORE_BLOCK_MISMATCH, STORE_BLOCK_TOO_LARGE, STORE_IO_FAILED */
  put(cid: CID, bytes: Uint8Array): Promise<void>
  stats(): { readonly blocks: number; readonly bytes: number; readonly evicted: number }
}

/** What the folder holds from an earlier run comes first, in no order; it is the first to go. */
export async function openLruBlockstore(
  store: Pick<FsBlockstore, 'blockstore' | 'stats'>,
  { maxBytes, maxBlocks }: LruBlockstoreInit,
): Promise<LruBlockstore> {
  /** keys by their last use, the oldest first */
  const order = new Set<string>()
  let evicted = 0
  let evicting: Promise<void> | undefined

  for await (const key of keysOf(store.blockstore)) order.add(key)

  function touch(key: string): void {
    order.delete(key)
    order.add(key)
  }

  const isOver = () => store.stats().bytes > maxBytes || order.size > maxBlocks

  async function evict(): Promise<void> {
    while (isOver()) {
      const [oldest] = order
      if (oldest === undefined) return
      order.delete(oldest)
      await store.blockstore.delete(cidOf(oldest))
      evicted += 1
    }
  }

  function makeRoom(): Promise<void> {
    evicting ??= evict().finally(() => {
      evicting = undefined
    })
    return evicting
  }

  await makeRoom()

  return {
    has: async (cid) => order.has(keyOf(cid)),

    async get(cid) {
      const key = keyOf(cid)
      if (!order.has(key)) return undefined
      touch(key)
      try {
        return await collectBytes(store.blockstore.get(cid))
      } catch (error) {
        // damaged, or evicted while it was read; any other failure may pass, and the block still takes its room
        if (isAppError(error, 'STORE_NOT_FOUND')) order.delete(key)
        return undefined
      }
    },

    async put(cid, bytes) {
      await store.blockstore.put(cid, bytes)
      touch(keyOf(cid))
      await makeRoom()
    },

    stats: () => ({ ...store.stats(), evicted }),
  }
}

async function* keysOf(blockstore: Blockstore): AsyncGenerator<string> {
  for await (const { cid } of blockstore.getAll()) yield keyOf(cid)
}

/** One block has one copy, whatever its CID's version and codec. */
function keyOf(cid: CID): string {
  return toHex(cid.multihash.bytes)
}

function cidOf(key: string): CID {
  return CID.createV1(RAW_CODEC, Digest.decode(fromHex(key)))
}
