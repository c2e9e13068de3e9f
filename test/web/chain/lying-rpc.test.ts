import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { describeChainLand } from '#api/chain-land.ts'
import { createChainReader } from '#chain/chain-reader.ts'
import type { Hex } from '#chain/hex.ts'
import { createLandService } from '#chain/land/land-service.ts'
import { type LandSource, relayLandSource, rpcLandSource } from '#chain/land/land-sources.ts'
import type { StoredLand } from '#chain/land/land-store.ts'
import { readParcel as readTable } from '#chain/land/land-table.ts'
import { createLandVerifier } from '#chain/land/land-verifier.ts'
import { readParcelAt } from '#chain/land/read-parcel.ts'
import { encodeSnapshot } from '#chain/land/snapshot.ts'
import { createEndpoints } from '#chain/rpc/endpoint-pool.ts'
import { ofChain } from '#chain/rpc/of-chain.ts'
import { CYBR_BALANCES, mappingSlot } from '#chain/storage-slots.ts'
import { createTsKeccak } from '#core/keccak.ts'
import { birthCell } from '#core/land-rule.ts'
import { chainLines } from '#ui/chain-lines.ts'
import { useTestChain } from '../../contracts-abi/harness/anvil.ts'
import { deploySale, hashOf, idOf, PURSE } from '../../contracts-abi/harness/land-chain.ts'
import type { Forge } from '../../fakes/fake-chain.ts'
import { type LyingNode, startLyingNode } from '../../fakes/lying-node.ts'
import { createFakeTimers, hastyTimers } from '../../fakes/timers.ts'

/** The whole land is 4 MB of digits for each of those who are asked. */
const SLOW = { timeout: 240_000 }

/** A real chain, read through proxies of which one forges: a liar, and two that do not lie. */
const STREET = idOf('public')
const nodes: LyingNode[] = []
const world = useTestChain(async (chain) => {
  const deployed = await deploySale(chain, hashOf('nobody claims here'))
  const { land, people } = deployed
  const { alice, bob, foundation } = people
  await chain.mined(land.write.mintPublic([STREET, 3n], { account: alice }))
  await chain.mined(land.write.transferFrom([foundation, alice, STREET], { account: foundation }))
  await chain.mined(land.write.transferFrom([foundation, bob, STREET + 1n], { account: foundation }))
  for (let i = 0; i < 3; i++) nodes.push(await startLyingNode(chain.url))
  return deployed
})
beforeEach(() => {
  for (const node of nodes) node.reform()
})
afterAll(async () => {
  for (const node of nodes) await node.stop()
})

const keccak = createTsKeccak()
const lower = (address: string) => address.toLowerCase() as Hex
const liar = () => nodes[0]!
const honest = () => nodes[1]!

function createReader(asked: readonly LyingNode[]) {
  const endpoints = createEndpoints(asked.map(({ url }) => url)).map((each) => ofChain(each, 31_337))
  const reader = createChainReader({ endpoints, timers: hastyTimers, now: Date.now })
  const statusOf = ({ name }: LyingNode) =>
    reader.state.value.endpoints.find((state) => state.name === name)?.status
  return { reader, endpoints, statusOf }
}

/** The JSON value with a last hexadecimal digit changed at one place. */
function altered(value: unknown, [step, ...rest]: readonly (string | number)[]): unknown {
  if (step === undefined) {
    const text = value as string
    return text === '0x' ? '0x00' : `${text.slice(0, -1)}${text.endsWith('0') ? 1 : 0}`
  }
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>
  copy[step] = altered(copy[step], rest)
  return copy
}

const forging =
  (asked: string, path: readonly (string | number)[]): Forge =>
  (method, result) =>
    method === asked ? altered(result, path) : result

async function ask(method: string, params: readonly unknown[]): Promise<unknown> {
  const [endpoint] = createEndpoints([world().chain.url])
  return endpoint!.call(method, params)
}

/** What a header's hash covers, as far as this chain has come, and the hash itself. */
const HEADER_FIELDS =
  'parentHash sha3Uncles miner stateRoot transactionsRoot receiptsRoot logsBloom difficulty number gasLimit gasUsed timestamp extraData mixHash nonce baseFeePerGas withdrawalsRoot blobGasUsed excessBlobGas parentBeaconBlockRoot hash'.split(
    ' ',
  )

