import type { Blockstore, InputPair } from 'interface-blockstore'
import type { CID } from 'multiformats/cid'
import { collectBytes } from '#core/bytes.ts'
import { type BlockKey, toKey } from './blockstore/block-key.ts'

export interface BlockWatch {
  /** Makes room and says whether the block may be stored. What is refused still reaches who asked for it. */
  admit(key: BlockKey, bytes: number): Promise<boolean>
  /** it is stored, or was before */
  stored(cid: CID, key: BlockKey, block: Uint8Array): void
  /** an admitted block failed to be stored */
  failed(key: BlockKey): void
  deleted(key: BlockKey): void
}

const IDENTITY = 0

/** A blockstore whose every change is told, and which takes no more than there is room for ([SE4]). */
export function watchBlockstore(inner: Blockstore, watch: BlockWatch): Blockstore {
  const put: Blockstore['put'] = async (cid, source, options) => {
    if (cid.multihash.code === IDENTITY) return inner.put(cid, source, options)
    const block = source instanceof Uint8Array ? source : await collectBytes(source)
    const key = toKey(cid.multihash.bytes)
    if (!(await watch.admit(key, block.length))) return cid
    try {
      await inner.put(cid, block, options)
    } catch (error) {
      watch.failed(key)
      throw error
    }
    watch.stored(cid, key, block)
    return cid
  }
  const remove: Blockstore['delete'] = async (cid, options) => {
    await inner.delete(cid, options)
    watch.deleted(toKey(cid.multihash.bytes))
  }
  return {
    put,
    delete: remove,
    has: (cid, options) => inner.has(cid, options),
    get: (cid, options) => inner.get(cid, options),
    getMany: (source, options) => inner.getMany(source, options),
    getAll: (options) => inner.getAll(options),
    async *putMany(source: Iterable<InputPair> | AsyncIterable<InputPair>, options) {
      for await (const { cid, bytes } of source) yield put(cid, bytes, options)
    },
    async *deleteMany(source, options) {
      for await (const cid of source) {
        await remove(cid, options)
        yield cid
      }
    },
  }
}
