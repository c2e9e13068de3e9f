import { type CircuitRelayService, circuitRelayServer } from '@libp2p/circuit-relay-v2'
import { type GossipSub, gossipsub } from '@libp2p/gossipsub'
import { type Identify, identify, identifyPush } from '@libp2p/identify'
import type { Libp2p, PrivateKey } from '@libp2p/interface'
import { type KadDHTComponents, kadDHT, passthroughMapper, type SingleKadDHT } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { type Ping, ping } from '@libp2p/ping'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { type NetworkName, protocolsOf } from '#core/network.ts'
import type { Transport, Verdict } from '#core/transport.ts'
import { readLinkBatch } from '#graph/link-batch.ts'
import { readPlacement } from '#objects/placement.ts'
import type { GossipAllowance } from '#peer/gossip-allowance.ts'
import { gossipOptions } from '#peer/options.ts'
import { type Circuits, freeReservationsOnDisconnect } from './circuits.ts'
import type { RelayConfig } from './config.ts'
import type { DenyList } from './deny-list.ts'
import { createDialGate } from './dial-gate.ts'
import {
  HANDSHAKE_TIMEOUT_MS,
  MAX_PENDING_CONNECTIONS,
  MAX_STREAMS_PER_CONNECTION,
  PING_INTERVAL_MS,
  PING_TIMEOUT_MS,
  STREAM_WINDOW_BYTES,
} from './limits.ts'
import type { ReservationLimit } from './reservation-limit.ts'
import type { DirectTransport } from './webrtc/direct-transport.ts'
import { listeningAddresses, type SocketSource, sharedPortWebSockets } from './websocket-transport.ts'

export type RelayServices = {
  identify: Identify
  identifyPush: unknown
  ping: Ping
  circuitRelay: CircuitRelayService
  dht: SingleKadDHT
  pubsub: GossipSub
}

export type RelayLibp2p = Libp2p<RelayServices>

export interface RelayNodeInit {
  readonly config: RelayConfig
  readonly privateKey: PrivateKey
  readonly sockets: SocketSource
  /** absent without WebRTC Direct */
  readonly direct?: DirectTransport | undefined
  readonly circuits: Circuits
  readonly reservations: ReservationLimit
  /** shared with the transport, which counts */
  readonly gossipAllowance: GossipAllowance
  readonly denyList: DenyList
  /** Does the relay take no new clients any more? */
  readonly isDraining: () => boolean
}

