import { describe, expect, it } from 'vitest'
import { type Bytes, equalBytes, utf8 } from '#core/bytes.ts'
import { rawCid, readBlock } from '#test/contract/blockstore-contract.ts'
import { Crash, type Disk } from './memory-folder.ts'
import { copyDisk, openSegmentStore, type SegmentStore } from './segment-store.ts'

/** What the store has acknowledged: true = there, false = deleted; absent = a put or deletion was under way. */
type Promised = Map<Bytes, boolean>

const WORDS = ['lantern', 'fox', 'moon', 'a longer block of text', 'river', 'stone', 'wind'].map(utf8)
/** Small segments, so that the sequence fills and seals some. */
const SEGMENT_BYTES = 400

/** Runs one operation and notes what it promised. */
async function attempt(promised: Promised, block: Bytes, there: boolean, store: SegmentStore): Promise<void> {
  promised.delete(block)
  if (there) await store.blockstore.put(rawCid(block), block)
  else await store.blockstore.delete(rawCid(block))
  promised.set(block, there)
}

/** Puts one by one and together, deletions and a put after a deletion, over several segments. */
async function writeSequence(store: SegmentStore, promised: Promised): Promise<void> {
  const [first, second, third, ...rest] = WORDS as [Bytes, Bytes, Bytes, ...Bytes[]]
  await attempt(promised, first, true, store)
  await attempt(promised, second, true, store)
  await attempt(promised, first, false, store)
  await Promise.all(rest.map((block) => attempt(promised, block, true, store)))
  await attempt(promised, first, true, store)
  await attempt(promised, third, true, store)
  await attempt(promised, second, false, store)
}

/** The disk's variants that a crash may leave: what was not flushed is there, torn off, zero or garbage. */
function leftovers(disk: Disk, flushed: ReadonlyMap<string, number>): Disk[] {
  const change = (damage: (bytes: Bytes, from: number) => Bytes): Disk =>
    new Map([...disk].map(([id, bytes]) => [id, damage(bytes.slice(), flushed.get(id) ?? 0)]))
  return [
    copyDisk(disk),
    change((bytes, from) => bytes.slice(0, from)),
    change((bytes, from) => bytes.fill(0, from)),
    change((bytes, from) => bytes.map((byte, at) => (at < from ? byte : byte ^ 0xa5))),
  ]
}

async function expectPromised(store: SegmentStore, promised: Promised): Promise<void> {
  for (const [block, there] of promised) expect(await store.blockstore.has(rawCid(block))).toBe(there)
  // whatever is listed is whole
  for await (const { cid, bytes } of store.blockstore.getAll()) {
    for await (const part of bytes) expect(String(rawCid(part))).toBe(String(cid))
  }
}

describe('[SE1] a crash loses nothing that was acknowledged', () => {
  it('at every byte of a sequence of writes, whatever became of bytes not flushed', async () => {
    const total = await bytesWritten()
    expect(total).toBeGreaterThan(800)
    for (let limit = 0; limit < total; limit++) {
      const promised: Promised = new Map()
      const store = await openSegmentStore({ segmentBytes: SEGMENT_BYTES, ...crashAfter(limit) })
      await expect(writeSequence(store, promised)).rejects.toBeDefined()
      for (const disk of leftovers(store.disk, store.folder.flushed)) {
        const next = await openSegmentStore({ disk, segmentBytes: SEGMENT_BYTES })
        await expectPromised(next, promised)
        const late = utf8('written after the crash')
        await next.blockstore.put(rawCid(late), late)
        await expectPromised(await openSegmentStore({ disk }), new Map([...promised, [late, true]]))
      }
    }
  }, 120_000)

  it('at every step of a compaction, before, in the middle of or after the step', async () => {
    const prepared = await fragmented()
    const steps = await countSteps(prepared.disk)
    expect(steps).toBeGreaterThan(10)
    for (let step = 1; step <= steps; step++) {
      for (const share of [0, 0.5, 1]) {
        const disk = copyDisk(prepared.disk)
        let count = 0
        const crashed = await openSegmentStore({
          disk,
          segmentBytes: SEGMENT_BYTES,
          onStep: (_, bytes) => {
            if (++count < step) return bytes
            if (share === 0 || count > step || bytes === 0) throw new Crash()
            return Math.floor(bytes * share)
          },
        })
        await crashed.engine.compact().catch(() => undefined)
        for (const left of leftovers(disk, crashed.folder.flushed)) {
          const next = await openSegmentStore({ disk: left, segmentBytes: SEGMENT_BYTES })
          await expectPromised(next, prepared.promised)
          await next.engine.compact()
          await expectPromised(next, prepared.promised)
          await next.close()
          await expectPromised(await openSegmentStore({ disk: left }), prepared.promised)
        }
      }
    }
  }, 120_000)
})

