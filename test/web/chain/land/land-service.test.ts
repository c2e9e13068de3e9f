import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { createChainReader } from '#chain/chain-reader.ts'
import { hexOf, wordBytes } from '#chain/hex.ts'
import { aliveSlotsOf, landRoot } from '#chain/land/land-root.ts'
import { createLandService } from '#chain/land/land-service.ts'
import { type LandSource, relayLandSource, rpcLandSource } from '#chain/land/land-sources.ts'
import type { StoredLand } from '#chain/land/land-store.ts'
import { type LandTable, readParcel } from '#chain/land/land-table.ts'
import { createLandVerifier } from '#chain/land/land-verifier.ts'
import { createSnapshots } from '#chain/land/snapshots.ts'
import { createEndpoints } from '#chain/rpc/endpoint-pool.ts'
import { cellSlot } from '#chain/storage-slots.ts'
import { concat, fromHex } from '#core/bytes.ts'
import { createWasmKeccak } from '#wasm/bindings/keccak.ts'
import { buildWasm } from '#wasm/build.ts'
import { createFakeChain, type FakeNode, type Forge, fetchNodes } from '../../../fakes/fake-chain.ts'
import { addressOf, GRID, landAccount, makeLand, transferLog } from '../../../fakes/land.ts'
import { createFakeTimers, hastyTimers } from '../../../fakes/timers.ts'

const keccak = await createWasmKeccak(new Uint8Array(await readFile((await buildWasm()).keccak)))
const [ALICE, BOB, CAROL] = [0xa11cen, 0xb0bn, 0xca701n]
const parcels = (second: bigint, third = BOB) =>
  new Map([1, 2, 3, 4].map((id) => [id, { owner: id === 2 ? second : id === 3 ? third : ALICE }]))
const BEFORE = makeLand(parcels(ALICE), new Map([[ALICE, 1_790_000_000]]))
const AFTER = makeLand(parcels(BOB, CAROL), new Map([[BOB, 1_790_000_000]]))

function memoryStore(kept?: StoredLand) {
  const store = {
    kept,
    puts: 0,
    get: async () => store.kept,
    async put(land: StoredLand) {
      store.puts++
      store.kept = land
    },
  }
  return store
}

/** A relay that has some lands. */
function relayOf(
  name: string,
  tables: readonly LandTable[],
  forge = (bytes: Uint8Array) => bytes,
): LandSource {
  const snapshots = createSnapshots({ chainId: 31_337, grid: GRID })
  for (const table of tables) snapshots.add({ root: hexOf(landRoot(keccak, table)), table, block: 1 })
  return relayLandSource(new URL(`http://${name}/`), async (input) => {
    const [, , root, base] = new URL(String(input)).pathname.split('/')
    const found = await snapshots.get(root as never, base as never)
    return found === undefined
      ? new Response('', { status: 404 })
      : new Response(forge(found) as Uint8Array<ArrayBuffer>)
  })
}

function setUp({ relays = [], kept }: { relays?: readonly LandSource[]; kept?: StoredLand } = {}) {
  const chain = createFakeChain()
  chain.mine([[GRID, landAccount(BEFORE)]])
  const nodes: Record<string, FakeNode> = { node: { chain } }
  const fetch = fetchNodes(nodes)
  const endpoints = createEndpoints(['http://node/'], fetch)
  const timers = createFakeTimers()
  const reader = createChainReader({ endpoints, timers: hastyTimers, now: () => timers.elapsedMs })
  const store = memoryStore(kept)
  const byRpc = rpcLandSource({ endpoint: endpoints[0]!, grid: GRID, watched: [GRID], keccak })
  const service = createLandService({
    reader,
    grid: GRID,
    sources: () => [...relays, byRpc],
    verifier: createLandVerifier(keccak),
    store,
    timers,
  })
  const owners = () => {
    const { land } = service.state.value
    return land.kind === 'none' ? [] : [2, 3].map((id) => readParcel(land.table, id)?.owner)
  }
  const transfer = () => {
    chain.mine([[GRID, landAccount(AFTER)]], [transferLog(BOB, 2), transferLog(CAROL, 3)])
  }
  return { chain, nodes, service, store, owners, transfer, timers, reader, calls: fetch.calls }
}

const keptLand = (table: LandTable): StoredLand => ({
  root: hexOf(landRoot(keccak, table)),
  table,
  block: 1,
  blockTime: 1_750_000_001,
})

