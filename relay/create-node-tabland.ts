import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createTabland } from '#api/create-tabland.ts'
import { createIdentityHolder } from '#api/identity-holder.ts'
import { createMachineState } from '#api/lazy-machine.ts'
import { createFilesState } from '#api/lazy-objects.ts'
import { createMachineCommands } from '#api/machine-commands.ts'
import type { NetworkMode } from '#api/network-types.ts'
import { openObjects, type PeerObjects } from '#api/open-objects.ts'
import type { SeedersWorld } from '#api/open-seeder.ts'
import type { Publisher } from '#api/publisher.ts'
import { createRecords } from '#api/records.ts'
import { seededContent } from '#api/seeded-content.ts'
import type { Seeder } from '#api/seeder-types.ts'
import { watchStorage } from '#api/storage-state.ts'
import type { Tabland } from '#api/types.ts'
import { openProfileIdentity } from '#chain/profile-identity.ts'
import { ByteReader, type Bytes, concat, equalBytes, toHex } from '#core/bytes.ts'
import { type Digest, parseDigest } from '#core/cid.ts'
import { unpackEnvelopes } from '#core/envelope.ts'
import { isAppError } from '#core/errors.ts'
import { machineOf } from '#core/machine.ts'
import { type NetworkName, type Protocols, protocolsOf } from '#core/network.ts'
import type { RecordStore } from '#core/record-store.ts'
import { createGraphService } from '#graph/graph-service.ts'
import type { GraphService } from '#graph/graph-types.ts'
import type { FeedHead } from '#graph/link-log.ts'
import { machineOfGenesis, parseGenesis } from '#graph/machine/genesis.ts'
import { createPlacementService } from '#objects/placement-service.ts'
import { type Content, createContent } from '#peer/content.ts'
import { createPeerCopies } from '#peer/copies.ts'
import { createPeerNode } from '#peer/create-peer-node.ts'
import { createDagFetcher } from '#peer/dag-fetcher.ts'
import type { CheckedAnswer } from '#peer/protocols/answers.ts'
import { encodeHeads } from '#peer/protocols/links-sync.ts'
import { createServedMeter } from '#peer/served-meter.ts'
import { systemTimers } from '#peer/system-timers.ts'
import type { PeerNode } from '#peer/types.ts'
import { MemoryRecordStore } from '#seed/memory-record-store.ts'
import { createPause } from '#wasm/bindings/pause.ts'
import { openFileRecordStore } from './file-record-store.ts'
import { createNodeKernels } from './kernels.ts'
import { openNodeStakes, withEndpoints } from './machine-stakes.ts'
import { findRelay, unreachable, untilSynced } from './node-join.ts'
import {
  askPeers,
  createPeerSource,
  type NodeMachine,
  openNodeMachine,
  type PeerSyncInit,
  syncFromPeers,
} from './node-machine.ts'
import { createFileWalletStore, openFileDeviceKey } from './node-profile.ts'
import { type NodeSeeder, openNodeSeeder } from './node-seeder.ts'
import { tellWaiting } from './tell-waiting.ts'

/** The relay pulls within a second of hearing of a link; it may be busy with others. */
const HAND_OVER_TIMEOUT_MS = 20_000
const HAND_OVER_POLL_MS = 250

export interface NodeTablandInit {
  /** address of a relay's page, or a multiaddr that ends in its peer id */
  readonly relay: string
  /** keys, records and blocks */
  readonly profileDir: string
  /** [NE6] `relayed`: dials nobody but this relay @default 'direct' */
  readonly mode?: NetworkMode
  /** endpoints of the relay's chain, beside those that it tells of @default none */
  readonly rpc?: readonly string[]
  readonly signal: AbortSignal
  /** one line for each thing that went wrong and was gone around, or is waited for */
  readonly warn: (line: string) => void
}

export interface NodeTabland {
  readonly tabland: Tabland
  readonly content: Content
  /** Stores a content and keeps it as published. */
  readonly add: Seeder['add']
  readonly objects: PeerObjects
  /** The same of a folder's files, whose paths are normalised. */
  readonly addFolder: Seeder['addFolder']
  readonly publish: Publisher['publish']
  /** Resolves when the links and texts of a peer are here; rejects with RELAY_UNREACHABLE after SYNC_TIMEOUT_MS. */
  synced(): Promise<void>
  /**
   * The machine whose blocks the relay makes, as the profile keeps it, brought up to the last block of the peers that are
   * connected; undefined when the relay makes none. The caller closes it.
   */
  openMachine(onProgress: PeerSyncInit['onProgress']): Promise<NodeMachine | undefined>
  /** What a particle links to, proven by the relay's machine; undefined when nobody has it. @throws GENESIS_INVALID */
  askMachine(from: Digest): Promise<CheckedAnswer | undefined>
  /** Resolves when a connected peer holds every link of this profile and knows the texts `cids`. */
  handedOver(cids: readonly string[]): Promise<void>
  stop(): Promise<void>
}

