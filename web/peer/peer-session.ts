import type { Libp2p } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'
import { type ReadonlySignal, signal } from '@preact/signals'
import type { Helia } from 'helia'
import { CID } from 'multiformats/cid'
import type { NetworkState, PeerState, RelayState } from '#api/network-types.ts'
import { elapsed } from '#core/elapsed.ts'
import { MAX_HEARTBEAT_ADDRESSES, MIN_DIRECT_PEERS } from '#core/limits.ts'
import { protocolsOf } from '#core/network.ts'
import { paced, type Timers } from '#core/timers.ts'
import type { Transport } from '#core/transport.ts'
import { bestTransport, isWebRtc, relayIdOf, startsAtRelay, withPeerId } from './addresses.ts'
import { circuitLeftOf } from './circuit-limits.ts'
import { moveCircuits } from './circuit-mover.ts'
import { createClock } from './clock.ts'
import { createDialer } from './dialer.ts'
import { PeerError } from './errors.ts'
import { createGossipWatch } from './gossip-watch.ts'
import { createPatience, joinState } from './join.ts'
import { currentPage } from './life.ts'
import type { PeerServices } from './options.ts'
import { createPresence } from './presence.ts'
import { decodeRelayNotice } from './protocols/relay-notice.ts'
import { createProviding } from './providing.ts'
import { createRelayMemory } from './relay-memory.ts'
import { createRelayWatch } from './relay-watch.ts'
import { createRelays } from './relays.ts'
import { createRendezvous, relaysCid, rendezvousCid } from './rendezvous.ts'
import type { Reservations } from './reservations.ts'
import { createRevival } from './revival.ts'
import { systemTimers } from './system-timers.ts'
import type { PeerNodeInit } from './types.ts'

const GOODBYE_TIMEOUT_MS = 500
/** Who is here is looked through at most this often. */
const LOOK_MS = 250
/** The network's state is told at most this often. */
const TELL_MS = 50
const HEARD = Uint8Array.of(1)
/** A heartbeat is sent within a second and forwarded within two more; then everybody knows the new way. */
const LEAVE_GRACE_MS = 3_000

export interface PeerSessionComponents {
  readonly libp2p: Libp2p<PeerServices>
  readonly helia: Helia
  readonly transport: Transport
  readonly reservations: Reservations
}

export interface PeerSessionInit {
  /** text form */
  readonly peerId: string
  readonly webRtc: boolean
}

export interface PeerSession {
  readonly state: ReadonlySignal<NetworkState>
  /** addresses of all known relays */
  relayAddresses(): readonly Multiaddr[]
  start(): Promise<void>
  addRelay(address: string): void
  retry(): void
  provide(cid: string): Promise<void>
  stop(): Promise<void>
}

