import { describe, expect, it } from 'vitest'
import { toHex } from '#core/bytes.ts'
import { machineOfGenesis } from '#graph/machine/genesis.ts'
import { readGraphBlock, signGraphBlock } from '#graph/machine/graph-block.ts'
import { createMachineStore } from '#graph/machine/machine-store.ts'
import { buildRankGraph } from '#graph/rank-graph.ts'
import { createTsKernel } from '#graph/rank-reference.ts'
import { rankLeaf } from '#merkle/rank-leaf.ts'
import { rootHash } from '#merkle/tree-hash.ts'
import { fakeIdentity, TEST_NOW } from '#test/fakes/identity.ts'
import { createFeed, link } from '#test/fakes/links.ts'
import {
  fakeBatches,
  fakeChain,
  fakeGenesis,
  fakeOrderer,
  makeBlock,
  openFakeMachine,
  stateOf,
} from '#test/fakes/machine.ts'
import { createMemoryRecordStore } from '#test/fakes/memory-record-store.ts'

const genesis = await fakeGenesis()
const orderer = await fakeOrderer(genesis)
const chain = await fakeChain(genesis, 12)

describe('[KG18] blocks and periods', () => {
  it('[KG3] particles are numbered by first appearance, from before to, and keep their numbers', async () => {
    const machine = await openFakeMachine({ genesis })
    const feed = createFeed(await fakeIdentity(1))
    await makeBlock(machine, orderer, [await feed.next([link('b', 'a'), link('a', 'c')])])
    await makeBlock(machine, orderer, [await feed.next([link('c', 'd'), link('b', 'a')])])
    const { links } = machine.state.ledger
    expect([...links.rows()]).toEqual([0, 1, 0, 1, 2, 0, 2, 3, 0])
    expect(['b', 'a', 'c', 'd'].map((word) => links.particles.find(link(word, '-').from))).toEqual([
      0, 1, 2, 3,
    ])
  })

  it('[KG18] ranks the snapshot of block 1, 5, 10 and submits each at the end of the next period', () => {
    expect(chain.blocks.map(({ desc }) => desc.rankedAt)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 1, 5, 5, 5])
    expect(chain.machine.status().next).toEqual({ snapshot: 10, isDone: true })
  })

  it('[KG16] the rank root is that of the ranks of the snapshot, and 0 for newer particles', async () => {
    const { state } = chain.machine
    const snapshot = state.snapshotAt(5)!
    const { ranks } = await createTsKernel().rank(buildRankGraph(state.rankInput(snapshot)))
    const { particles } = state.ledger.links
    const leaves = Array.from({ length: particles.size }, (_, at) =>
      rankLeaf(ranks[at] ?? 0n, particles.digest(at)),
    )
    expect(toHex(chain.blocks.at(-1)!.desc.rankRoot)).toBe(toHex(rootHash(leaves)))
    expect(snapshot.particles).toBeLessThanOrEqual(particles.size)
  })

  it('[KG16a] commits to the links of the block, all links, and the list of each particle', () => {
    const { links } = chain.machine.state.ledger
    const { desc, batches } = chain.blocks.at(-1)!
    const before = chain.blocks.at(-2)!.desc.links
    const leaves = (start: number) =>
      Array.from({ length: links.count - start }, (_, at) => links.leaf(start + at))
    expect(batches.length).toBe(desc.batches)
    expect(toHex(desc.linksRoot)).toBe(toHex(rootHash(leaves(before))))
    expect(toHex(desc.allLinksRoot)).toBe(toHex(rootHash(leaves(0))))
    const from = links.from(0)
    const { leaf } = chain.machine.state.trees.map.prove(links.particles.digest(from))
    const list = [...links.outOf(from)].map((at) => links.outLeaf(at))
    expect(leaf?.value).toEqual(rootHash(list))
  })

  it('[KG18] a follower of the same blocks is in the same state', async () => {
    const follower = await openFakeMachine({ genesis })
    for (const { bundle } of chain.blocks) await follower.apply(readGraphBlock(bundle))
    expect(stateOf(follower)).toEqual(stateOf(chain.machine))
  })

  it('[KG6] a link without bandwidth stands in the block, counts for nothing and is named', async () => {
    const poor = await fakeIdentity(7)
    const rich = await fakeIdentity(8)
    const stakes = [
      [poor.neuron, 1n],
      [rich.neuron, 1_999n],
    ] as const
    const table = [...stakes].sort(([a], [b]) => (toHex(a) < toHex(b) ? -1 : 1))
    const small = await fakeGenesis({ stakes: { kind: 'table', stakes: table } })
    const machine = await openFakeMachine({ genesis: small })
    const batch = await createFeed(poor).next([link('a', 'b'), link('c', 'd'), link('e', 'f')])
    const { refused } = await makeBlock(machine, await fakeOrderer(small), [batch])
    // 500 units of bandwidth are two links at 250
    expect(refused).toMatchObject([{ shortage: { missing: 250n, sufficesAt: 51 } }])
    expect(machine.status()).toMatchObject({ links: 2, particles: 4 })
    // in the next block five of them have recovered
    expect(machine.shortage(poor.neuron, 1)).toMatchObject({ missing: 245n })
    expect(machine.shortage(rich.neuron, 1)).toBeUndefined()
  })
})

