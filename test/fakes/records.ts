import { type ReadonlySignal, signal } from '@preact/signals'
import { createRecords, type Records } from '#api/records.ts'
import { toHex } from '#core/bytes.ts'
import { parseDigest, textCid } from '#core/cid.ts'
import { sha256 } from '#core/hash.ts'
import type { Identity } from '#core/identity.ts'
import { machineOf } from '#core/machine.ts'
import type { ParcelPlaces } from '#core/plots.ts'
import { createGraphService } from '#graph/graph-service.ts'
import type { GraphService } from '#graph/graph-types.ts'
import { createTsKernel } from '#graph/rank-reference.ts'
import { createPlacementService, type PlacementService } from '#objects/placement-service.ts'
import { SYNC_INTERVAL_MS } from '#peer/protocols/sync-loop.ts'
import { fakeIdentity, TEST_NOW } from './identity.ts'
import { createMemoryRecordStore, type MemoryRecordStore } from './memory-record-store.ts'
import type { FakeNetwork } from './network.ts'
import { createFakeTimers, type FakeTimers } from './timers.ts'

/** A peer without libp2p: services, sync and states over the fake network. */
export interface FakePeer {
  readonly id: string
  readonly identity: Identity
  readonly records: Records
  readonly graph: GraphService
  readonly placements: PlacementService
  readonly store: MemoryRecordStore
  readonly timers: FakeTimers
  readonly misbehaved: readonly { readonly peer: string; readonly error: unknown }[]
  readonly warnings: readonly unknown[]
  link(from: string, to: string): Promise<void>
}

export interface FakePeerInit {
  readonly id: string
  readonly network: FakeNetwork
  readonly device: number
  readonly store?: MemoryRecordStore
  /** where parcels lie by the chain */
  readonly places?: ReadonlySignal<ParcelPlaces | undefined>
}

export async function createFakePeer({
  id,
  network,
  device,
  store = createMemoryRecordStore(),
  places,
}: FakePeerInit) {
  const machine = machineOf('test')
  const timers = createFakeTimers()
  const now = (): number => TEST_NOW + timers.elapsedMs
  const graph = createGraphService({ machine, store, kernel: createTsKernel, timers, now })
  const warnings: unknown[] = []
  const placements = createPlacementService({
    machine,
    store,
    now,
    onFailure: (error) => warnings.push(error),
  })
  const identity = await fakeIdentity(device)
  const misbehaved: { peer: string; error: unknown }[] = []
  const wallet = { address: `0x${toHex(identity.neuron)}`, device: '', burner: true, sealed: false }
  const records = createRecords({
    network: 'test',
    transport: network.add(id),
    store,
    graph,
    placements,
    identity: { get: async () => identity, state: signal(wallet) },
    ...(places === undefined ? {} : { places }),
    timers,
    now,
    onMisbehaviour: (peer, error) => misbehaved.push({ peer, error }),
    onWarning: (error) => warnings.push(error),
  })
  const peer: FakePeer = {
    id,
    identity,
    records,
    graph,
    placements,
    store,
    timers,
    misbehaved,
    warnings,
    async link(from, to) {
      await records.link([[parseDigest(textCid(from)), parseDigest(textCid(to))]])
    },
  }
  return peer
}

/** Peers p0, p1 and so on, started. */
export async function createPeers(network: FakeNetwork, count: number): Promise<readonly FakePeer[]> {
  const peers = await Promise.all(
    Array.from({ length: count }, (_, i) => createFakePeer({ id: `p${i}`, network, device: i + 1 })),
  )
  for (const peer of peers) await peer.records.start()
  return peers
}

/** What a tab holds, as far as it must equal every other's. */
export async function fingerprint({ graph, records, placements }: FakePeer): Promise<unknown> {
  const { ranksSha256, links } = await graph.compute()
  return {
    ranksSha256,
    links,
    builds: [...records.land.value.builds.values()].map(({ parcel, root }) => `${parcel} ${root}`).sort(),
    digests: toHex(sha256(await placements.digests())),
  }
}

/** Lets every peer pull from each neighbour in turn. */
export async function syncAll(
  network: FakeNetwork,
  peers: readonly FakePeer[],
  rounds: number,
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (const { timers } of peers) timers.advance(SYNC_INTERVAL_MS)
    await network.settle()
    await network.deliverAll()
  }
}
