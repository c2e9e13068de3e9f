import { describe, expect, it } from 'vitest'
import { type Bytes, utf8 } from '#core/bytes.ts'
import { rawCid, readBlock } from '#test/contract/blockstore-contract.ts'
import { MemoryProfile } from './memory-folder.ts'
import { openSegmentStore, type SegmentStore } from './segment-store.ts'

const SEGMENT_BYTES = 2_000

function diskBytes({ disk }: SegmentStore): number {
  return [...disk.values()].reduce((sum, bytes) => sum + bytes.length, 0)
}

async function putAll(store: SegmentStore, blocks: readonly Bytes[]): Promise<void> {
  for (const block of blocks) await store.blockstore.put(rawCid(block), block)
}

describe('compaction', () => {
  const blocks = Array.from({ length: 40 }, (_, index) => utf8(`block ${index} `.repeat(20)))
  const kept = blocks.filter((_, index) => index % 5 === 0)
  const gone = blocks.filter((_, index) => index % 5 !== 0)

  it('gives back the room of deleted blocks, by itself', async () => {
    const store = await openSegmentStore({ segmentBytes: SEGMENT_BYTES })
    await putAll(store, blocks)
    const before = diskBytes(store)
    for (const block of gone) await store.blockstore.delete(rawCid(block))
    await store.engine.compact()
    expect(diskBytes(store)).toBeLessThan(before / 2)
    await store.close()
    const again = await openSegmentStore({ disk: store.disk })
    expect(again.stats().blocks).toBe(kept.length)
    for (const block of kept) expect(await readBlock(again.blockstore, rawCid(block))).toEqual(block)
  })

  it('the tombstones go too, once nothing is left that they bury', async () => {
    const store = await openSegmentStore({ segmentBytes: SEGMENT_BYTES })
    for (let round = 0; round < 30; round++) {
      await putAll(store, blocks)
      for (const block of blocks) await store.blockstore.delete(rawCid(block))
    }
    await store.engine.compact()
    expect(diskBytes(store)).toBeLessThan(4 * SEGMENT_BYTES)
  })

  it('[SE4] keeps the files near what they may take, though no segment is half garbage', async () => {
    const many = Array.from({ length: 200 }, (_, index) => utf8(`block ${index} `.repeat(200)))
    const isGone = (index: number) => index % 10 < 4
    const store = await openSegmentStore({ segmentBytes: 20 * SEGMENT_BYTES })
    await putAll(store, many)
    expect(store.stats().diskBytes).toBe(diskBytes(store))
    for (const [index, block] of many.entries()) {
      if (isGone(index)) await store.blockstore.delete(rawCid(block))
    }
    await store.engine.compact()
    const { bytes } = store.stats()
    const unlimited = diskBytes(store) / bytes
    store.engine.limitDisk(bytes)
    await store.engine.compact()
    const limited = diskBytes(store) / bytes
    console.log(
      `files take ${unlimited.toFixed(2)} of the blocks without a limit, ${limited.toFixed(2)} with one`,
    )
    expect(unlimited).toBeGreaterThan(1.4)
    expect(limited).toBeLessThan(6 / 5 + 0.1) // and the headers and tombstones of such small blocks
    for (const [index, block] of many.entries()) {
      if (!isGone(index)) expect(await readBlock(store.blockstore, rawCid(block))).toEqual(block)
    }
  })

  it('[SE4] keeps up with who writes and deletes faster than it', async () => {
    const store = await openSegmentStore({ segmentBytes: SEGMENT_BYTES })
    const count = 200
    const block = (index: number) => utf8(`block ${index} `.repeat(20))
    await putAll(
      store,
      Array.from({ length: count }, (_, index) => block(index)),
    )
    const limit = diskBytes(store)
    store.engine.limitDisk(limit)
    let most = 0
    for (let index = count; index < 6 * count; index++) {
      // spread over the files, so that each of them has a little garbage
      const old = rawCid(block(index - count + ((7 * index) % 3)))
      await Promise.all([
        store.blockstore.delete(old),
        store.blockstore.put(rawCid(block(index)), block(index)),
      ])
      most = Math.max(most, store.stats().diskBytes / limit)
    }
    console.log(`files took ${most.toFixed(2)} of what they may at the most`)
    expect(most).toBeLessThan(1.2)
    await store.close()
  })

  it('another tab reads all the while, and only one tab compacts at a time', async () => {
    const profile = new MemoryProfile()
    const disk = new Map()
    const a = await openSegmentStore({ segmentBytes: SEGMENT_BYTES, profile, disk })
    const b = await openSegmentStore({ segmentBytes: SEGMENT_BYTES, profile, disk })
    await putAll(a, blocks)
    for (const block of gone) await a.blockstore.delete(rawCid(block))
    const compacting = Promise.all([a.engine.compact(), b.engine.compact()])
    for (let round = 0; round < 5; round++) {
      for (const block of kept) expect(await readBlock(b.blockstore, rawCid(block))).toEqual(block)
    }
    await compacting
    for (const block of kept) expect(await readBlock(b.blockstore, rawCid(block))).toEqual(block)
    for (const block of gone) expect(await a.blockstore.has(rawCid(block))).toBe(false)
  })

  it('leaves the segments of tabs that live alone', async () => {
    const profile = new MemoryProfile()
    const disk = new Map()
    const a = await openSegmentStore({ profile, disk })
    await putAll(a, blocks)
    const b = await openSegmentStore({ segmentBytes: SEGMENT_BYTES, profile, disk })
    for (const block of gone) await b.blockstore.delete(rawCid(block))
    await b.engine.compact()
    for (const block of kept) expect(await readBlock(a.blockstore, rawCid(block))).toEqual(block)
    const late = utf8('still writing')
    await a.blockstore.put(rawCid(late), late)
    expect(await readBlock(b.blockstore, rawCid(late))).toEqual(late)
  })

  it('carries a damaged block on, so that its next read finds and tells it', async () => {
    const told: string[] = []
    const store = await openSegmentStore({
      segmentBytes: SEGMENT_BYTES,
      onDamage: (cid) => told.push(cid.toString()),
    })
    await putAll(store, blocks)
    const victim = kept[1] as Bytes
    for (const bytes of store.disk.values()) {
      const at = Buffer.from(bytes).indexOf(victim)
      if (at >= 0) bytes.set(utf8('B'), at)
    }
    for (const block of gone) await store.blockstore.delete(rawCid(block))
    await store.engine.compact()
    await expect(readBlock(store.blockstore, rawCid(victim))).rejects.toMatchObject({ name: 'NotFoundError' })
    expect(told).toEqual([rawCid(victim).toString()])
  })
})
