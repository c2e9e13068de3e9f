import { computed, type ReadonlySignal, signal } from '@preact/signals'
import type { Bytes } from '#core/bytes.ts'
import type { Digest } from '#core/cid.ts'
import { AppError } from '#core/errors.ts'
import { cellOf } from '#core/land.ts'
import { machineOf } from '#core/machine.ts'
import { type NetworkName, protocolsOf } from '#core/network.ts'
import { BIRTH_PLACES, type ParcelPlaces } from '#core/plots.ts'
import type { RecordStore } from '#core/record-store.ts'
import type { Timers } from '#core/timers.ts'
import type { Transport } from '#core/transport.ts'
import { type GraphService, type GraphStatus, NO_STATUS } from '#graph/graph-types.ts'
import { linkError } from '#graph/link-errors.ts'
import type { ObjectId } from '#objects/object-id.ts'
import type { Build, BuildChange, PlacementService } from '#objects/placement-service.ts'
import type { SignNextPlacement } from '#objects/sign-next-placement.ts'
import { createLinksSync, type SyncProgress } from '#peer/protocols/links-sync.ts'
import { createPlacementsSync } from '#peer/protocols/placements-sync.ts'
import { createSyncLoop } from '#peer/protocols/sync-loop.ts'
import { createTexts } from '#peer/protocols/texts.ts'
import { systemTimers } from '#peer/system-timers.ts'
import type { IdentityHolder } from './identity-holder.ts'
import { placeBuilds, standOn } from './place-builds.ts'
import type { GraphState } from './search-types.ts'
import type { Failure, LandState, ModelPlacement, ParcelBuild } from './types.ts'

export type RecordsErrorCode = 'IDENTITY_NONE' | 'PLACEMENT_LOST'

export interface RecordsComponents {
  readonly network: NetworkName
  readonly transport: Transport
  /** the profile's own: the same that graph and placements keep their records in */
  readonly store: RecordStore
  readonly graph: GraphService
  readonly placements: PlacementService
  /** absent in a relay, which signs nothing */
  readonly identity?: Pick<IdentityHolder, 'get' | 'state'>
  /** where parcels lie by the chain; undefined while that is not known @default where they were born */
  readonly places?: ReadonlySignal<ParcelPlaces | undefined>
  /** @default real time */
  readonly timers?: Timers
  /** unix ms @default Date.now */
  readonly now?: () => number
  /** a peer sent what cannot be true and is not asked again */
  readonly onMisbehaviour?: (peer: string, error: unknown) => void
  /** a pull or a publication that failed and is tried again by the next one */
  readonly onWarning?: (error: unknown) => void
}

export type NewPlacement =
  | { readonly parcel: number; readonly root: string; readonly placement: ModelPlacement }
  | { readonly parcel: number; readonly root: undefined }

/** Links and placements of this peer: signed here, gossiped, kept, pulled from others. */
export interface Records {
  readonly graph: ReadonlySignal<GraphState>
  readonly land: ReadonlySignal<LandState>
  /** Pulls begin at once; resolves when what the profile kept is read. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Resolves when everything that some peer has of links and texts was pulled once. */
  synced(): Promise<void>
  /**
   * Resolves when the links are durable here; they are published then.
   *
   * @returns ids of their LinkBatch objects
   * @throws IDENTITY_NONE, FEED_FORKED, LINKS_SELF
   */
  link(links: readonly (readonly [from: Digest, to: Digest])[]): Promise<readonly ObjectId[]>
  /** Signs what stands on a parcel from now on. @throws IDENTITY_NONE, PLACEMENT_POSE, PLACEMENT_LOST */
  place(placement: Extract<NewPlacement, { root: string }>): Promise<ParcelBuild>
  /** Clears the parcel. */
  place(placement: Extract<NewPlacement, { root: undefined }>): Promise<undefined>
}

/** A record that comes between reading the parcel's last one and signing ours is followed by a second try. */
const PLACE_ATTEMPTS = 4

