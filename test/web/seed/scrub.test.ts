import { beforeEach, describe, expect, it } from 'vitest'
import type { BlockKey } from '#seed/blockstore/block-key.ts'
import { Scrub } from '#seed/scrub.ts'
import { SCRUB_ROUND_MS } from '#seed/scrub-schedule.ts'
import { createMemoryRecordStore } from '#test/fakes/memory-record-store.ts'
import { createFakeTimers } from '#test/fakes/timers.ts'

const KEYS = ['a', 'b', 'c', 'd'] as BlockKey[]
const START_MS = 20_000

let timers = createFakeTimers()
let records = createMemoryRecordStore()
beforeEach(() => {
  timers = createFakeTimers()
  records = createMemoryRecordStore()
})

/** A tab that reads, or one that does not; `damaged`: the first time that one is read. */
function open(isMine: boolean, damaged: readonly string[] = []) {
  const left = new Set(damaged)
  const read: string[] = []
  const scrub: Scrub = new Scrub({
    kept: {
      holdings: { bytesOf: () => 1024, pinnedBlocks: () => [...KEYS] },
      async verify(key) {
        read.push(key)
        if (left.delete(key)) scrub.damaged()
      },
    },
    store: records,
    timers,
    now: () => timers.elapsedMs,
    isMine: () => isMine,
    onChange() {},
  })
  return { scrub, read }
}

/** Lets time pass until so many blocks were read. */
async function untilRead({ read }: { readonly read: readonly string[] }, blocks: number): Promise<void> {
  while (read.length < blocks) {
    timers.advance(1)
    await Promise.resolve()
  }
}

describe('[SE2] damage that one tab finds while another one reads', () => {
  it('is counted beside what that finds, and the round goes on where it was', async () => {
    const [reading, other] = [open(true, ['b']), open(false)]
    reading.scrub.start()
    timers.advance(START_MS)
    await untilRead(reading, 2)
    other.scrub.damaged()
    await other.scrub.flush()
    await reading.scrub.flush()
    expect(reading.scrub.state.damagedBlocks).toBe(2)
    other.scrub.damaged()
    await untilRead(reading, 3)
    await reading.scrub.flush()
    await other.scrub.flush()
    await reading.scrub.load()
    expect([reading.scrub.state.damagedBlocks, other.scrub.state.damagedBlocks]).toEqual([3, 3])
    reading.scrub.stop()

    const next = open(true)
    await next.scrub.load()
    expect(next.scrub.state.damagedBlocks).toBe(3)
    next.scrub.start()
    timers.advance(START_MS)
    await untilRead(next, 1)
    expect(next.read).toEqual(['d'])
    next.scrub.stop()
  })

  it('is shown before it is written down, and whatever the other writes meanwhile', async () => {
    const [reading, other] = [open(true, ['a']), open(false)]
    reading.scrub.start()
    timers.advance(START_MS)
    await untilRead(reading, 1)
    other.scrub.damaged()
    expect(other.scrub.state.damagedBlocks).toBe(1)
    await reading.scrub.flush()
    await other.scrub.load()
    expect(other.scrub.state.damagedBlocks).toBe(2)
    reading.scrub.stop()
  })

  it('counts for the round that it was found in', async () => {
    const [reading, other] = [open(true, ['a']), open(false)]
    reading.scrub.start()
    timers.advance(START_MS)
    while (reading.scrub.state.status !== 'resting') {
      timers.advance(START_MS)
      await Promise.resolve()
    }
    await reading.scrub.flush()
    expect(reading.scrub.state.damagedBlocks).toBe(1)
    timers.sleep(SCRUB_ROUND_MS)
    await untilRead(reading, KEYS.length + 1)
    other.scrub.damaged()
    await other.scrub.flush()
    await reading.scrub.flush()
    expect(reading.scrub.state.damagedBlocks).toBe(1)
    reading.scrub.stop()
  })

  it('is not lost with a write that failed', async () => {
    const other = open(false)
    other.scrub.damaged()
    records.failure = new Error('full')
    await expect(other.scrub.flush()).rejects.toThrow('full')
    expect(other.scrub.state.damagedBlocks).toBe(1)
    records.failure = undefined
    await other.scrub.flush()
    expect(other.scrub.state.damagedBlocks).toBe(1)
    const next = open(false)
    await next.scrub.load()
    expect(next.scrub.state.damagedBlocks).toBe(1)
  })
})