/** Joins a running libp2p node to its network and keeps it there: relays, presence, dials, provider records. */
export function createPeerSession(
  { libp2p, helia, transport, reservations }: PeerSessionComponents,
  {
    network,
    kind,
    mode = 'direct',
    relays: relayAddresses,
    toldRelays = [],
    memory,
    timers = systemTimers,
    now = Date.now,
  }: PeerNodeInit,
  { peerId: self, webRtc }: PeerSessionInit,
): PeerSession {
  const { pubsub, identify } = libp2p.services
  const { presenceTopic, relayNotice } = protocolsOf(network)
  const steady = () => performance.now()
  const clock = createClock({ wall: now, steady })
  const createdAt = steady()
  const stopping = new AbortController()
  const { signal: stopped } = stopping
  let started = false
  let readyAfterMs: number | undefined
  let scheduled = false

  const relays = createRelays(
    {
      libp2p,
      reservations,
      leave: leaveRelay,
      ...(memory === undefined ? {} : { memory: createRelayMemory(memory, network) }),
    },
    {
      network,
      addresses: relayAddresses,
      pageProtocol: globalThis.location?.protocol,
      webRtcDirect: webRtc,
      told: toldRelays,
      takesTold: mode === 'direct',
      timers,
      now,
    },
  )
  const presence = createPresence(
    { transport },
    {
      network,
      peerId: self,
      kind,
      webRtc,
      timers,
      now: clock.now,
      onTime: clock.hear,
      onGoodbye: hangUp,
      addresses: () => dialableAddresses(libp2p, relays.states()),
      directPeers: () => dialer.directPeers(),
      isConnected: (peerId) => libp2p.getConnections(peerIdFromString(peerId)).length > 0,
      audible: () => pubsub.getSubscribers(presenceTopic).length > 0,
    },
  )
  const dialer = createDialer(
    {
      libp2p,
      identify: (connection) => identify.identify(connection),
      candidates: presence.peers,
      isRelay: relays.isRelay,
    },
    { peerId: self, webRtc, timers, now: steady },
  )
  const watch = createRelayWatch(
    { libp2p, pubsub, presence, identify: (connection) => identify.identify(connection) },
    { presenceTopic, onWord: changed, timers, now: steady },
  )
  const gossipWatch = createGossipWatch(
    { libp2p, identify: (connection) => identify.identify(connection) },
    { timers },
  )
  const isReserved = () => relays.states().some(({ status }) => status === 'reserved')
  const providing = createProviding(helia.routing, isReserved)
  const rendezvous = createRendezvous(libp2p.contentRouting, {
    cid: rendezvousCid(network),
    timers,
    isWanted: () => isReserved() && dialer.connectedPeers() < MIN_DIRECT_PEERS,
    onFound: (peer, addresses) => presence.hint(peer.toString(), addresses),
  })
  const relaySearch = createRendezvous(libp2p.contentRouting, {
    cid: relaysCid(network),
    timers,
    isWanted: () => mode === 'direct' && isReserved() && relays.hasRoom(),
    onFound: (peer, addresses) =>
      relays.learn(
        'dht',
        addresses.map((address) => withPeerId(address, peer.toString())),
      ),
  })

  const patience = createPatience(timers, () => changed())
  const revival = createRevival(
    { libp2p, relays, dialer, presence },
    {
      timers,
      clock,
      steady,
      page: kind === 'tab' ? currentPage() : undefined,
      online: globalThis.navigator?.onLine !== false,
      onChange: () => changed(),
    },
  )

  function read(): NetworkState {
    const connectedPeers = dialer.connectedPeers()
    const join = joinState({
      started,
      online: revival.isOnline(),
      relays: relays.states(),
      connectedPeers,
      alone: watch.isAlone(),
      stuck: dialer.isStuck(),
      late: patience.isLate(),
      webRtcMissing: kind === 'tab' && mode === 'direct' && !webRtc,
      ...(readyAfterMs === undefined ? {} : { readyAfterMs }),
    })
    const here = presence.peers().map((peer) => ({
      ...peer,
      lastSeen: Math.round(peer.lastSeen + now() - clock.now()), // by the clock that it is compared with
    }))
    const peers = peerStates(libp2p, here, relays.isRelay, now)
    return { network, peerId: self, mode, join, relays: relays.states(), peers }
  }

  const state = signal<NetworkState>(read())

  function refresh(): void {
    if (stopped.aborted) return
    let next = read()
    if (next.join.phase === 'ready' && readyAfterMs === undefined) {
      // A page's clock starts when it begins to load; a process has only its own beginning.
      readyAfterMs = Math.round(steady() - (kind === 'tab' ? 0 : createdAt))
      next = read()
    }
    patience.see(next.join.phase)
    state.value = next
  }

  /** With forty peers the state of everybody, told at each connection and stream, would be a fifth of a peer's work. */
  const refreshes = paced(timers, TELL_MS, refresh)

  function changed(): void {
    if (scheduled) return
    scheduled = true
    queueMicrotask(() => {
      scheduled = false
      refreshes.run()
    })
  }

  /** A full room changes many times a second; looking at everybody each time would be most of a tab's work. */
  const heartbeats = paced(timers, LOOK_MS, () => {
    dialer.update()
    changed()
  })

  /**
   * Who signed that it leaves is gone now, not when its connections are found dead: WebRTC's need seconds for that,
   * and a tab that becomes private ([NE6]) would be here twice meanwhile. It answers no more, so nothing is waited for.
   */
  function hangUp(peerId: string): void {
    for (const connection of libp2p.getConnections(peerIdFromString(peerId))) {
      connection.abort(new PeerError('PEER_GONE', `Peer …${peerId.slice(-6)} said that it leaves.`))
    }
  }

  /** [RE8] A relay of ours stops and another one is there: others hear of the new way before the old one ends. */
  async function leaveRelay(relay: string, signal: AbortSignal): Promise<void> {
    presence.announce()
    await elapsed(LEAVE_GRACE_MS, { timers, signal })
    await moveCircuits({ libp2p, peers: presence.peers, timers }, relay, signal)
  }

  async function* heedRelay(notice: Uint8Array, from: string): AsyncGenerator<Uint8Array> {
    relays.heed(from, decodeRelayNotice(notice))
    yield HEARD
  }

  /** A relay is there (again): tell others, and ask it who is here. */
  function onReserved(relay: string): void {
    watch.reserved(relay)
    presence.announce()
    relaySearch.soon()
    dialer.retry() // a relay is a new way to those that could not be reached
    void providing.provide(rendezvousCid(network)).then(providing.repeat, () => {}) // asked again with the next relay
  }

  const onSubscription = () => {
    if (isReserved()) presence.announce()
  }

  function listen(on: 'addEventListener' | 'removeEventListener'): void {
    for (const event of ['connection:open', 'connection:close'] as const) libp2p[on](event, changed)
    libp2p[on]('self:peer:update', onSubscription)
    pubsub[on]('subscription-change', onSubscription)
  }

  return {
    state,
    relayAddresses: relays.addresses,

    async start() {
      started = true
      listen('addEventListener')
      stopped.addEventListener('abort', transport.requests.handle(relayNotice, heedRelay), { once: true })
      presence.onChange(heartbeats.run)
      relays.onChange((reserved) => {
        changed()
        for (const { peerId, status } of relays.states()) {
          if (peerId !== undefined && status !== 'reserved') watch.lost(peerId)
        }
        if (reserved !== undefined) onReserved(reserved)
      })
      presence.start()
      dialer.start()
      watch.start()
      gossipWatch.start()
      relays.start()
      rendezvous.start()
      relaySearch.start()
      revival.start()
      refresh()
    },

    addRelay(address) {
      relays.add(address)
    },

    retry() {
      relays.retry()
      dialer.retry()
    },

    provide: (cid) => providing.provide(CID.parse(cid)),

    async stop() {
      if (started) await handedOver(timers, presence.goodbye())
      stopping.abort()
      heartbeats.stop()
      refreshes.stop()
      listen('removeEventListener')
      for (const part of [
        revival,
        patience,
        rendezvous,
        relaySearch,
        providing,
        watch,
        gossipWatch,
        dialer,
        relays,
        presence,
      ])
        part.stop()
    },
  }
}