export function createRecords(components: RecordsComponents): Records {
  const { network, transport, store, graph, placements, identity, onMisbehaviour, onWarning } = components
  const { timers = systemTimers, now = Date.now } = components
  const protocols = protocolsOf(network)
  const machine = machineOf(network)
  const states = createStates(identity, components.places)
  const synced = Promise.withResolvers<void>()

  const links = createLinksSync({
    transport,
    protocols,
    graph,
    timers,
    onNews: (peer) => graphLoop.request(peer, 'news'),
    onGap: (peer) => graphLoop.request(peer, 'all'),
    onProgress: states.setSync,
  })
  const parcels = createPlacementsSync({ transport, protocols, placements, timers })
  const texts = createTexts({ requests: transport.requests, protocols, graph, timers })
  const report = {
    neighbours: transport.neighbours,
    timers,
    onMisbehaviour: (peer: string, error: unknown) => onMisbehaviour?.(peer, error),
    onFailure: (_: string, error: unknown) => onWarning?.(error),
  }
  const graphLoop = createSyncLoop({
    ...report,
    async pull(peer, abort, part) {
      if (part === 'all') await links.pull(peer, abort)
      await texts.pull(peer, abort)
      if (part === 'all') synced.resolve()
    },
  })
  const landLoop = createSyncLoop({ ...report, pull: (peer, abort) => parcels.pull(peer, abort) })

  async function getIdentity() {
    if (identity !== undefined) return identity.get()
    throw recordsError(
      'IDENTITY_NONE',
      'This peer has no wallet and signs nothing. Link and build from a tab.',
    )
  }

  /** What gossip does not reach, pulls will: nobody need be there yet. */
  async function publish(envelope: Bytes, to: { publish(envelope: Bytes): Promise<void> }): Promise<void> {
    try {
      await to.publish(envelope)
    } catch (error) {
      onWarning?.(error)
    }
  }

  /** Signs until the record stands: others' records of the parcel may come in between. */
  async function signWinner(fields: SignNextPlacement): Promise<Bytes> {
    const { signNextPlacement } = await import('#objects/sign-next-placement.ts')
    for (let attempt = 0; attempt < PLACE_ATTEMPTS; attempt++) {
      const { envelope } = await signNextPlacement(placements, fields)
      const [result] = await placements.ingest([envelope])
      if (result?.failure !== undefined) throw new AppError(result.failure.code, result.failure.message)
      if (result?.status === 'new') return envelope
    }
    throw lostError(fields.parcel)
  }

  async function place(placement: NewPlacement): Promise<ParcelBuild | undefined> {
    const { parcel, root } = placement
    const own = { machine, identity: await getIdentity(), parcel, root }
    const pose = root === undefined ? {} : { pose: placement.placement }
    const envelope = await signWinner({ ...own, ...pose })
    await publish(envelope, parcels)
    return states.standing(parcel)
  }

  /** What the profile kept is read before anything is pulled. */
  async function startGraph(): Promise<void> {
    await graph.watch(states.setStatus)
    for (const part of [links, texts]) part.start()
    await graph.load()
    graphLoop.start()
  }

  /** The same for the other half, which neither waits for the first nor fails with it. */
  async function startLand(): Promise<void> {
    await placements.watch(states.changeBuilds)
    parcels.start()
    await placements.load()
    landLoop.start()
  }

  return {
    graph: states.graph,
    land: states.land,
    async start() {
      const halves = await Promise.allSettled([startGraph(), startLand()])
      for (const half of halves) if (half.status === 'rejected') throw half.reason
    },
    async stop() {
      await Promise.all([landLoop.stop(), graphLoop.stop()])
      for (const part of [links, parcels, texts]) part.stop()
      await graph.stop()
    },
    synced: () => synced.promise,
    async link(pairs) {
      const own = { store, identity: await getIdentity(), machine, now }
      const { appendLinks, objectIdsOf } = await import('#graph/own-feed.ts')
      const batches = await appendLinks(
        own,
        pairs.map(([from, to]) => ({ from, to })),
      )
      const results = await graph.ingest(batches.map(({ envelope }) => envelope))
      const failure = results.find(({ status }) => status !== 'new' && status !== 'have')?.failure
      if (failure !== undefined) throw linkError(failure.code, failure.message)
      for (const { envelope } of batches) await publish(envelope, links)
      return objectIdsOf(batches)
    },
    place: place as Records['place'], // its two forms differ by `root` alone, which one body serves
  }
}