/**
 * A peer in Node.js with the same commands as a tab, without the world. While another process uses the profile
 * it works from memory: it reads everything from peers, and signs nothing.
 *
 * @throws RELAY_UNREACHABLE when nothing answers at the relay's address
 */
export async function createNodeTabland(init: NodeTablandInit): Promise<NodeTabland> {
  const { profileDir, mode = 'direct', signal, warn } = init
  const relay = await findRelay({ relay: init.relay, signal, tell: warn })
  const { network } = relay
  const machine = machineOf(network)
  const chain = withEndpoints(relay.chain, init.rpc)
  let world: SeedersWorld | undefined
  const profile = await openStores(init, network, () => world)
  const { store, inMemory, seeding } = profile
  const { seeder, blocks } = seeding
  const notAskedAgain = (peer: string, error: unknown) =>
    warn(`${peer} is not asked again: ${(error as Error).message}`)
  const node = await createPeerNode({
    network,
    kind: 'node',
    mode,
    blockstore: seeder.blockstore,
    relays: relay.addresses,
    toldRelays: relay.relays,
    stunUrls: [],
    onMisbehaviour: notAskedAgain,
  })
  const provide = (cid: string) => node.provide(cid)
  const content = createContent({ helia: node.helia, exchange: node.blocks.exchange, provide })
  const readContent = seededContent(content, seeder)
  const storage = watchStorage({
    kind: seeding.kind,
    stats: () => blocks.stats(),
    content,
    served: createServedMeter(node.blocks),
    timers: systemTimers,
  })
  const graph = createGraphService({
    machine,
    store,
    timers: systemTimers,
    now: Date.now,
    ...createNodeKernels(warn),
    pause: createPause(),
  })
  const placements = createPlacementService({
    machine,
    store,
    now: Date.now,
    onFailure: (error) => warn((error as Error).message),
  })
  const identity = createIdentityHolder(async () =>
    openProfileIdentity({
      device: await openFileDeviceKey(profileDir),
      store: createFileWalletStore(profileDir),
      machine,
      machineHex: toHex(machine),
      now: Date.now,
    }),
  )
  const copies = createPeerCopies(node, {
    device: () => openFileDeviceKey(profileDir),
    identity: () => identity.get(),
    onMisbehaviour: notAskedAgain,
  })
  const files = createFilesState()
  const objects = openObjects(node, {
    records: store,
    services: { graph, placements },
    seeder,
    content: readContent,
    identity,
    files,
    onMisbehaviour: notAskedAgain,
    onFailure: (error) => warn((error as Error).message),
  })
  const records = createRecords({
    network,
    transport: node.transport,
    store,
    graph,
    placements,
    ...(inMemory ? {} : { identity }),
    onMisbehaviour: notAskedAgain,
  })
  await records.start()
  const started = node.start()
  started.catch((error: unknown) => warn((error as Error).message))
  world = { graph, land: records.land, wallet: identity.state, position: () => undefined }
  seeder.join({
    state: node.state,
    content,
    traffic: node.blocks,
    caps: node.blocks,
    fetcher: createDagFetcher({ blockstore: node.helia.blockstore, exchange: node.blocks.exchange }),
    copies,
    provide,
    onConnect: (listener) => node.transport.neighbours.onConnect(listener),
  })
  copies.onWish(seeder.decideKeep)
  const machineState = createMachineState()

  return {
    content,
    add: (source, options) => seeder.add(source, options),
    objects,
    addFolder: (files, options) => seeder.addFolder(files, options),
    publish: (source, options) => objects.publisher.publish(source, options),
    tabland: createTabland({
      node,
      content: readContent,
      graph,
      records,
      identity,
      storage: storage.state,
      seeder,
      files,
      objects: objects.commands,
      machine: createMachineCommands({
        ...{ network, store: undefined, told: relay.genesis, state: machineState },
        backlinks: (cid, limit) => graph.backlinks(cid, { limit }),
        neuron: async () => (await identity.get()).neuron,
        ...{ transport: node.transport, timers: systemTimers, now: Date.now },
        kindOf: (peer) => node.state.peek().peers.find(({ peerId }) => peerId === peer)?.kind ?? 'node',
        onMisbehaviour: notAskedAgain,
        openStakes: (stakes) => openNodeStakes(stakes, chain, warn),
      }),
      machineState,
      setMode: async () => false,
    }),
    synced: () => untilSynced(records.synced(), node, { signal, relay: init.relay, tell: warn }),
    async openMachine(onProgress) {
      if (relay.genesis === undefined) return undefined
      const genesis = parseGenesis(relay.genesis)
      const peers = { transport: node.transport, protocol: protocolsOf(network).blocks, signal }
      const id = machineOfGenesis(genesis)
      const folder = join(profileDir, network, 'machines', toHex(id).slice(0, 16))
      const stakes = await openNodeStakes(genesis.stakes, chain, warn)
      const source = createPeerSource(id, peers)
      const opened = await openNodeMachine({ genesis, stakes, folder, source, warn })
      await syncFromPeers(opened, { ...peers, onProgress, warn })
      return opened
    },
    async askMachine(from) {
      if (relay.genesis === undefined) return undefined
      const genesis = parseGenesis(relay.genesis)
      const { answers: protocol } = protocolsOf(network)
      const stakes = await openNodeStakes(genesis.stakes, chain, warn)
      return askPeers(from, { genesis, stakes, transport: node.transport, protocol, signal, warn })
    },
    async handedOver(cids) {
      const { device } = await identity.get()
      const protocols = protocolsOf(network)
      const handOver = { cids, node, graph, device: device.publicKey, protocols, signal, relay: init.relay }
      await tellWaiting(waitUntilHeld(handOver), {
        timers: systemTimers,
        tell: warn,
        describe: () => 'Waiting for a peer to take over what was signed.',
      })
    },
    async stop() {
      storage.stop()
      copies.stop()
      await objects.stop()
      await records.stop()
      await seeder.stop()
      await node.stop()
      await profile.close()
    },
  }
}