describe('[CH14] the land', () => {
  it('comes from a relay in bulk, and is proved against the header', async () => {
    const { service, owners } = setUp({ relays: [relayOf('relay', [BEFORE])] })
    await service.refresh()
    expect(service.state.value).toMatchObject({
      land: { kind: 'proven', block: 1 },
      source: 'relay',
      refusals: [],
      failure: undefined,
    })
    expect(owners()).toEqual([ALICE, BOB].map(addressOf))
  })

  it('is read from the chain word by word when nobody has it', async () => {
    const { service, owners } = setUp({ relays: [relayOf('relay', [])] })
    await service.refresh()
    expect(service.state.value).toMatchObject({
      land: { kind: 'proven' },
      source: 'node',
      refusals: [{ source: 'relay', code: 'LAND_UNAVAILABLE' }],
    })
    expect(owners()).toEqual([ALICE, BOB].map(addressOf))
  })

  it('is asked of another when a relay does not end its answer', async () => {
    const silent = relayLandSource(
      new URL('http://relay/'),
      (_, init) =>
        new Promise((_, reject) => {
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
        }),
      1,
    )
    const endless = relayLandSource(
      new URL('http://slow/'),
      async (_, init) =>
        new Response(
          new ReadableStream({
            start: (body) => init?.signal?.addEventListener('abort', () => body.error(init.signal?.reason)),
          }),
        ),
      1,
    )
    const { service, owners } = setUp({ relays: [silent, endless, relayOf('other', [BEFORE])] })
    await service.refresh()
    const message = expect.stringMatching(/it took more than 0.001 s/)
    expect(service.state.value).toMatchObject({
      land: { kind: 'proven' },
      source: 'other',
      refusals: [
        { source: 'relay', code: 'LAND_UNAVAILABLE', message },
        { source: 'slow', code: 'LAND_UNAVAILABLE', message },
      ],
    })
    expect(owners()).toEqual([ALICE, BOB].map(addressOf))
  })

  it('with one transfer left out is found out, named and replaced', async () => {
    const stale = relayOf('liar', [AFTER], (bytes) => bytes)
    const { service, owners, transfer } = setUp({
      relays: [
        // it answers with the land from before the transfers
        {
          name: 'liar',
          offer: async (wish, signal) =>
            relayOf('liar', [BEFORE]).offer(
              { ...wish, root: keptLand(BEFORE).root, base: undefined },
              signal,
            ),
        },
        stale,
      ],
    })
    transfer()
    await service.refresh()
    expect(service.state.value).toMatchObject({
      land: { kind: 'proven', block: 2 },
      source: 'liar',
      refusals: [{ source: 'liar', code: 'SNAPSHOT_FORGED' }],
    })
    expect(owners()).toEqual([BOB, CAROL].map(addressOf))
  })

  it('with any byte forged is found out', async () => {
    for (const at of [110, 120, 130]) {
      const liar = relayOf('liar', [BEFORE], (bytes) => bytes.with(at, bytes[at]! ^ 4))
      const { service, owners } = setUp({ relays: [liar] })
      await service.refresh()
      expect(service.state.value.refusals).toMatchObject([
        { source: 'liar', code: expect.stringMatching(/^SNAPSHOT_(FORGED|INVALID)$/) },
      ])
      expect(owners()).toEqual([ALICE, BOB].map(addressOf))
    }
  })

  it('is brought up to date by what changed, and accepted when the trie is the new one', async () => {
    const relay = relayOf('relay', [BEFORE, AFTER])
    const asked: unknown[] = []
    const watching: LandSource = {
      name: 'relay',
      offer(wish, signal) {
        asked.push(wish.base?.block)
        return relay.offer(wish, signal)
      },
    }
    const { service, owners, transfer } = setUp({ relays: [watching] })
    await service.refresh()
    transfer()
    await service.refresh()
    expect(asked).toEqual([undefined, 1])
    expect(service.state.value).toMatchObject({ land: { kind: 'proven', block: 2 }, refusals: [] })
    expect(owners()).toEqual([BOB, CAROL].map(addressOf))
  })

  it('is brought up to date by events of the chain; when they hide one, all of it is read', async () => {
    for (const isHiding of [false, true]) {
      const { service, owners, chain } = setUp()
      await service.refresh()
      const logs = isHiding ? [transferLog(BOB, 2)] : [transferLog(BOB, 2), transferLog(CAROL, 3)]
      chain.mine([[GRID, landAccount(AFTER)]], [...logs, transferLog(ALICE, 1)])
      await service.refresh()
      expect(owners()).toEqual([BOB, CAROL].map(addressOf))
      expect(service.state.value.refusals).toHaveLength(isHiding ? 1 : 0)
    }
  })

  describe('where a chain keeps slots of zero', () => {
    const zeros = [
      // Alice's life, a place of old and the one below it, and a word that was read
      BigInt(hexOf(aliveSlotsOf(keccak, [fromHex(addressOf(ALICE))])[0]!)),
      cellSlot({ x: 200, y: -300 }).slot,
      cellSlot({ x: 200, y: -301 }).slot,
      9n,
    ]
    const { storage, ...account } = landAccount(AFTER)
    const kept = { ...account, storage: new Map([...zeros.map((slot) => [slot, 0n] as const), ...storage]) }
    const move = [200n, -300n].map((value) => wordBytes(BigInt.asUintN(256, value)))
    const logs = [
      transferLog(BOB, 2),
      transferLog(CAROL, 3),
      transferLog(BOB, 9),
      { ...transferLog(ALICE, 2), data: hexOf(concat(...move)) },
    ]
    /** After the changes, with what was kept before them or after. */
    async function open(before: StoredLand | undefined, forge?: Forge) {
      const opened = setUp(before === undefined ? {} : { kept: before })
      const { chain, nodes, service } = opened
      chain.mine([[GRID, { ...kept, keepsZeros: true }]], logs)
      nodes.node = { chain, ...(forge === undefined ? {} : { forge }) }
      await service.start()
      await service.refresh()
      service.stop()
      return opened
    }

    it('is proved all the same, warm and cold, and kept with them', async () => {
      for (const before of [keptLand(BEFORE), undefined]) {
        const { service, owners, store } = await open(before)
        expect(service.state.value).toMatchObject({ land: { kind: 'proven', block: 2 }, refusals: [] })
        expect(owners()).toEqual([BOB, CAROL].map(addressOf))
        expect(store.kept?.table.zeros).toHaveLength(32 * zeros.length)
        const later = await open(store.kept)
        expect(later.service.state.value).toMatchObject({ land: { kind: 'proven' }, source: undefined })
      }
    })

    it.each<[string, Forge]>([
      [
        'hides them',
        (method, result) =>
          method === 'eth_getProof'
            ? {
                ...(result as object),
                storageProof: (result as { storageProof: object[] }).storageProof.map((one) => ({
                  ...one,
                  proof: [],
                })),
              }
            : result,
      ],
      [
        'alters an owner',
        (method, result) => (method === 'eth_call' ? (result as string).replace('b0b', 'b0c') : result),
      ],
    ])('is not believed of a node that %s', async (_, forge) => {
      const { service, owners } = await open(keptLand(BEFORE), forge)
      expect(service.state.value).toMatchObject({
        land: { kind: 'cached', block: 1 },
        failure: { code: 'LAND_UNAVAILABLE' },
        refusals: [{ code: 'SNAPSHOT_FORGED' }, { code: 'SNAPSHOT_FORGED' }],
      })
      expect(owners()).toEqual([ALICE, BOB].map(addressOf))
    })
  })

  it('that did not change is confirmed without being fetched', async () => {
    const { service, chain, calls } = setUp()
    await service.refresh()
    chain.mine()
    const before = calls.get('node')!
    await service.refresh()
    // the header and the proof
    expect(calls.get('node')! - before).toBe(2)
    expect(service.state.value.land).toMatchObject({ kind: 'proven', block: 2 })
  })
})

