import { describe, expect, it } from 'vitest'
import { toHex } from '#core/bytes.ts'
import { assertBlockStakes } from '#graph/machine/block-stakes.ts'
import { machineOfGenesis } from '#graph/machine/genesis.ts'
import { readGraphBlock } from '#graph/machine/graph-block.ts'
import type { RelevanceMachine } from '#graph/machine/relevance-machine.ts'
import { fakeIdentity, TEST_NOW } from '#test/fakes/identity.ts'
import { createFeed, digestOf, link } from '#test/fakes/links.ts'
import { fakeGenesis, fakeOrderer, makeBlock, openFakeMachine, stateOf } from '#test/fakes/machine.ts'
import { createMemoryRecordStore } from '#test/fakes/memory-record-store.ts'
import { createFakeStakes, FAKE_STAKES, type FakeStakes } from '#test/fakes/stakes.ts'

const CYBR = 1_000_000n
const genesis = await fakeGenesis({ stakes: FAKE_STAKES })
const orderer = await fakeOrderer(genesis)
const [ann, bob] = [await fakeIdentity(1), await fakeIdentity(2)]

function open(stakes: FakeStakes, records = createMemoryRecordStore()): Promise<RelevanceMachine> {
  return openFakeMachine({ genesis, records, change: { stakes } })
}

/** Ann links sun to light, Bob to heat; Ann has staked more. */
async function started(records = createMemoryRecordStore()) {
  const stakes = createFakeStakes()
  stakes.stake(ann.neuron, 200n * CYBR)
  stakes.stake(bob.neuron, 100n * CYBR)
  const machine = await open(stakes, records)
  const batches = [
    await createFeed(ann).next([link('sun', 'light')]),
    await createFeed(bob).next([link('sun', 'heat')]),
  ]
  const { block } = await makeBlock(machine, orderer, batches)
  return { stakes, machine, batches, first: block, records }
}

async function blocksUntil(machine: RelevanceMachine, height: number) {
  const made = []
  while (machine.tip.height < height) made.push((await makeBlock(machine, orderer, [])).block)
  return made
}

/** What sun leads to, best first. */
async function orderOf(machine: RelevanceMachine): Promise<readonly string[]> {
  const { answer } = (await machine.answer(digestOf('sun')))!
  const names = new Map(['light', 'heat'].map((word) => [toHex(digestOf(word)), word]))
  return answer.targets.map(({ digest }) => names.get(toHex(digest))!)
}

