import { computed, signal } from '@preact/signals'
import type { ParcelToken } from '#api/access-types.ts'
import { besideBuilds } from '#api/beside-builds.ts'
import { createTabland } from '#api/create-tabland.ts'
import GraphWorker from '#api/graph.worker.ts?worker'
import { createGraphClient } from '#api/graph-client.ts'
import { lazyChainLand } from '#api/lazy-chain-land.ts'
import { lazyDistricts } from '#api/lazy-districts.ts'
import { createMachineState, lazyMachine } from '#api/lazy-machine.ts'
import { createFilesState, lazyObjects } from '#api/lazy-objects.ts'
import { lazyPlacements } from '#api/lazy-placements.ts'
import { lazyPurse } from '#api/lazy-purse.ts'
import type { MachineApi } from '#api/machine-types.ts'
import { openSeeder, type SeedersWorld } from '#api/open-seeder.ts'
import { createRecords } from '#api/records.ts'
import { seededContent } from '#api/seeded-content.ts'
import { watchStorage } from '#api/storage-state.ts'
import { blockstoreName, recordStoreName } from '#api/store-names.ts'
import { createTabChain } from '#api/tab-chain.ts'
import type { Failure, Tabland } from '#api/types.ts'
import { findChain, keepEndpoints } from '#chain/find-chain.ts'
import type { ChainFacts } from '#core/chain-facts.ts'
import { machineOf } from '#core/machine.ts'
import { createContent } from '#peer/content.ts'
import { createPeerCopies } from '#peer/copies.ts'
import { createPeerNode, loadWebRtc } from '#peer/create-peer-node.ts'
import { createDagFetcher } from '#peer/dag-fetcher.ts'
import { findRelays } from '#peer/find-relays.ts'
import { glanceAtGenesis } from '#peer/genesis-memory.ts'
import type { ModeMemory } from '#peer/mode-memory.ts'
import { createServedMeter } from '#peer/served-meter.ts'
import { systemTimers } from '#peer/system-timers.ts'
import { claimBrowserTabKey, createTabKey } from '#peer/tab-key.ts'
import TimerWorker from '#peer/timers.worker.ts?worker'
import { createWorkerTimers } from '#peer/worker-timers.ts'
import { createBlockstore } from '#seed/blockstore/create-blockstore.ts'
import { deferBlockstore } from '#seed/blockstore/defer-blockstore.ts'
import { createBrowserTabs } from '#seed/profile-tabs.ts'
import { createRecordStore } from '#seed/record-store.ts'
import { mayLeave } from '#ui/leave-guard.ts'
import { texts } from '#ui/texts.ts'
import { createTabIdentity } from './tab-identity.ts'

/** A relay that answers at all does so within a second; without it others are asked. */
const FACTS_TIMEOUT_MS = 5_000
/** Goodbyes and closing streams take a round trip; no switch waits longer for them. */
const STOP_TIMEOUT_MS = 2_000

/**
 * Builds the peer of this tab and starts to join; resolves as soon as its commands work, which is before anybody
 * was met. What fails for good rejects with a code and a sentence.
 */