describe('[KG16a] a block that does not follow', () => {
  const signed = async (
    change: Parameters<typeof signGraphBlock>[0] extends infer T ? (parts: T) => T : never,
  ) => {
    const machine = await openFakeMachine({ genesis })
    const [batches = []] = await fakeBatches(1)
    const { block } = await makeBlock(machine, orderer, batches)
    const { height, prev, parameters } = block.desc
    const head = { machine: machineOfGenesis(genesis), height, prev, parameters, timeUs: block.timeUs }
    return signGraphBlock(change({ head, state: block.desc, batches }), orderer)
  }

  it.each(['linksRoot', 'allLinksRoot', 'rankRoot', 'mapRoot'] as const)(
    'with another %s is refused, and nothing changes',
    async (name) => {
      const wrong = await signed((parts) => ({
        ...parts,
        state: { ...parts.state, [name]: new Uint8Array(32) },
      }))
      const follower = await openFakeMachine({ genesis })
      await expect(follower.apply(wrong)).rejects.toMatchObject({ code: 'BLOCK_ROOTS' })
      for (const { bundle } of chain.blocks) await follower.apply(readGraphBlock(bundle))
      expect(stateOf(follower)).toEqual(stateOf(chain.machine))
    },
  )

  it('with another count, machine, version or time is refused', async () => {
    const follower = await openFakeMachine({ genesis })
    const refusal = async (change: Parameters<typeof signed>[0]) =>
      follower.apply(await signed(change)).catch(({ code }: { code: string }) => code)
    expect(await refusal((parts) => ({ ...parts, state: { ...parts.state, links: 1 } }))).toBe('BLOCK_ROOTS')
    expect(
      await refusal((parts) => ({ ...parts, head: { ...parts.head, machine: new Uint8Array(32) } })),
    ).toBe('BLOCK_INVALID')
    expect(await refusal((parts) => ({ ...parts, head: { ...parts.head, parameters: 2 } }))).toBe(
      'BLOCK_INVALID',
    )
    expect(
      await refusal((parts) => ({ ...parts, head: { ...parts.head, height: 2, prev: new Uint8Array(32) } })),
    ).toBe('BLOCK_GAP')
    expect(
      await refusal((parts) => ({
        ...parts,
        head: { ...parts.head, timeUs: (TEST_NOW + 7_200_000) * 1_000 },
      })),
    ).toBe('BLOCK_TIME')
  })

  it('[KG3] that somebody else signed is refused', async () => {
    const stranger = await fakeIdentity(3, {
      change: { machine: machineOfGenesis(genesis), scope: ['blocks'] },
    })
    const linksOnly = await fakeIdentity(900, {
      change: { machine: machineOfGenesis(genesis), scope: ['links'] },
    })
    const [first] = chain.blocks
    const { height, prev, parameters } = first!.desc
    const head = { machine: machineOfGenesis(genesis), height, prev, parameters, timeUs: first!.timeUs }
    const follower = await openFakeMachine({ genesis })
    for (const identity of [stranger, linksOnly]) {
      const block = await signGraphBlock({ head, state: first!.desc, batches: first!.batches }, identity)
      await expect(follower.apply(block)).rejects.toMatchObject({ code: 'BLOCK_UNSIGNED' })
    }
    expect(follower.status().height).toBe(0)
  })

  it('[KG1] whose batches leave one of a feed out is refused', async () => {
    const machine = await openFakeMachine({ genesis })
    const feed = createFeed(await fakeIdentity(1))
    await feed.next([link('a', 'b')])
    const second = await feed.next([link('c', 'd')])
    await expect(makeBlock(machine, orderer, [second])).rejects.toMatchObject({ code: 'BLOCK_INVALID' })
    expect(machine.status().height).toBe(0)
  })

  it('[KG3] a second signed block of one height is kept as evidence, and both are shown', async () => {
    const records = createMemoryRecordStore()
    const machine = await openFakeMachine({ genesis, records })
    const [batches = []] = await fakeBatches(1)
    const { block } = await makeBlock(machine, orderer, batches)
    const other = await signed((parts) => ({
      ...parts,
      head: { ...parts.head, timeUs: parts.head.timeUs + 5 },
    }))
    await machine.apply(other).catch(({ code }: { code: string }) => expect(code).toBe('BLOCK_FORKED'))
    const again = await openFakeMachine({ genesis, records })
    expect(await again.forks()).toEqual([{ height: 1, bundles: [block.bundle, other.bundle] }])
    expect(createMachineStore(records, machineOfGenesis(genesis))).toBeDefined()
    await expect(machine.apply(block)).rejects.toMatchObject({ code: 'BLOCK_GAP' })
  })
})