describe('[KG7] stakes of a chain', () => {
  it('[KG7] change the order of answers after the next period, and each block commits to them', async () => {
    const { stakes, machine, first } = await started()
    expect(first.desc).toMatchObject({ stakes: { seconds: stakes.seconds }, rankedAt: 0 })
    expect(first.desc.rankStakes).toBeUndefined()
    const [, , , fifth] = await blocksUntil(machine, 5)
    expect(fifth?.desc).toMatchObject({ rankedAt: 1, rankStakes: first.desc.stakes })
    expect(await orderOf(machine)).toEqual(['light', 'heat'])
    stakes.stake(bob.neuron, 900n * CYBR)
    expect(await machine.stakesChanged()).toBe(true)
    await blocksUntil(machine, 14)
    expect(await orderOf(machine)).toEqual(['light', 'heat'])
    const [last] = await blocksUntil(machine, 15)
    expect(await orderOf(machine)).toEqual(['heat', 'light'])
    expect(last?.desc.rankStakes).toMatchObject({ seconds: stakes.seconds })
    expect(await machine.stakesChanged()).toBe(false)
  })

  it('[KG7] are read anew by a follower, who comes to the same state', async () => {
    const { stakes, machine, first } = await started()
    stakes.stake(bob.neuron, 900n * CYBR)
    const blocks = [first, ...(await blocksUntil(machine, 10))]
    stakes.stake(ann.neuron, 0n)
    const follower = await open(stakes)
    for (const { bundle } of blocks) await follower.apply(readGraphBlock(bundle))
    expect(stateOf(follower)).toEqual(stateOf(machine))
  })

  it('[KG7] nobody links without any', async () => {
    const machine = await open(createFakeStakes())
    const batch = await createFeed(ann).next([link('sun', 'light')])
    const { refused, block } = await makeBlock(machine, orderer, [batch])
    expect(refused).toMatchObject([{ shortage: { max: 0n, sufficesAt: undefined } }])
    expect(block.desc.links).toBe(0)
  })

  it('[KG7] other ones than the chain proves are refused, and their orderer is named', async () => {
    const { batches, stakes } = await started()
    const favoured = createFakeStakes()
    favoured.stake(ann.neuron, 1n * CYBR, stakes.seconds - favoured.seconds)
    favoured.stake(bob.neuron, 999n * CYBR, 0)
    const { block } = await makeBlock(await open(favoured), orderer, batches)
    const follower = await open(stakes)
    const refusal = { code: 'BLOCK_STAKES', message: expect.stringContaining(`0x${toHex(orderer.neuron)}`) }
    await expect(follower.apply(block)).rejects.toMatchObject(refusal)
    await expect(assertBlockStakes(block, FAKE_STAKES, stakes)).rejects.toMatchObject(refusal)
    expect(follower.tip.height).toBe(0)
    await follower.apply((await started()).first)
  })

  it('[KG7] ones of before a change of long ago are refused', async () => {
    const { stakes, batches } = await started()
    const old = { ...stakes, newest: () => stakes.at(stakes.seconds - 1) }
    const { block } = await makeBlock(await open(old), orderer, batches)
    // a change may take ten minutes to be in blocks
    await assertBlockStakes(block, FAKE_STAKES, stakes)
    const late = { ...block, timeUs: (TEST_NOW + 700_000) * 1_000 }
    await expect(assertBlockStakes(late, FAKE_STAKES, stakes)).rejects.toMatchObject({ code: 'BLOCK_STAKES' })
    await assertBlockStakes(late, { ...FAKE_STAKES, lagSeconds: 900 }, stakes)
  })

  it('[KG7] a block without them is refused where its genesis takes them from a chain', async () => {
    const { stakes } = await started()
    const fixed = await openFakeMachine({
      genesis,
      change: { stakes: { newest: async () => FIXED, at: async () => FIXED } },
    })
    const { block } = await makeBlock(fixed, orderer, [])
    await expect((await open(stakes)).apply(block)).rejects.toMatchObject({ code: 'BLOCK_ROOTS' })
    await expect(assertBlockStakes(block, FAKE_STAKES, stakes)).rejects.toMatchObject({
      code: 'BLOCK_STAKES',
    })
  })

  it('[KG7] that cannot be read now stop an end of a period alone, and change nothing', async () => {
    const { stakes, machine } = await started()
    stakes.isAway = true
    await blocksUntil(machine, 4)
    const before = stateOf(machine)
    await expect(makeBlock(machine, orderer, [])).rejects.toMatchObject({ code: 'STAKES_UNKNOWN' })
    expect(stateOf(machine)).toEqual(before)
    stakes.isAway = false
    await blocksUntil(machine, 5)
  })
})

const FIXED = { stakeOf: () => CYBR, total: CYBR }

describe('[KG19] a machine with stakes of a chain', () => {
  it('[KG19] begins again as it was while the chain does not answer', async () => {
    const { stakes, machine, records } = await started()
    stakes.stake(bob.neuron, 900n * CYBR)
    await blocksUntil(machine, 7)
    await machine.whenRanked()
    stakes.isAway = true
    const again = await open(stakes, records)
    await again.whenRanked()
    expect(stateOf(again)).toEqual(stateOf(machine))
    expect(again.shortage((await fakeIdentity(3)).neuron, 1)).toMatchObject({ max: 0n })
  })

  it.each(['table', 'stakes/0000000001', 'stakes/0000000005'])(
    '[KG19] mends a damaged %s by the chain',
    async (name) => {
      const { stakes, machine, records } = await started()
      stakes.stake(bob.neuron, 900n * CYBR)
      await blocksUntil(machine, 7)
      await machine.whenRanked()
      const key = `machine/${toHex(machineOfGenesis(genesis)).slice(0, 16)}/${name}`
      await records.put([{ key, value: new Uint8Array(40) }])
      const damaged: string[] = []
      const onDamaged = (record: string) => damaged.push(record)
      const again = await openFakeMachine({ genesis, records, change: { stakes, onDamaged } })
      expect(damaged).toEqual([key])
      await again.whenRanked()
      expect(stateOf(again)).toEqual(stateOf(machine))
      await open(stakes, records) // it is whole again
    },
  )
})
