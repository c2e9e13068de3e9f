import type { Blockstore } from 'interface-blockstore'
import type { CID } from 'multiformats/cid'

type Written = Pick<Blockstore, 'put' | 'putMany'>

/** Hears of every block that `blockstore` has taken, once it is there to be read. @returns a function that ends it */
export function watchStored(blockstore: Written, onStored: (cid: CID) => void): () => void {
  const { put, putMany } = blockstore
  blockstore.put = async (cid, source, options) => {
    const stored = await put.call(blockstore, cid, source, options)
    onStored(cid)
    return stored
  }
  blockstore.putMany = async function* (source, options) {
    for await (const cid of putMany.call(blockstore, source, options)) {
      onStored(cid)
      yield cid
    }
  }
  return () => Object.assign(blockstore, { put, putMany })
}