describe('[CH13] a node that forges one value of a real chain', () => {
  it('is found out by whatever field of a header it forges, named and replaced', async () => {
    const block = (await ask('eth_getBlockByNumber', ['latest', false])) as { readonly hash: Hex }
    for (const field of HEADER_FIELDS) {
      liar().forge = forging('eth_getBlockByNumber', [field])
      const { reader, statusOf } = createReader([liar(), honest()])
      expect((await reader.head()).hash, field).toBe(block.hash)
      expect(statusOf(liar()), field).toMatchObject({
        kind: 'liar',
        failure: expect.stringMatching(/The fields of a header hash to 0x.*, it claims 0x/),
      })
      expect(reader.state.value, field).toMatchObject({ sources: 1, head: { agreeing: 1 } })
    }
  })

  it(
    'is found out by whatever it forges of owner or balance and their proofs, named and replaced',
    SLOW,
    async () => {
      const { grid, cybr, people, chain } = world()
      const alice = lower(people.alice)
      const coins = await chain.client.getBalance({ address: people.alice })
      const questions = [
        { what: 'owner', address: lower(grid.address), slots: [STREET], coins: 0n },
        { what: 'coins', address: alice, slots: [], coins },
        { what: 'CYBR', address: lower(cybr.address), slots: [mappingSlot(alice, CYBR_BALANCES)], coins: 0n },
      ]
      const words: bigint[] = []
      for (const { what, address, slots, coins: expected } of questions) {
        for (const path of await pathsOf(address, slots)) {
          liar().forge = forging('eth_getProof', path)
          const { reader, statusOf } = createReader([liar(), honest()])
          const proven = await reader.account(await reader.head(), address, { slots })
          const where = `${what}: ${path.join('.')}`
          expect(proven.account.balanceWei, where).toBe(expected)
          expect(statusOf(liar()), where).toMatchObject({
            kind: 'liar',
            failure: expect.stringMatching(/proof/),
          })
          expect(statusOf(honest()), where).toEqual({ kind: 'good' })
          words.push(...proven.slots)
        }
      }
      const distinct = [...new Set(words)]
      expect(distinct.map((word) => BigInt.asUintN(160, word))).toEqual([BigInt(alice), PURSE])
    },
  )

  it('is found out when it leaves out a step of a proof, or gives the proof of something else', async () => {
    const { grid } = world()
    const other = (await proofOf(lower(grid.address), [STREET + 1n])) as { readonly storageProof: unknown }
    const lies: readonly ((proof: object) => object)[] = [
      (proof) => ({ ...proof, accountProof: (proof as { accountProof: unknown[] }).accountProof.slice(1) }),
      (proof) => ({ ...proof, storageProof: [] }),
      (proof) => ({ ...proof, storageProof: other.storageProof }),
    ]
    for (const lie of lies) {
      liar().forge = (method, result) => (method === 'eth_getProof' ? lie(result as object) : result)
      const { reader, statusOf } = createReader([liar(), honest()])
      const cell = birthCell(Number(STREET))
      const found = await readParcelAt(cell, reader, { landGrid: lower(grid.address) })
      expect(found).toMatchObject({ owner: lower(world().people.alice), cell })
      expect(statusOf(liar())).toMatchObject({ kind: 'liar' })
    }
  })

  it('that serves another chain is passed over, and said', async () => {
    liar().forge = (method, result) => (method === 'eth_chainId' ? '0x1' : result)
    const { reader, statusOf } = createReader([liar(), honest(), nodes[2]!])
    expect(await reader.head()).toMatchObject({ number: expect.any(Number) })
    const failure = expect.stringMatching(/serves chain 1, expected 31337/)
    expect(statusOf(liar())).toMatchObject({ kind: 'waiting', failure })
  })

  /** Where `eth_getProof` names anything. */
  async function pathsOf(address: Hex, slots: readonly bigint[]): Promise<(string | number)[][]> {
    const proof = (await proofOf(address, slots)) as {
      readonly accountProof: readonly unknown[]
      readonly storageProof: readonly { readonly proof: readonly unknown[] }[]
    }
    return [
      ...['address', 'balance', 'nonce', 'codeHash', 'storageHash'].map((field) => [field]),
      ...proof.accountProof.map((_, i) => ['accountProof', i]),
      ...proof.storageProof.flatMap(({ proof: steps }, at) => [
        ['storageProof', at, 'key'],
        ['storageProof', at, 'value'],
        ...steps.map((_, i) => ['storageProof', at, 'proof', i]),
      ]),
    ]
  }

  function proofOf(address: Hex, slots: readonly bigint[]): Promise<unknown> {
    const keys = slots.map((slot) => `0x${slot.toString(16).padStart(64, '0')}`)
    return ask('eth_getProof', [address, keys, 'latest'])
  }
})

