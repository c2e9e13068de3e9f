import { MemoryBlockstore } from 'blockstore-core'
import type { Blockstore } from 'interface-blockstore'
import type { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { textBlocks } from '#core/cid.ts'
import { watchStored } from '#peer/blocks/watch-stored.ts'
import { parseContentCid } from '#peer/content.ts'

const [one, two] = ['moon', 'sea'].map((text) => {
  const [block] = textBlocks(text)
  return { cid: parseContentCid(block!.cid), bytes: block!.bytes }
}) as [Block, Block]

interface Block {
  readonly cid: CID
  readonly bytes: Uint8Array
}

/** A store that is full or not; `putMany` is not made of `put`, as in Helia. */
function createStore({ isFull = false } = {}) {
  const inner = new MemoryBlockstore()
  const store: Pick<Blockstore, 'put' | 'putMany'> = {
    async put(cid, bytes) {
      if (isFull) throw new Error('full')
      return inner.put(cid, bytes as Uint8Array)
    },
    async *putMany(source) {
      for await (const { cid, bytes } of source) yield inner.put(cid, bytes as Uint8Array)
    },
  }
  const told: [cid: CID, isThere: boolean][] = []
  const stop = watchStored(store, (cid) => told.push([cid, inner.has(cid) as boolean]))
  return { store, told, stop }
}

describe('blocks that were stored', () => {
  it('are told once they can be read, one by one and many at once, until it ends', async () => {
    const { store, told, stop } = createStore()
    await store.put(one.cid, one.bytes)
    for await (const _ of store.putMany([two])) expect(told).toHaveLength(2)
    expect(told).toEqual([
      [one.cid, true],
      [two.cid, true],
    ])
    stop()
    await store.put(one.cid, one.bytes)
    expect(told).toHaveLength(2)
  })

  it('are not told when the store fails', async () => {
    const { store, told } = createStore({ isFull: true })
    await expect(store.put(one.cid, one.bytes)).rejects.toThrow('full')
    expect(told).toEqual([])
  })
})
