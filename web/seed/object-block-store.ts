import { collectBytes } from '#core/bytes.ts'
import { formatObjectId } from '#objects/object-id.ts'
import type { ObjectBlockStore } from '#objects/object-store.ts'
import { toKey } from './blockstore/block-key.ts'
import { blockCid } from './dag-node.ts'
import type { BlocksOfProfile, KeptStore } from './kept-store.ts'

/** Objects' blocks in the profile's store: within the quota, and kept before they are stored. */
export function createObjectBlocks(
  { blockstore, objects }: Pick<KeptStore, 'blockstore' | 'objects'>,
  { list }: Pick<BlocksOfProfile, 'list'>,
): ObjectBlockStore {
  return {
    async get(cid) {
      try {
        return (await blockstore.has(cid)) ? await collectBytes(blockstore.get(cid)) : undefined
      } catch {
        return undefined // damaged: the store has dropped it
      }
    },
    has: async (cid) => blockstore.has(cid),
    async keep(id, blocks) {
      const keys = blocks.map(({ cid }) => toKey(cid.multihash.bytes))
      const name = formatObjectId(id)
      objects.add(name, keys) // what is here stays until the new ones are
      for (const { cid, bytes } of blocks) await blockstore.put(cid, bytes)
      objects.set(name, keys)
    },
    async release(id) {
      objects.set(formatObjectId(id), [])
    },
    async *list(maxBytes) {
      for (const { key, bytes } of await list()) if (bytes <= maxBytes) yield blockCid(key)
    },
  }
}