describe('[CH14] [CH15] the kept land', () => {
  it('is shown at once, marked as cached until it is confirmed', async () => {
    const { service, owners } = setUp({ kept: keptLand(BEFORE) })
    await service.start()
    expect(service.state.value.land).toMatchObject({ kind: 'cached', block: 1, blockTime: 1_750_000_001 })
    expect(owners()).toEqual([ALICE, BOB].map(addressOf))
    await service.refresh()
    expect(service.state.value.land).toMatchObject({ kind: 'proven' })
    service.stop()
  })

  it('stays, with its age, when nobody can be reached', async () => {
    const { service, nodes, owners } = setUp({ kept: keptLand(BEFORE) })
    nodes.node!.down = true
    await service.start()
    await service.refresh()
    expect(service.state.value).toMatchObject({
      land: { kind: 'cached', blockTime: 1_750_000_001 },
      failure: { code: 'RPC_UNREACHABLE' },
    })
    expect(owners()).toEqual([ALICE, BOB].map(addressOf))
    service.stop()
  })

  it('is done without where nothing can be kept', async () => {
    const { service, store, owners } = setUp()
    const refuse = () => Promise.reject(new DOMException('no storage', 'QuotaExceededError'))
    Object.assign(store, { get: refuse, put: refuse })
    await service.start()
    await service.refresh()
    expect(service.state.value).toMatchObject({ land: { kind: 'proven' }, failure: undefined })
    expect(owners()).toEqual([ALICE, BOB].map(addressOf))
    service.stop()
  })

  it('that somebody altered is not confirmed by what is written beside it', async () => {
    const altered = { ...keptLand(BEFORE), table: AFTER }
    const { service, owners } = setUp({ kept: altered })
    await service.start()
    await service.refresh()
    expect(owners()).toEqual([ALICE, BOB].map(addressOf))
    service.stop()
  })

  it('is looked at again and again, until the end', async () => {
    const { service, chain, timers, reader } = setUp()
    await service.start()
    await service.refresh()
    chain.mine()
    timers.advance(10_000)
    await service.refresh()
    expect(reader.state.value.accepted?.number).toBe(2)
    service.stop()
    expect(timers.pending).toBe(0)
  })
})