/** Waits a moment for last words; nobody may be there to hear them. */
async function handedOver(timers: Timers, words: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>()
  const cancel = timers.after(GOODBYE_TIMEOUT_MS, late.resolve)
  await Promise.race([words.catch(() => {}), late.promise])
  cancel()
}

/** What others can dial: circuits, and WebRTC by them, in turn, so that both survive the bound. */
function dialableAddresses(libp2p: Libp2p<PeerServices>, relays: readonly RelayState[]) {
  const all = libp2p.getMultiaddrs().filter(startsAtRelay)
  const draining = relays.filter((relay) => relay.draining === true).map(({ peerId }) => peerId)
  const lasting = all.filter((address) => !draining.includes(relayIdOf(address)))
  const addresses = lasting.length > 0 ? lasting : all
  const direct = addresses.filter(isWebRtc)
  const circuits = addresses.filter((address) => !isWebRtc(address))
  const half = MAX_HEARTBEAT_ADDRESSES / 2
  return [
    ...direct.slice(0, Math.max(half, MAX_HEARTBEAT_ADDRESSES - circuits.length)),
    ...circuits.slice(0, half),
  ]
}

function peerStates(
  libp2p: Libp2p<PeerServices>,
  here: ReturnType<ReturnType<typeof createPresence>['peers']>,
  isRelay: (peerId: string) => boolean,
  now: () => number,
): readonly PeerState[] {
  const states = new Map<string, PeerState>()
  const byPeer = Map.groupBy(libp2p.getConnections(), ({ remotePeer }) => remotePeer.toString())
  const put = (peerId: string, kind: PeerState['kind'], lastSeen: number) => {
    const connections = byPeer.get(peerId) ?? []
    const transport = bestTransport(connections)
    const circuitLeft = transport === 'circuit' ? circuitLeftOf(connections) : undefined
    const latencyMs = connections.find(({ rtt }) => rtt !== undefined)?.rtt
    const opened = connections.filter(({ status }) => status === 'open').map(({ timeline }) => timeline.open)
    states.set(peerId, {
      peerId,
      transport,
      kind,
      lastSeen,
      ...(opened.length === 0 ? {} : { connectedAt: Math.min(...opened) }),
      ...(latencyMs === undefined ? {} : { latencyMs }),
      ...(circuitLeft === undefined ? {} : { circuitLeft }),
    })
  }
  for (const { peerId, kind, lastSeen, heard } of here) {
    if (heard) put(peerId, kind, lastSeen)
  }
  for (const [peerId, connections] of byPeer) {
    if (states.has(peerId) || connections.every(({ status }) => status !== 'open')) continue
    put(peerId, isRelay(peerId) ? 'relay' : 'node', now())
  }
  return [...states.values()]
}
