import { describe, expect, it } from 'vitest'
import type { GraphService } from '#graph/graph-types.ts'
import { NO_PREVIOUS } from '#graph/link-batch.ts'
import { LinkIntake } from '#graph/link-intake.ts'
import { createLinkStore } from '#graph/link-store.ts'
import { createSigningOrderer } from '#graph/machine/orderer.ts'
import { planBlock } from '#graph/machine/plan-block.ts'
import type { AppliedBlock } from '#graph/machine/relevance-machine.ts'
import type { StakeSource } from '#graph/machine/stake-source.ts'
import { fakeIdentity, TEST_NOW } from '#test/fakes/identity.ts'
import { createFeed, link, linkVerifier } from '#test/fakes/links.ts'
import { fakeGenesis, fakeOrderer, openFakeMachine } from '#test/fakes/machine.ts'
import { createMemoryRecordStore } from '#test/fakes/memory-record-store.ts'
import { createFakeStakes, FAKE_STAKES } from '#test/fakes/stakes.ts'
import { createFakeTimers } from '#test/fakes/timers.ts'

async function createOrderer(genesis: Awaited<ReturnType<typeof fakeGenesis>>, stakes?: StakeSource) {
  const store = createLinkStore(createMemoryRecordStore(), (error) => {
    throw error
  })
  const intake = new LinkIntake({ verifier: linkVerifier(), store })
  const graph: Pick<GraphService, 'missingFrom' | 'readBatches'> = {
    missingFrom: async (heads) => intake.log.missingFrom(heads),
    readBatches: (range, maxBytes) => intake.readRange(range, maxBytes),
  }
  const machine = await openFakeMachine({ genesis, change: stakes === undefined ? {} : { stakes } })
  const timers = createFakeTimers()
  const blocks: AppliedBlock[] = []
  const orderer = createSigningOrderer({
    machine,
    identity: await fakeOrderer(genesis),
    graph,
    timers,
    now: () => TEST_NOW,
    blockMs: 2_000,
    onBlock: (applied) => blocks.push(applied),
    onFailure: (error) => {
      throw error
    },
  })
  return { intake, machine, orderer, timers, blocks }
}

describe('[KG3] the orderer', () => {
  it('[KG3] puts the merged set into blocks, and ends when the rank of all links is submitted', async () => {
    const { intake, machine, orderer } = await createOrderer(await fakeGenesis())
    expect(await orderer.order()).toBeUndefined()
    const feed = createFeed(await fakeIdentity(1))
    const batches = [await feed.next([link('a', 'b')]), await feed.next([link('b', 'c')])]
    await intake.ingest(batches.map(({ envelope }) => envelope))
    const first = await orderer.order()
    expect(first?.block.batches.map(({ seq }) => seq)).toEqual([0, 1])
    // empty blocks bring the period to its end, at which the rank of block 1 is submitted
    for (let height = 2; height <= 5; height++) expect((await orderer.order())?.block.batches).toEqual([])
    expect(await orderer.order()).toBeUndefined()
    expect(machine.status()).toMatchObject({ height: 5, links: 2, rankedAt: 1 })
    await intake.ingest([(await feed.next([link('c', 'd')])).envelope])
    expect((await orderer.order())?.block.desc).toMatchObject({ height: 6, links: 3 })
  })

  it('[KG3] makes a block every so often while it runs', async () => {
    const { intake, orderer, timers, blocks } = await createOrderer(await fakeGenesis())
    await intake.ingest([(await createFeed(await fakeIdentity(1)).next([link('a', 'b')])).envelope])
    orderer.start()
    timers.advance(1_999)
    await orderer.order()
    expect(blocks.length).toBe(1)
    timers.advance(1)
    await orderer.stop()
    expect(blocks.length).toBe(2)
    expect(timers.pending).toBe(0)
  })

  it('[KG6] lets a batch wait for its bandwidth, and nobody else with it', async () => {
    const [poor, rich] = [await fakeIdentity(1), await fakeIdentity(2)]
    const stakes = [
      [poor.neuron, 1n],
      [rich.neuron, 999n],
    ] as const
    const table = [...stakes].sort(([a], [b]) => (a[0]! < b[0]! ? -1 : 1))
    const genesis = await fakeGenesis({ stakes: { kind: 'table', stakes: table } })
    const { intake, machine, orderer } = await createOrderer(genesis)
    // 1,000 units of bandwidth are four links at the base price
    const feed = createFeed(poor)
    const mine = [
      await feed.next([link('a', 'b'), link('a', 'c'), link('a', 'd')]),
      await feed.next([link('a', 'e'), link('a', 'f')]),
    ]
    const others = await createFeed(rich).next([link('x', 'y')])
    await intake.ingest([...mine, others].map(({ envelope }) => envelope))
    expect((await orderer.order())?.block.desc.links).toBe(4)
    expect(machine.shortage(poor.neuron, 2)).toMatchObject({ reason: 'neuron', sufficesAt: 26 })
    // empty blocks bring the bandwidth back
    for (let height = 2; height < 26; height++) expect((await orderer.order())?.block.batches).toEqual([])
    expect((await orderer.order())?.block.desc).toMatchObject({ height: 26, links: 6 })
    while ((await orderer.order()) !== undefined);
    expect(machine.status()).toMatchObject({ height: 35, rankedAt: 30 })
  })

  it('[KG6] takes a batch that never could whole when its neuron has all that it ever has', async () => {
    const poor = await fakeIdentity(1)
    const other = await fakeIdentity(2)
    const table = (
      [
        [poor.neuron, 1n],
        [other.neuron, 1_999n],
      ] as const
    ).toSorted(([a], [b]) => (a[0]! < b[0]! ? -1 : 1))
    const { intake, orderer } = await createOrderer(
      await fakeGenesis({ stakes: { kind: 'table', stakes: table } }),
    )
    const feed = createFeed(poor)
    await intake.ingest([(await feed.next([link('a', 'b'), link('a', 'c'), link('a', 'd')])).envelope])
    const applied = await orderer.order()
    expect(applied?.refused.length).toBe(1)
    expect(applied?.block.desc.links).toBe(2)
  })
})