function recordsError(code: RecordsErrorCode, message: string): AppError<RecordsErrorCode> {
  return new AppError(code, message)
}

function lostError(parcel: number): AppError<RecordsErrorCode> {
  return recordsError(
    'PLACEMENT_LOST',
    `Somebody placed something on parcel ${parcel} at the same moment and theirs stands. Look at it and try again.`,
  )
}

/** The states that the page reads, made of what the services report. */
function createStates(identity: RecordsComponents['identity'], places: RecordsComponents['places']) {
  const status = signal<GraphStatus>(NO_STATUS)
  const sync = signal<SyncProgress | undefined>(undefined)
  const kept = signal<OwnedBuilds>({ own: undefined, builds: new Map() })
  /** by serial, wherever the parcels lie */
  const owned = computed(() => ownedBy(identity?.state.value?.address.toLowerCase(), kept.value))
  const land = computed<LandState>(() => {
    const known = places?.value
    if (known === undefined) return { builds: owned.value }
    return { builds: placeBuilds(owned.value, known), places: known }
  })
  const waiting = new Map<number, Build | undefined>()

  /** One new map for all changes of a turn; builds that did not change stay the objects that they are. */
  function applyBuilds(): void {
    const own = identity?.state.peek()?.address.toLowerCase()
    const builds = new Map(owned.peek())
    for (const [parcel, build] of waiting) {
      if (build === undefined) builds.delete(parcel)
      else builds.set(parcel, toParcelBuild(parcel, build, own))
    }
    waiting.clear()
    kept.value = { own, builds }
  }

  return {
    graph: computed<GraphState>(() => toGraphState(status.value, sync.value)),
    land,
    /** What stands on the parcel of a serial, where it lies as far as that is known. */
    standing(serial: number): ParcelBuild | undefined {
      const build = owned.value.get(serial)
      const cell = (land.value.places ?? BIRTH_PLACES).cellOf(serial)
      return build === undefined || cell === undefined ? build : standOn(build, cell)
    },
    setStatus(value: GraphStatus) {
      status.value = value
    },
    setSync(value: SyncProgress | undefined) {
      sync.value = value
    },
    changeBuilds(changes: readonly BuildChange[]) {
      if (waiting.size === 0 && changes.length > 0) queueMicrotask(applyBuilds)
      for (const { parcel, build } of changes) waiting.set(parcel, build)
    },
  }
}

function toGraphState(status: GraphStatus, sync: SyncProgress | undefined): GraphState {
  const { particles, links, neurons, index, rank, failure, loading } = status
  const shown: Failure | undefined = failure
  const peers = sync === undefined ? undefined : ({ ...sync, source: 'peers' } as const)
  return {
    particles,
    links,
    neurons,
    index,
    rank,
    sync: loading === undefined ? peers : { ...loading, source: 'profile' },
    ...(shown === undefined ? {} : { failure: shown }),
  }
}

interface OwnedBuilds {
  /** address that `mine` was told by, in lower case */
  readonly own: string | undefined
  readonly builds: ReadonlyMap<number, ParcelBuild>
}

/** The builds with `mine` told by this address: anew only when the wallet is another one. */
function ownedBy(own: string | undefined, kept: OwnedBuilds): ReadonlyMap<number, ParcelBuild> {
  if (own === kept.own) return kept.builds
  return new Map(
    [...kept.builds].map(([parcel, build]) => [
      parcel,
      { ...build, mine: build.neuron.toLowerCase() === own },
    ]),
  )
}

function toParcelBuild(
  parcel: number,
  { root, pose, neuron, time, object }: Build,
  own: string | undefined,
): ParcelBuild {
  const mine = neuron.toLowerCase() === own
  const named = object === undefined ? {} : { object }
  return { parcel, cell: cellOf(parcel), root, placement: pose, neuron, time, mine, ...named }
}
