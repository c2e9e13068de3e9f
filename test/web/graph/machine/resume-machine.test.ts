import { describe, expect, it } from 'vitest'
import { toHex } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import type { RecordStore } from '#core/record-store.ts'
import type { ReadLinkBatch } from '#graph/link-batch.ts'
import type { RelevanceMachine } from '#graph/machine/relevance-machine.ts'
import {
  countingKernel,
  fakeBatches,
  fakeChain,
  fakeGenesis,
  fakeOrderer,
  makeBlock,
  openFakeMachine,
  stateOf,
} from '#test/fakes/machine.ts'
import { createMemoryRecordStore, type MemoryRecordStore } from '#test/fakes/memory-record-store.ts'

const BLOCKS = 11
const genesis = await fakeGenesis()
const orderer = await fakeOrderer(genesis)
const batches = await fakeBatches(BLOCKS)
const whole = createMemoryRecordStore()
const { machine: never } = await fakeChain(genesis, BLOCKS, whole)

/** What is in a store, short enough to compare often. */
function hashesOf({ map }: MemoryRecordStore): readonly string[] {
  return [...map].map(([key, value]) => `${key} ${toHex(sha256(value))}`).sort()
}

/** A store that is cut off before its write of this number: nothing is written from there on. */
function killedAt(records: MemoryRecordStore, write: number): RecordStore & { readonly writes: number } {
  let writes = 0
  return {
    ...records,
    get writes() {
      return writes
    },
    async put(entries) {
      if (writes++ >= write) throw new Error('killed')
      await records.put(entries)
    },
  }
}

/** Makes the blocks that are not made yet. */
async function goOn(machine: RelevanceMachine, all: readonly (readonly ReadLinkBatch[])[]): Promise<void> {
  for (const block of all.slice(machine.tip.height)) await makeBlock(machine, orderer, block)
  await machine.whenRanked()
}

describe('[KG19] restart', () => {
  it('[KG19] killed at every write boundary it goes on as one never killed', async () => {
    // each block, and the ranks of blocks 1, 5 and 10
    const writes = BLOCKS + 3
    let killed = 0
    for (let write = 0; write < writes; write++) {
      const records = createMemoryRecordStore()
      const dying = killedAt(records, write)
      const first = await openFakeMachine({ genesis, records: dying, change: { onFailure: () => {} } })
      await goOn(first, batches).catch(() => killed++)
      const again = await openFakeMachine({ genesis, records })
      await goOn(again, batches)
      expect(stateOf(again), `killed at write ${write}`).toEqual(stateOf(never))
      const resumed = await openFakeMachine({ genesis, records })
      expect(stateOf(resumed)).toEqual(stateOf(never))
    }
    // a rank that could not be kept ends nothing by itself
    expect(killed).toBeGreaterThanOrEqual(BLOCKS)
  })

  it('[KG19] a rank that was completed is not computed again, one that was not is', async () => {
    const kernel = countingKernel()
    const records = createMemoryRecordStore(new Map(whole.map))
    await (await openFakeMachine({ genesis, records, change: { kernel: () => kernel } })).whenRanked()
    expect(kernel.ranked).toBe(0)
    for (const key of records.map.keys()) if (key.endsWith('/computed')) records.map.delete(key)
    const machine = await openFakeMachine({ genesis, records, change: { kernel: () => kernel } })
    await machine.whenRanked()
    expect(kernel.ranked).toBe(1)
    expect(stateOf(machine)).toEqual(stateOf(never))
  })

  it('[KG19] each damaged record is named and mended, by a peer where it must be', async () => {
    const source = { block: (height: number) => never.bundle(height), ranks: async () => undefined }
    for (const key of whole.map.keys()) {
      for (const damage of ['bit', 'gone'] as const) {
        // without its newest rank a machine does not know that there was one: it computes it
        if (damage === 'gone' && key.endsWith('/computed')) continue
        const records = createMemoryRecordStore(new Map(whole.map))
        if (damage === 'gone') records.map.delete(key)
        else
          records.map.set(
            key,
            whole.map.get(key)!.map((byte, at) => (at === 3 ? byte ^ 4 : byte)),
          )
        const named: string[] = []
        const change = { source, onDamaged: (name: string) => named.push(name) }
        const machine = await openFakeMachine({ genesis, records, change })
        await machine.whenRanked()
        expect(named).toEqual([key])
        expect(stateOf(machine)).toEqual(stateOf(never))
        expect(hashesOf(records)).toEqual(hashesOf(whole))
      }
    }
  })

  it('[KG19] a damaged block that nobody has is named, and never left out', async () => {
    const records = createMemoryRecordStore(new Map(whole.map))
    const key = [...records.map.keys()].find((name) => name.includes('/block/'))!
    records.map.delete(key)
    const change = { onDamaged: () => {} }
    await expect(openFakeMachine({ genesis, records, change })).rejects.toMatchObject({
      code: 'MACHINE_DAMAGED',
      details: { key },
    })
  })

  it('[KG19] takes a rank of a peer only when it is the one that the block commits to', async () => {
    const key = [...whole.map.keys()].find((name) => name.endsWith('/submitted'))!
    for (const [ranks, computed] of [
      [never.state.submitted.ranks, 0],
      [never.state.submitted.ranks.map((rank) => rank + 1n), 1],
    ] as const) {
      const records = createMemoryRecordStore(new Map(whole.map))
      records.map.delete(key)
      const kernel = countingKernel()
      const source = { block: async () => undefined, ranks: async () => ranks }
      const change = { source, kernel: () => kernel, onDamaged: () => {} }
      const machine = await openFakeMachine({ genesis, records, change })
      expect(kernel.ranked).toBe(computed)
      expect(stateOf(machine)).toEqual(stateOf(never))
    }
  })
})
