import { describe, expect, it } from 'vitest'
import { equalBytes, utf8 } from '#core/bytes.ts'
import type { StoreStats } from '#seed/blockstore/block-engine.ts'
import { blockstoreContract, rawCid, readBlock } from '#test/contract/blockstore-contract.ts'
import { type MemoryFolder, MemoryProfile } from './memory-folder.ts'
import { openSegmentStore } from './segment-store.ts'

describe('SegmentEngine', () => {
  let disk: MemoryFolder['disk']

  describe('contract', () => {
    blockstoreContract({
      create: async () => {
        disk = new Map()
        return openSegmentStore({ disk })
      },
      reopen: async (store) => {
        await store.close()
        return openSegmentStore({ disk })
      },
    })
  })

  it('[SE1] flushes before it acknowledges, once for puts that wait together', async () => {
    const store = await openSegmentStore()
    const blocks = Array.from({ length: 100 }, (_, index) => utf8(`block ${index}`))
    let acknowledged = 0
    const puts = blocks.map(async (block) => {
      await store.blockstore.put(rawCid(block), block)
      expect(store.folder.flushes).toBeGreaterThan(0)
      acknowledged++
    })
    await Promise.all(puts)
    expect(acknowledged).toBe(100)
    expect(store.folder.flushes).toBeLessThan(10)
  })

  it('starts a new segment when one is full, and adopts one that a closed tab left', async () => {
    const store = await openSegmentStore({ segmentBytes: 4096 })
    const blocks = Array.from({ length: 10 }, (_, index) => new Uint8Array(1500).fill(index))
    for (const block of blocks) await store.blockstore.put(rawCid(block), block)
    expect(store.disk.size).toBe(4)
    await store.close()
    const next = await openSegmentStore({ segmentBytes: 4096, disk: store.disk })
    const more = utf8('one more')
    await next.blockstore.put(rawCid(more), more)
    expect(store.disk.size).toBe(4)
    for (const block of [...blocks, more]) {
      expect(await readBlock(next.blockstore, rawCid(block))).toEqual(block)
    }
  })

  it('[SE1] two tabs write at once, each its own segment, and see each other', async () => {
    const profile = new MemoryProfile()
    const disk = new Map()
    const a = await openSegmentStore({ profile, disk })
    const b = await openSegmentStore({ profile, disk })
    const blocks = Array.from({ length: 40 }, (_, index) => utf8(`block ${index}`))
    await Promise.all(blocks.map((block, index) => (index % 2 ? a : b).blockstore.put(rawCid(block), block)))
    expect(disk.size).toBe(2)
    for (const block of blocks) {
      expect(await readBlock(a.blockstore, rawCid(block))).toEqual(block)
      expect(await readBlock(b.blockstore, rawCid(block))).toEqual(block)
    }
    expect(a.stats()).toEqual(b.stats())
  })

  it('tells what it holds when another tab changed it', async () => {
    const profile = new MemoryProfile()
    const disk = new Map()
    const told: StoreStats[] = []
    await openSegmentStore({ profile, disk, onChange: (stats) => told.push(stats) })
    const b = await openSegmentStore({ profile, disk })
    const block = utf8('lantern')
    await b.blockstore.put(rawCid(block), block)
    await expect.poll(() => told.at(-1)).toMatchObject({ blocks: 1, bytes: block.length })
    await b.blockstore.delete(rawCid(block))
    await expect.poll(() => told.at(-1)).toMatchObject({ blocks: 0, bytes: 0 })
  })

  it('a deletion in one tab reaches the other, and a later put wins over it', async () => {
    const profile = new MemoryProfile()
    const disk = new Map()
    const a = await openSegmentStore({ profile, disk })
    const b = await openSegmentStore({ profile, disk })
    const block = utf8('lantern')
    await a.blockstore.put(rawCid(block), block)
    await b.blockstore.delete(rawCid(block))
    await a.blockstore.put(rawCid(block), block)
    await Promise.all([a.close(), b.close()])
    const c = await openSegmentStore({ profile, disk })
    expect(await readBlock(c.blockstore, rawCid(block))).toEqual(block)
    await c.blockstore.delete(rawCid(block))
    expect(await c.blockstore.has(rawCid(block))).toBe(false)
    expect((await openSegmentStore({ disk })).stats().blocks).toBe(0)
  })

  it('[SE2] finds a damaged block on read, drops it, tells, and takes it again', async () => {
    const told: string[] = []
    const store = await openSegmentStore({ onDamage: (cid) => told.push(cid.toString()) })
    const blocks = ['fox', 'moon', 'lantern'].map((word) => utf8(word.repeat(100)))
    for (const block of blocks) await store.blockstore.put(rawCid(block), block)
    const moon = blocks[1] as Uint8Array<ArrayBuffer>
    for (const bytes of store.disk.values()) {
      bytes.set(utf8('n'), Buffer.from(bytes).indexOf('moonmoon'))
    }
    await expect(readBlock(store.blockstore, rawCid(moon))).rejects.toMatchObject({ name: 'NotFoundError' })
    expect(told).toEqual([rawCid(moon).toString()])
    expect(await store.blockstore.has(rawCid(moon))).toBe(false)
    await store.blockstore.put(rawCid(moon), moon)
    for (const block of blocks) expect(await readBlock(store.blockstore, rawCid(block))).toEqual(block)
    const again = await openSegmentStore({ disk: store.disk })
    for (const block of blocks) expect(await readBlock(again.blockstore, rawCid(block))).toEqual(block)
    expect(told.length).toBe(1)
  })

  it('quota exceeded: says so, keeps what it acknowledged, and works again when there is room', async () => {
    const options = { quota: 3_000_000, segmentBytes: 200_000 }
    const store = await openSegmentStore(options)
    const kept: Uint8Array[] = []
    let failure: unknown
    for (let n = 0; failure === undefined; n++) {
      const block = new Uint8Array(100_000).fill(n)
      try {
        await store.blockstore.put(rawCid(block), block)
        kept.push(block)
      } catch (error) {
        failure = error
      }
    }
    expect(failure).toMatchObject({ code: 'STORE_QUOTA_EXCEEDED', message: expect.stringContaining('room') })
    expect(kept.length).toBeGreaterThan(5)
    for (const block of kept) {
      expect(equalBytes(await readBlock(store.blockstore, rawCid(block)), block)).toBe(true)
    }
    for (const block of kept.splice(0, 4)) await store.blockstore.delete(rawCid(block))
    await store.engine.compact()
    const late = new Uint8Array(100_000).fill(77)
    await store.blockstore.put(rawCid(late), late)
    const again = await openSegmentStore({ disk: store.disk })
    for (const block of [...kept, late]) {
      expect(equalBytes(await readBlock(again.blockstore, rawCid(block)), block)).toBe(true)
    }
  })

  it('a put on a full disk first tries to reuse the room of what was deleted', async () => {
    let removable = false
    const onStep = (step: string, bytes: number): number => {
      if (step === 'remove' && !removable) throw new Error('not now')
      return bytes
    }
    const store = await openSegmentStore({ quota: 3_000_000, segmentBytes: 100_000, onStep })
    let next = 0
    const fill = async (): Promise<unknown> => {
      for (;;) {
        const block = new Uint8Array(19_000).fill(next++)
        const failure = await store.blockstore.put(rawCid(block), block).catch((error: unknown) => error)
        if (failure instanceof Error) return failure
      }
    }
    expect(await fill()).toMatchObject({ code: 'STORE_QUOTA_EXCEEDED' })
    for await (const { cid } of store.blockstore.getAll()) await store.blockstore.delete(cid)
    expect(await fill()).toMatchObject({ code: 'STORE_QUOTA_EXCEEDED' })
    removable = true
    const late = new Uint8Array(19_000).fill(next)
    await store.blockstore.put(rawCid(late), late)
    expect(equalBytes(await readBlock(store.blockstore, rawCid(late)), late)).toBe(true)
  })
})