export async function startTab(window: Window, modes: ModeMemory): Promise<Tabland> {
  const { location, document } = window
  const mode = modes.load()
  // createPeerNode asks again and tells of a failure; a private tab never has that code
  if (mode === 'direct') void loadWebRtc().catch(() => {})
  const tabKey = isFromDisk(location) ? createTabKey() : claimBrowserTabKey(mode)
  const timers = createWorkerTimers({
    start: () => new TimerWorker({ name: 'tabland-timers' }),
    fallback: systemTimers,
  })
  const { memory } = pageMemory()
  const found = await findRelays({
    location,
    baked: bakedIn(document, 'tabland-relay'),
    bakedNetwork: bakedIn(document, 'tabland-network')[0],
    store: memory,
    fetchFacts: (url) => fetch(url, { signal: AbortSignal.timeout(FACTS_TIMEOUT_MS) }),
  })
  const { network } = found
  const opening = createBlockstore({
    name: blockstoreName(network),
    onDamage: (cid) => void seeding.then((seeder) => seeder.damaged(cid)),
  })
  const opened = createRecordStore({ name: recordStoreName(network) })
  let world: SeedersWorld | undefined
  const seeding = Promise.all([opening, opened]).then(([blocks, { store }]) =>
    openSeeder({
      blocks,
      store,
      tabs: createBrowserTabs({ name: recordStoreName(network), tab: crypto.randomUUID(), document }),
      persistence: navigator.storage,
      timers,
      world: () => world,
      onFailure: (error) =>
        console.warn('Tabland: looking after what is kept failed; it is tried again.', error),
    }),
  )
  // the store's worker starts while the peer is built
  const node = await createPeerNode({
    network,
    kind: 'tab',
    mode,
    blockstore: deferBlockstore(seeding.then(({ blockstore }) => blockstore)),
    privateKey: (await tabKey).privateKey,
    relays: found.addresses,
    toldRelays: found.told,
    stunUrls: found.stunUrls,
    ...(memory === undefined ? {} : { memory }),
    timers,
    onMisbehaviour: notAskedAgain,
  })
  const [blocks, records, seeder] = await Promise.all([opening, opened, seeding])
  const provide = (cid: string) => node.provide(cid)
  const content = createContent({ helia: node.helia, exchange: node.blocks.exchange, provide })
  const readContent = seededContent(content, seeder)
  const storage = watchStorage({
    kind: blocks.kind,
    stats: () => blocks.stats(),
    content,
    served: createServedMeter(node.blocks),
    timers,
    ...(blocks.failure === undefined ? {} : { failure: failureOf(blocks.failure) }),
  })
  const graph = createGraphClient(new GraphWorker({ name: 'tabland-graph' }), {
    network,
    onNotDurable: (error) => storage.report(failureOf(error)),
  })
  const { facts: chainFacts, change } = findChain({ told: found.chain, network, store: memory })
  const chain = createTabChain(chainFacts, timers)
  const placements = lazyPlacements(
    import('#objects/placement-service.ts').then(({ createPlacementService }) =>
      createPlacementService({
        machine: machineOf(network),
        store: records.store,
        now: Date.now,
        onFailure: (error) => storage.report(failureOf(error)),
        ...(chain.mayBuild === undefined ? {} : { mayBuild: chain.mayBuild }),
      }),
    ),
  )
  const { identity, keyring, keys, device, openIdentity } = await createTabIdentity(
    network,
    isFromDisk(location),
  )
  const copies = createPeerCopies(node, { device, identity: openIdentity, onMisbehaviour: notAskedAgain })
  const purse = lazyPurse(async (state) =>
    (await import('#api/open-purse.ts')).openPurse({
      keys,
      identity,
      state,
      timers,
      announcements: window,
      findChain: chain.open,
      openStore: async () => {
        const { createBrowserTransactionStore } = await import('#chain/wallet/transaction-store.ts')
        return createBrowserTransactionStore()
      },
    }),
  )
  const tokens = signal<readonly ParcelToken[]>([])
  const openLand = async (facts: ChainFacts) => {
    const [{ startTabLand }, { followWalletPins }] = await Promise.all([
      import('#api/tab-land.ts'),
      import('#api/wallet-pins.ts'),
    ])
    const ofChain = await chain.open()
    const opened = await startTabLand({
      ...{ facts, reader: ofChain?.reader, page: location, network, transport: node.transport, timers },
      onChanged(parcels) {
        chain.forget(parcels ?? [])
        placements.recheck(parcels).catch((error: unknown) => storage.report(failureOf(error)))
      },
    })
    followWalletPins({
      ...{ chainLand: opened, purse, seeder, timers, wallet: identity.state, land: recordsOfTab.land },
      onFailure: (error) => storage.report(failureOf(error)),
    })
    if (ofChain !== undefined) {
      const position = () => world?.position()
      const following = {
        ...{ opened: ofChain, chainLand: opened, wallet: identity.state, purse, objects: objectCommands },
        ...{ document, position, tokens, timers },
      }
      void import('#api/follow-tokens.ts').then(
        ({ followTokens }) => followTokens(following),
        (error: unknown) => storage.report(failureOf(error)),
      )
    }
    return opened
  }
  const chainLand = lazyChainLand({
    load: chainFacts && (() => openLand(chainFacts)),
    keep: (urls) => keepEndpoints(memory, urls),
    changed: change && failureOf(change),
  })
  const recordsOfTab = createRecords({
    network,
    transport: node.transport,
    store: records.store,
    timers,
    graph,
    placements,
    identity,
    places: chainLand.places,
    onMisbehaviour: notAskedAgain,
  })
  void recordsOfTab.start().catch((error: unknown) => storage.report(failureOf(error)))
  void node.start()
  const files = createFilesState()
  const objects = import('#api/open-objects.ts').then(({ openObjects }) =>
    openObjects(node, {
      records: records.store,
      services: { graph, placements },
      seeder,
      content: readContent,
      identity,
      files,
      payments: chain.payments,
      timers,
      onMisbehaviour: notAskedAgain,
      onFailure: (error) => storage.report(failureOf(error)),
    }),
  )
  const objectCommands = lazyObjects(objects.then(({ commands }) => commands))
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
  if (found.failure !== undefined) console.warn(found.failure.message)
  const named = glanceAtGenesis(memory, network, found.genesis)
  const machineState = createMachineState(named.isNamed)
  const machine = lazyMachine(async () => {
    const { createMachineCommands } = await import('#api/machine-commands.ts')
    return createMachineCommands({
      network,
      store: memory,
      told: found.genesis,
      state: machineState,
      neuron: async () => (await identity.get()).neuron,
      backlinks: (cid, limit) => graph.backlinks(cid, { limit }),
      transport: node.transport,
      timers,
      now: Date.now,
      kindOf: (peer) => node.state.peek().peers.find(({ peerId }) => peerId === peer)?.kind ?? 'node',
      onMisbehaviour: notAskedAgain,
      openStakes: async (stakes) =>
        (await import('#api/tab-stakes.ts')).openTabStakes(stakes, chainFacts, await chain.open()),
    })
  })
  if (named.isNews) void pinMachine(machine)
  const openDistricts = async ({ chainId, contracts }: ChainFacts) => {
    const [{ openDistricts }, opened] = await Promise.all([import('#api/open-districts.ts'), chain.open()])
    return openDistricts({ reader: opened!.reader, address: contracts.districts!, chainId, memory })
  }
  const land = computed(() => {
    const known = recordsOfTab.land.value
    return { ...known, tokens: besideBuilds(tokens.value, known.builds) }
  })
  const tabland = createTabland({
    districts: lazyDistricts(land, chainFacts?.contracts.districts && (() => openDistricts(chainFacts))),
    chainLand,
    node,
    content: readContent,
    graph,
    records: recordsOfTab,
    identity,
    keyring,
    purse,
    storage: storage.state,
    seeder,
    files,
    objects: objectCommands,
    machine,
    machineState,
    setMode: async (next) => {
      if (next === mode || !mayLeave(window, texts.modeSwitch.draft)) return false
      modes.save(next)
      // connections are dropped first; a peer that hangs while it stops is dropped by the reload itself
      const late = new Promise((resolve) => timers.after(STOP_TIMEOUT_MS, () => resolve(undefined)))
      await Promise.race([Promise.allSettled([seeder.stop(), node.stop()]), late])
      location.reload()
      return true
    },
  })
  world = {
    graph,
    land: recordsOfTab.land,
    wallet: identity.state,
    position: () => tabland.world?.position.peek(),
  }
  return tabland
}