describe('[KG7] an orderer with stakes of a chain', () => {
  it('[KG7] orders nothing of who has none, and goes on by itself once there is some, until a rank counts it', async () => {
    const stakes = createFakeStakes()
    const { intake, machine, orderer } = await createOrderer(
      await fakeGenesis({ stakes: FAKE_STAKES }),
      stakes,
    )
    const [ann, bob] = [await fakeIdentity(1), await fakeIdentity(2)]
    await intake.ingest([(await createFeed(ann).next([link('a', 'b')])).envelope])
    expect(await orderer.order()).toBeUndefined()
    stakes.stake(ann.neuron, 1_000n)
    expect((await orderer.order())?.block.desc).toMatchObject({ height: 1, links: 1 })
    while ((await orderer.order()) !== undefined);
    expect(machine.status()).toMatchObject({ height: 5, links: 1, rankedAt: 1 })
    await intake.ingest([(await createFeed(bob).next([link('a', 'c')])).envelope])
    expect(await orderer.order()).toBeUndefined()
    stakes.stake(bob.neuron, 3_000n)
    for (let height = 6; height <= 10; height++)
      expect((await orderer.order())?.block.desc).toMatchObject({ height, links: 1 })
    while ((await orderer.order()) !== undefined);
    expect(machine.status()).toMatchObject({ height: 20, links: 2, rankedAt: 15 })
  })
})

describe('a plan of a block', () => {
  it('takes feeds in turn, each in its own order, up to the bounds of a block', async () => {
    const feeds = await Promise.all(
      [1, 2].map(async (device) => {
        const feed = createFeed(await fakeIdentity(device))
        return [await feed.next([link('a', 'b'), link('a', 'c')]), await feed.next([link('b', 'c')])]
      }),
    )
    const plan = (maxLinks: number, skip = 0) =>
      planBlock({
        feeds: feeds.map((feed) => feed.slice(skip)),
        headOf: () => ({ next: 0, hash: NO_PREVIOUS }),
        shortageOf: () => undefined,
        maxLinks,
      }).batches.map(({ device, seq }) => [device === feeds[0]![0]!.device ? 0 : 1, seq])
    expect(plan(10).map(([, seq]) => seq)).toEqual([0, 0, 1, 1])
    expect(plan(5).map(([, seq]) => seq)).toEqual([0, 0, 1])
    // what does not follow from what is in blocks is left
    expect(plan(10, 1)).toEqual([])
  })
})