describe('[SE2] a flipped bit', () => {
  it('costs at most the block that it is in, and is never served', async () => {
    const written = await openSegmentStore()
    const promised: Promised = new Map()
    await writeSequence(written, promised)
    const kept = [...promised].filter(([, there]) => there).map(([block]) => block)
    const [[id, clean]] = [...written.disk] as [[string, Bytes]]
    for (let at = 0; at < clean.length; at++) {
      const bytes = clean.slice()
      bytes[at] = (bytes[at] as number) ^ (1 << (at % 8))
      const store = await openSegmentStore({ disk: new Map([[id, bytes]]) })
      let lost = 0
      for (const block of kept) {
        const read = await readBlock(store.blockstore, rawCid(block)).catch(() => undefined)
        if (read === undefined) lost++
        else expect(equalBytes(read, block)).toBe(true)
      }
      expect(lost).toBeLessThanOrEqual(1)
    }
  }, 60_000)
})

function crashAfter(limit: number): { onStep: (step: string, bytes: number) => number } {
  let left = limit
  return {
    onStep: (step, bytes) => {
      if (step !== 'write') return bytes
      const written = Math.min(left, bytes)
      left -= written
      if (written === 0) throw new Crash()
      return written
    },
  }
}

async function bytesWritten(): Promise<number> {
  let total = 0
  const onStep = (_: string, bytes: number): number => {
    total += bytes
    return bytes
  }
  await writeSequence(await openSegmentStore({ segmentBytes: SEGMENT_BYTES, onStep }), new Map())
  return total
}

/** Segments that are mostly garbage: of 24 blocks 6 are kept, and deleted by a store opened later. */
async function fragmented(): Promise<{ disk: Disk; promised: Promised }> {
  const blocks = Array.from({ length: 24 }, (_, index) => utf8(`a block of the number ${index}`))
  const promised: Promised = new Map()
  const store = await openSegmentStore({ segmentBytes: SEGMENT_BYTES })
  for (const block of blocks) await attempt(promised, block, true, store)
  await store.close()
  // segments as large as these are never worth compacting
  const deleter = await openSegmentStore({ disk: store.disk, segmentBytes: 2 ** 30 })
  for (const [index, block] of blocks.entries()) {
    if (index % 4 !== 0) await attempt(promised, block, false, deleter)
  }
  await deleter.close()
  return { disk: store.disk, promised }
}

/** Of a compaction that runs to its end, and frees at least half of the disk. */
async function countSteps(before: Disk): Promise<number> {
  const disk = copyDisk(before)
  let steps = 0
  const store = await openSegmentStore({
    disk,
    segmentBytes: SEGMENT_BYTES,
    onStep: (_, bytes) => {
      steps++
      return bytes
    },
  })
  await store.engine.compact()
  expect(diskBytes(disk)).toBeLessThan(diskBytes(before) / 2)
  return steps
}

function diskBytes(disk: Disk): number {
  return [...disk.values()].reduce((sum, bytes) => sum + bytes.length, 0)
}