interface Stores {
  readonly store: RecordStore
  /** another process uses the profile */
  readonly inMemory: boolean
  readonly seeding: NodeSeeder
  close(): Promise<void>
}

async function openStores(
  { profileDir, warn }: Pick<NodeTablandInit, 'profileDir' | 'warn'>,
  network: NetworkName,
  world: () => SeedersWorld | undefined,
): Promise<Stores> {
  const open = async (store: RecordStore, inMemory: boolean): Promise<Stores> => {
    try {
      const seeding = await openNodeSeeder({ profileDir, inMemory, world, warn })
      return {
        store,
        inMemory,
        seeding,
        async close() {
          await seeding.close()
          await store.close()
        },
      }
    } catch (error) {
      await store.close()
      throw error
    }
  }
  try {
    return await open(await openFileRecordStore({ folder: join(profileDir, network, 'records') }), false)
  } catch (error) {
    if (!isAppError(error, 'STORE_FOLDER_LOCKED')) throw error
    warn('Another tabland process uses this profile: this one reads from peers and signs nothing.')
    return open(new MemoryRecordStore(), true)
  }
}

interface HandOver {
  /** texts that the peer must know */
  readonly cids: readonly string[]
  readonly node: PeerNode
  readonly graph: Pick<GraphService, 'heads'>
  /** of the feed whose links the peer must hold */
  readonly device: Bytes
  readonly protocols: Pick<Protocols, 'texts' | 'linksSync'>
  readonly signal: AbortSignal
  readonly relay: string
}

async function waitUntilHeld(init: HandOver): Promise<void> {
  const { node, signal, relay } = init
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(HAND_OVER_TIMEOUT_MS)])
  const holds = async (peer: string) =>
    (await holdsFeed(init, peer, deadline)) && knowsTexts(init, peer, deadline)
  while (!deadline.aborted) {
    for (const peer of node.transport.neighbours.connected()) {
      if (await holds(peer).catch(() => false)) return
    }
    await setTimeout(HAND_OVER_POLL_MS, undefined, { signal: deadline }).catch(() => {})
  }
  signal.throwIfAborted()
  throw unreachable(relay, node.state.peek())
}

async function knowsTexts(
  { cids, node, protocols }: HandOver,
  peer: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (cids.length === 0) return true
  const request = concat(...cids.map(parseDigest))
  let texts = 0
  for await (const frame of node.transport.requests.request(peer, protocols.texts, request, { signal })) {
    texts += unpackEnvelopes(frame).length
  }
  return texts === cids.length
}

/** A peer that is told nothing of our feed offers all of it that it has: that is how much it holds. */
async function holdsFeed(
  { node, graph, device, protocols }: HandOver,
  peer: string,
  signal: AbortSignal,
): Promise<boolean> {
  const offered = async (heads: readonly FeedHead[]): Promise<number> => {
    const frames = node.transport.requests.request(peer, protocols.linksSync, encodeHeads(heads), { signal })
    for await (const frame of frames) return new ByteReader(frame).u32('total')
    return 0
  }
  const heads = await graph.heads()
  const own = heads.find((head) => equalBytes(head.device, device))
  const others = heads.filter((head) => head !== own)
  return (await offered(others)) - (await offered(heads)) >= (own?.next ?? 0)
}