/** Another block that is whole in itself, and of the height of the newest one. */
async function forkedBlock(): Promise<unknown> {
  const { chain, land, people } = world()
  const { alice, bob } = people
  const id = await chain.client.snapshot()
  await chain.mined(land.write.transferFrom([alice, bob, STREET], { account: alice }))
  const block = await ask('eth_getBlockByNumber', ['latest', false])
  await chain.client.revert({ id })
  await chain.client.mine({ blocks: 1 })
  return block
}

describe('[CH13] nodes that disagree about the header itself', () => {
  it('are shown as camps, and neither is accepted', async () => {
    const block = await forkedBlock()
    liar().forge = (method, result) => (method === 'eth_getBlockByNumber' ? block : result)
    const { service, land } = openLand([liar(), honest()])
    await service.refresh()
    expect(land.state.value).toMatchObject({
      kind: 'reading',
      failure: { code: 'HEADER_DISPUTED' },
      camps: [{ endpoints: [liar().name] }, { endpoints: [honest().name] }],
    })
    const said = chainLines(land.state.value, Date.now()).map(({ text }) => text)
    expect(said[0]).toMatch(/disagree about block \d+. Neither is believed/)
    expect(said.filter((line) => line.includes('0x'))).toHaveLength(2)
    const { reader } = createReader([liar(), honest()])
    const contracts = { landGrid: lower(world().grid.address) }
    await expect(readParcelAt(birthCell(Number(STREET)), reader, contracts)).rejects.toMatchObject({
      code: 'HEADER_DISPUTED',
    })
  })

  it('are outvoted by a majority, and named', async () => {
    const block = await forkedBlock()
    liar().forge = (method, result) => (method === 'eth_getBlockByNumber' ? block : result)
    const { service, land, ownerOf } = openLand(nodes)
    await service.refresh()
    expect(land.state.value).toMatchObject({ kind: 'proven', agreeing: 2, sources: 3 })
    expect(ownerOf(STREET)).toBe(lower(world().people.alice))
    expect(chainLines(land.state.value, Date.now())).toContainEqual(
      expect.objectContaining({ kind: 'bad', text: expect.stringContaining(liar().name) }),
    )
  })

  it('are not known of where there is one alone: that is 1 source', async () => {
    const { service, land } = openLand([honest()])
    await service.refresh()
    expect(land.state.value).toMatchObject({ kind: 'proven', sources: 1, agreeing: 1 })
    expect(chainLines(land.state.value, Date.now())[0]?.text).toMatch(/^Verified at block .* · 1 source$/)
  })
})

interface Around {
  /** who is asked for land before the nodes, and after them */
  readonly before?: LandSource
  readonly after?: LandSource
  readonly kept?: StoredLand
}

/** The land as a page has it, read through these nodes and whoever else. */
function openLand(asked: readonly LyingNode[], { before, after, kept }: Around = {}) {
  const { grid, land, sale } = world()
  const { reader, endpoints } = createReader(asked)
  const places = {
    grid: lower(grid.address),
    watched: [grid, land, sale].map(({ address }) => lower(address)),
  }
  const service = createLandService({
    reader,
    grid: places.grid,
    sources: () => [
      ...(before === undefined ? [] : [before]),
      ...endpoints.map((endpoint) => rpcLandSource({ endpoint, ...places, keccak })),
      ...(after === undefined ? [] : [after]),
    ],
    verifier: createLandVerifier(keccak),
    store: { get: async () => kept, put: async () => {} },
    timers: createFakeTimers(),
  })
  const known = () => {
    const { land: found } = service.state.value
    if (found.kind === 'none') throw new Error('No land is known.')
    return found
  }
  const ownerOf = (id: bigint) => readTable(known().table, Number(id))?.owner
  return {
    service,
    known,
    ownerOf,
    land: describeChainLand({ service, chain: reader.state, retry: reader.retry }),
  }
}