/** All pages from disk have one origin: each reads and writes what the others store. */
function isFromDisk({ protocol }: Location): boolean {
  return protocol === 'file:'
}

/** What the build of a page from disk wrote into its head. */
function bakedIn(document: Document, name: string): readonly string[] {
  const found = document.querySelectorAll<HTMLMetaElement>(`meta[name="${name}"]`)
  return [...found].map(({ content }) => content)
}

/** Where the last good relays are remembered; a browser that blocks storage throws at its very name. */
function pageMemory(): { readonly memory?: Storage } {
  try {
    return { memory: localStorage }
  } catch {
    return {}
  }
}

/**
 * The relay names a machine that this profile has not pinned: the first one is, as soon as the code for it is here;
 * another one is said at once, and counts for nothing.
 */
async function pinMachine(machine: MachineApi): Promise<void> {
  const { other, failure } = await machine.machine().catch(() => ({ other: undefined, failure: undefined }))
  if (failure !== undefined) console.warn(failure.message)
  if (other !== undefined)
    console.warn(
      `Tabland: the relay names another machine than this browser believes. It is not believed, until tabland.rank.trust('${other.id}').`,
    )
}

function notAskedAgain(peer: string, error: unknown): void {
  console.warn(`Tabland: ${peer} is not asked again.`, error)
}

function failureOf(error: unknown): Failure {
  const { code = 'UNKNOWN', message } = error as { readonly code?: string; readonly message: string }
  return { code, message }
}
