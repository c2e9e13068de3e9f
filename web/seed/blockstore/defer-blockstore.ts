import type { Blockstore } from 'interface-blockstore'

/** A blockstore that is still being opened: each call waits until it is, so that joining need not. */
export function deferBlockstore(opening: Promise<Blockstore>): Blockstore {
  let opened: Blockstore | undefined
  opening.then(
    (store) => {
      opened = store
    },
    () => {}, // told by each call
  )
  return {
    has: async (...args) => (await opening).has(...args),
    async put(cid, block, options) {
      if (opened !== undefined) return opened.put(cid, block, options)
      // the caller may use its buffer again before the store is there
      const kept = block instanceof Uint8Array ? block.slice() : block
      return (await opening).put(cid, kept, options)
    },
    delete: async (...args) => (await opening).delete(...args),
    async *get(...args) {
      yield* (await opening).get(...args)
    },
    async *putMany(...args) {
      yield* (await opening).putMany(...args)
    },
    async *getMany(...args) {
      yield* (await opening).getMany(...args)
    },
    async *getAll(...args) {
      yield* (await opening).getAll(...args)
    },
    async *deleteMany(...args) {
      yield* (await opening).deleteMany(...args)
    },
  }
}