/** The libp2p node of a relay, not started yet. */
export async function createRelayNode({
  config,
  privateKey,
  sockets,
  direct,
  circuits,
  reservations,
  gossipAllowance,
  denyList,
  isDraining,
}: RelayNodeInit): Promise<RelayLibp2p> {
  const self = `/p2p/${peerIdFromPrivateKey(privateKey)}`
  const node = await createLibp2p<RelayServices>({
    privateKey,
    addresses: {
      // Only chooses the transport: the listener tells the address of the server that it shares.
      listen: [
        config.host.includes(':') ? `/ip6/${config.host}/tcp/0/ws` : `/ip4/${config.host}/tcp/0/ws`,
        ...(direct === undefined ? [] : [direct.listen]),
      ],
      announce: [...config.announce],
      // libp2p hides a public address until strangers have confirmed it; this one was told to listen there.
      announceFilter: (known) =>
        config.announce.length > 0
          ? known.map(sockets.secured)
          : [...listeningAddresses(sockets), ...(direct?.addresses() ?? [])].map((address) =>
              address.encapsulate(self),
            ),
    },
    transports: [sharedPortWebSockets(sockets), ...(direct === undefined ? [] : [direct.transport])],
    connectionEncrypters: [noise()],
    streamMuxers: [
      yamux({
        maxInboundStreams: MAX_STREAMS_PER_CONNECTION,
        streamOptions: { maxStreamWindowSize: STREAM_WINDOW_BYTES },
      }),
    ],
    connectionManager: {
      maxConnections: config.maxConnections,
      inboundUpgradeTimeout: HANDSHAKE_TIMEOUT_MS,
      // Our own bound, which lets newcomers in, is reached first.
      maxIncomingPendingConnections: 2 * MAX_PENDING_CONNECTIONS,
      // New connections a second of one address: all of them at once, and again after a reload.
      inboundConnectionThreshold: 2 * config.connectionsPerAddress,
    },
    connectionMonitor: { pingInterval: PING_INTERVAL_MS, pingTimeout: { minTimeout: PING_TIMEOUT_MS } },
    connectionGater: {
      denyDialMultiaddr: createDialGate(config, () => listeningAddresses(sockets)),
      denyInboundEncryptedConnection: (peer) => denyList.isDenied(peer),
      denyDialPeer: (peer) => denyList.isDenied(peer),
      denyInboundRelayReservation: (peer) => isDraining() || reservations.denies(peer),
      denyOutboundRelayedConnection: (source, destination) => circuits.denies(source, destination),
    },
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping(),
      circuitRelay: circuitRelayServer({
        join: circuits.join,
        // Both are counted for each connection; the gater counts circuits of a peer over all of its connections.
        maxInboundHopStreams: config.circuitsPerPeer + 2,
        maxOutboundStopStreams: config.circuitsPerPeer + 2,
        reservations: {
          maxReservations: config.maxReservations,
          reservationTtl: config.reservationTtlMs,
          applyDefaultLimit: config.circuitLimits,
          defaultDataLimit: config.circuitBytes,
          defaultDurationLimit: config.circuitMs,
        },
      }),
      dht: (components: KadDHTComponents) => dhtOf(components, config.network),
      pubsub: gossipsub({
        ...gossipOptions(config.network, gossipAllowance),
        // A peer without WebRTC has no other gossip than ours. Outside our mesh it learns of messages by IHAVE alone,
        // which by default go to six peers at random: some would miss a message for good.
        gossipFactor: 1,
      }),
    },
    start: false,
  })
  circuits.watch(node)
  reservations.watch(node, node.services.circuitRelay)
  freeReservationsOnDisconnect(node, node.services.circuitRelay)
  return node
}

function dhtOf(components: KadDHTComponents, network: NetworkName): SingleKadDHT {
  const dht = kadDHT({
    protocol: protocolsOf(network).dht,
    // Tabs have circuit addresses and local networks private ones: all are worth telling here.
    peerInfoMapper: passthroughMapper,
    clientMode: false,
    // The first relay of a network has nobody to ask, and is asked by those that come.
    allowQueryWithZeroPeers: true,
  })
  return dht(components) as SingleKadDHT // its declared type leaves out the routing table
}

export interface GossipMeter {
  /** messages accepted, by topic */
  readonly accepted: ReadonlyMap<string, number>
  /** messages by what was made of them */
  readonly verdicts: Readonly<Record<Verdict, number>>
  judged(verdict: Verdict): void
}

/** Counts what the node's validators let through. */
export function createGossipMeter(pubsub: GossipSub, network: NetworkName): GossipMeter {
  const accepted = new Map(gossipTopics(network).map((topic) => [topic, 0]))
  pubsub.addEventListener('message', ({ detail: { topic } }) => {
    const before = accepted.get(topic)
    if (before !== undefined) accepted.set(topic, before + 1)
  })
  const verdicts: Record<Verdict, number> = { accept: 0, reject: 0, ignore: 0 }
  return {
    accepted,
    verdicts,
    judged(verdict) {
      verdicts[verdict]++
    },
  }
}

/**
 * Joins the topics that no service has joined, so that gossip reaches tabs that have no other peer yet. Without a
 * service a record is checked as far as it can be without its neighbours: its form, but not its place.
 */
export function joinTopics({ gossip }: Transport, pubsub: GossipSub, network: NetworkName): void {
  const { linksTopic, placementsTopic } = protocolsOf(network)
  const readers = [
    [linksTopic, readLinkBatch],
    [placementsTopic, readPlacement],
  ] as const
  for (const [topic, read] of readers) {
    if (pubsub.topicValidators.has(topic)) continue
    gossip.subscribe(topic, async ({ data }) => {
      try {
        read(data)
        return 'accept'
      } catch {
        return 'reject'
      }
    })
  }
}

function gossipTopics(network: NetworkName): readonly string[] {
  const { presenceTopic, linksTopic, placementsTopic } = protocolsOf(network)
  return [presenceTopic, linksTopic, placementsTopic]
}