describe('[CH14] the land of a real chain', () => {
  const owner = (address: string) => address.slice(2).toLowerCase()
  /** Alters the words that a node answers. */
  const inWords =
    (change: (answer: string) => string): Forge =>
    (method, result) =>
      method === 'eth_call' ? change(result as string) : result

  /** A relay that hands this land on. */
  async function relayOf({ block, root, table }: Omit<StoredLand, 'blockTime'>): Promise<LandSource> {
    const head = { chainId: 31_337, grid: lower(world().grid.address), block, root }
    const bytes = await encodeSnapshot(head, table, undefined)
    return relayLandSource(new URL('http://relay.example/'), async () => new Response(bytes))
  }

  it('with one word forged is found out, its source named and replaced', SLOW, async () => {
    const { people } = world()
    const { alice, bob } = people
    const lies: readonly (readonly [what: string, change: (answer: string) => string])[] = [
      ['an owner', (answer) => answer.replace(owner(alice), owner(bob))],
      ['a parcel left out', (answer) => answer.replace(new RegExp(`.{24}${owner(alice)}`), '0'.repeat(64))],
      ['a place', (answer) => answer.replace(new RegExp(`.(?=${owner(alice)})`), 'e')],
      // only the two owners' lives are so few words
      ['a life', (answer) => (answer.length < 1_000 ? `${answer.slice(0, -1)}f` : answer)],
    ]
    const first = openLand([honest()])
    await first.service.refresh()
    const relay = await relayOf(first.known())
    for (const [what, change] of lies) {
      liar().forge = inWords(change)
      const { service, land, ownerOf } = openLand([liar()], { after: relay })
      await service.refresh()
      expect(land.state.value, what).toMatchObject({
        kind: 'proven',
        source: 'relay.example',
        refusals: [{ source: liar().name, code: 'SNAPSHOT_FORGED' }],
      })
      expect(ownerOf(STREET), what).toBe(lower(alice))
    }
  })

  it(
    'with one transfer left out is found out, by a relay that keeps it back and by a node that hides its event',
    SLOW,
    async () => {
      const { chain, land, grid, people } = world()
      const { alice, foundation } = people
      const lot = STREET + 2n
      const before = openLand([honest()])
      await before.service.refresh()
      const old = before.known()
      await chain.mined(land.write.transferFrom([foundation, alice, lot], { account: foundation }))

      const { storageHash } = (await ask('eth_getProof', [grid.address, [], 'latest'])) as {
        storageHash: Hex
      }
      const relay = await relayOf({ ...old, root: storageHash })
      const cold = openLand([honest()], { before: relay })
      await cold.service.refresh()
      expect(cold.land.state.value).toMatchObject({
        kind: 'proven',
        refusals: [{ source: 'relay.example', code: 'SNAPSHOT_FORGED' }],
      })
      expect(cold.ownerOf(lot)).toBe(lower(alice))

      honest().forge = (method, result) => (method === 'eth_getLogs' ? [] : result)
      await before.service.refresh()
      expect(before.land.state.value).toMatchObject({
        kind: 'proven',
        refusals: [{ source: honest().name, code: 'SNAPSHOT_FORGED' }],
      })
      expect(before.ownerOf(lot)).toBe(lower(alice))
    },
  )

  it('[CH15] is that of an earlier visit when nobody answers, and says how old it is', SLOW, async () => {
    const first = openLand([honest()])
    await first.service.refresh()
    const { root, table, block, blockTime } = first.known()
    for (const node of nodes) node.isDown = true
    const { service, land, ownerOf } = openLand(nodes, { kept: { root, table, block, blockTime } })
    await service.start()
    await service.refresh()
    service.stop()
    expect(land.state.value).toMatchObject({ kind: 'cached', block, failure: { code: 'RPC_UNREACHABLE' } })
    expect(ownerOf(STREET)).toBe(lower(world().people.alice))
    const [line] = chainLines(land.state.value, (blockTime + 7_200) * 1_000)
    expect(line).toMatchObject({
      kind: 'bad',
      text: `The chain does not answer. The land is shown as it was at block ${block}, 2 h ago.`,
    })
  })
})
