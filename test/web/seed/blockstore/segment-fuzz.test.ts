import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Bytes, equalBytes, utf8 } from '#core/bytes.ts'
import { rawCid, readBlock } from '#test/contract/blockstore-contract.ts'
import { type Disk, MemoryProfile } from './memory-folder.ts'
import { openSegmentStore, type SegmentStore } from './segment-store.ts'

const SEGMENT_BYTES = 500
const BLOCKS = Array.from({ length: 8 }, (_, index) => utf8(`block ${index} `.repeat(1 + index)))

type BlockStep = { type: 'put' | 'delete'; tab: number; block: number }
type Step = BlockStep | { type: 'compact' | 'crash' | 'close'; tab: number }

const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constantFrom('put' as const, 'delete' as const),
      tab: fc.nat(2),
      block: fc.nat(BLOCKS.length - 1),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom('compact' as const, 'crash' as const, 'close' as const),
      tab: fc.nat(2),
    }),
  },
)

/** Three tabs of one profile, opened again after each crash or close. */
class Tabs {
  readonly #profile = new MemoryProfile()
  readonly #disk: Disk = new Map()
  readonly #tabs = new Map<number, SegmentStore>()

  async get(tab: number): Promise<SegmentStore> {
    const known = this.#tabs.get(tab)
    if (known !== undefined) return known
    const opened = await openSegmentStore({
      disk: this.#disk,
      profile: this.#profile,
      segmentBytes: SEGMENT_BYTES,
    })
    this.#tabs.set(tab, opened)
    return opened
  }

  async run(step: Step): Promise<void> {
    const store = await this.get(step.tab)
    if (isBlockStep(step)) return this.#change(store, step)
    if (step.type === 'compact') return store.engine.compact()
    if (step.type === 'crash') store.crash()
    else await store.close()
    this.#tabs.delete(step.tab)
  }

  async #change({ blockstore }: SegmentStore, step: BlockStep): Promise<void> {
    const block = BLOCKS[step.block] as Bytes
    if (step.type === 'put') await blockstore.put(rawCid(block), block)
    else await blockstore.delete(rawCid(block))
  }
}

function isBlockStep(step: Step): step is BlockStep {
  return 'block' in step
}

async function expectHolds(store: SegmentStore, there: ReadonlySet<number>): Promise<void> {
  for (const [index, block] of BLOCKS.entries()) {
    const read = await readBlock(store.blockstore, rawCid(block)).catch(() => undefined)
    expect(read !== undefined && equalBytes(read, block)).toBe(there.has(index))
  }
  expect(store.stats().blocks).toBe(there.size)
}

describe('[SE1] tabs of one profile', () => {
  it('agree with a plain set, whatever they put, delete, compact and however they end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(stepArbitrary, { maxLength: 60 }), async (steps) => {
        const tabs = new Tabs()
        const there = new Set<number>()
        for (const step of steps) {
          await tabs.run(step)
          if (step.type === 'put') there.add(step.block)
          if (step.type === 'delete') there.delete(step.block)
        }
        for (const tab of [0, 1, 2]) {
          const store = await tabs.get(tab)
          await store.engine.refresh()
          await expectHolds(store, there)
        }
      }),
      { numRuns: 150 },
    )
  }, 60_000)

  it('lose no put to one another, all of them writing, deleting and compacting at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(stepArbitrary, { minLength: 10, maxLength: 40 }), async (steps) => {
        const tabs = new Tabs()
        const there = new Set<number>()
        const work = async (tab: number): Promise<void> => {
          await tabs.get(tab)
          for (const step of steps) {
            if (step.tab !== tab || step.type === 'crash' || step.type === 'close') continue
            // each tab has blocks of its own, so that the outcome is known although they run at once
            if (isBlockStep(step) && step.block % 3 !== tab) continue
            await tabs.run(step)
            if (step.type === 'put') there.add(step.block)
            if (step.type === 'delete') there.delete(step.block)
          }
        }
        await Promise.all([0, 1, 2].map(work))
        for (const tab of [0, 1, 2]) {
          const store = await tabs.get(tab)
          await store.engine.refresh()
          await expectHolds(store, there)
        }
      }),
      { numRuns: 150 },
    )
  }, 60_000)
})
