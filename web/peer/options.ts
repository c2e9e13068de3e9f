import type { CircuitRelayTransportComponents } from '@libp2p/circuit-relay-v2'
import { type GossipSub, type GossipsubOpts, gossipsub } from '@libp2p/gossipsub'
import { type Identify, identify, identifyPush } from '@libp2p/identify'
import { type ConnectionGater, type PrivateKey, peerDiscoverySymbol, type Transport } from '@libp2p/interface'
import { type KadDHT, type KadDHTComponents, type KadDHTInit, kadDHT } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { type Ping, ping } from '@libp2p/ping'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Libp2pOptions } from 'libp2p'
import type { NetworkMode } from '#api/network-types.ts'
import { MAX_CONNECTIONS, MAX_GOSSIP_BYTES } from '#core/limits.ts'
import { type NetworkName, protocolsOf } from '#core/network.ts'
import { isCircuit, isWebRtc, startsAtRelay } from './addresses.ts'
import { type GossipAllowance, GRAYLIST_SCORE, TOPIC_SCORES } from './gossip-allowance.ts'
import { LISTEN_ADDRESSES } from './reservations.ts'

/** Connections' signs of life; a page that slept or whose network changed asks sooner. */
const PING_INTERVAL_MS = 30_000
/** Answers to what a peer missed travel together: sixteen of the largest messages. */
const MAX_GOSSIP_RPC_BYTES = 16 * MAX_GOSSIP_BYTES
/** A peer that floods us with queued answers loses its stream before a tab's memory. */
const MAX_GOSSIP_QUEUE_BYTES = 4 * MAX_GOSSIP_RPC_BYTES

/** Of Ed25519, the kind of key that our peers have. */
const SIGNATURE_BYTES = 64

/**
 * Gossip: only Tabland's topics, and no penalty for peers that share an address: with gossipsub's default of it
 * the eleventh tab behind one address is ignored. So each neighbour answers for what it brings itself ([RE7]).
 */
export function gossipOptions(network: NetworkName, allowance?: GossipAllowance): Partial<GossipsubOpts> {
  return {
    allowPublishToZeroTopicPeers: true,
    fallbackToFloodsub: false,
    allowedTopics: topicsOf(network),
    scoreParams: {
      IPColocationFactorWeight: 0,
      topics: Object.fromEntries(topicsOf(network).map((topic) => [topic, TOPIC_SCORES])),
      appSpecificScore: (peer) => allowance?.score(peer) ?? 0,
      appSpecificWeight: 1,
      // In ten minutes nine invalid messages have become one tenth of a message: nothing is worth remembering.
      retainScore: 600_000,
    },
    scoreThresholds: { graylistThreshold: GRAYLIST_SCORE },
    fastMsgIdFn,
    maxInboundDataLength: MAX_GOSSIP_RPC_BYTES,
    maxOutboundBufferSize: MAX_GOSSIP_QUEUE_BYTES,
    // Gossip reaches every tab by its relay, so that circuits, which may be cut at any time, need not carry it.
    runOnLimitedConnection: false,
  }
}

/**
 * Tells a message that was heard before, and was good, without checking its signature again: in a mesh each comes from
 * half a dozen peers. Whatever else comes under that signature is as good as heard. Other signatures than those of
 * Ed25519 have no name, and are checked each time.
 */
export function fingerprintOf(signature: Uint8Array | undefined): string | undefined {
  if (signature === undefined || signature.length !== SIGNATURE_BYTES) return undefined
  return String.fromCharCode(...signature)
}

// gossipsub passes over undefined, which its type leaves out; any other name would be one message's.
const fastMsgIdFn = (({ signature }) => fingerprintOf(signature)) as GossipsubOpts['fastMsgIdFn']

function topicsOf(network: NetworkName): string[] {
  const named = Object.entries(protocolsOf(network))
  return named.filter(([name]) => name.endsWith('Topic')).map(([, id]) => id)
}

/**
 * Our own routing table ([NE4]): tabs only ask it, relays answer. Circuit and private addresses are worth telling;
 * but whom a client hears of by an address that leads through a relay, WebRTC's too, is a client, and none to be asked.
 */
export function dhtOptions(network: NetworkName, clientMode: boolean): KadDHTInit {
  return {
    protocol: protocolsOf(network).dht,
    clientMode,
    peerInfoMapper: (peer) =>
      clientMode
        ? { ...peer, multiaddrs: peer.multiaddrs.filter((address) => !startsAtRelay(address)) }
        : peer,
    allowQueryWithZeroPeers: true,
  }
}

/**
 * Blocks: with libp2p's 10 s and 4 MiB messages a 2 Mbit/s uplink gives its first byte after 21.6 s and is then
 * cut off; with these after 1.5 s. Whether a circuit carries blocks is decided by `Paths`.
 */
export const BITSWAP_OPTIONS = {
  messageReceiveTimeout: 120_000,
  messageSendTimeout: 120_000,
  maxOutgoingMessageSize: 512 * 1024,
  // one block of 2 MiB with its want list
  maxIncomingMessageSize: 4 * 1024 * 1024,
  runOnLimitedConnections: true,
} as const

/** Browsers warn of slow gathering from five servers on. */
const MAX_STUN_URLS = 4

/** Only our own relays' STUN ([NE1a]); none at all rather than anybody else's. */
export function rtcConfiguration(stunUrls: readonly string[]): RTCConfiguration {
  const urls = [...new Set(stunUrls)].slice(0, MAX_STUN_URLS)
  return { iceServers: urls.length === 0 ? [] : [{ urls }] }
}

/**
 * STUN of a relay of which only the address is known: the UDP port of its TCP port's number ([NE1a]). Behind a
 * proxy with TLS the port is the proxy's, so nothing is known.
 */
export function stunOfRelay(relay: Multiaddr): string | undefined {
  const parts = relay.getComponents()
  if (parts.some(({ name }) => name === 'tls' || name === 'wss')) return undefined
  const [host, port] = parts
  if (host?.value === undefined || port?.name !== 'tcp' || port.value === undefined) return undefined
  return `stun:${host.name === 'ip6' ? `[${host.value}]` : host.value}:${port.value}`
}

export type PeerServices = {
  identify: Identify
  identifyPush: unknown
  ping: Ping
  pubsub: GossipSub
  dht: KadDHT
}

type TransportFactory = NonNullable<Libp2pOptions['transports']>[number]

/** One more way to be reached, beside WebSockets, circuits and WebRTC; the load tests connect peers in memory. */
export interface ExtraTransport {
  readonly transport: TransportFactory
  /** a multiaddr of its kind */
  readonly listen: string
}

export interface Libp2pInit {
  /** what the transport counts of gossip; neighbours over it are graylisted */
  readonly gossipAllowance?: GossipAllowance
  readonly network: NetworkName
  readonly privateKey: PrivateKey
  readonly gater: ConnectionGater
  readonly mode: NetworkMode
  readonly circuit: (components: CircuitRelayTransportComponents) => Transport
  /** absent where there is no WebRTC */
  readonly webRtc?: TransportFactory
  /** dials relays that have no certificate; absent where there is no WebRTC */
  readonly webRtcDirect?: TransportFactory
  readonly extra?: ExtraTransport
}

/**
 * The whole configuration: nothing of libp2p's or Helia's defaults that would dial public servers. It listens
 * on nothing but reservations and the WebRTC that they make possible.
 */
export function libp2pOptions({
  network,
  privateKey,
  gater,
  mode,
  circuit,
  webRtc,
  webRtcDirect,
  extra,
  gossipAllowance,
}: Libp2pInit): Libp2pOptions<PeerServices> {
  return {
    privateKey,
    addresses: {
      listen: [
        ...LISTEN_ADDRESSES,
        ...(webRtc === undefined ? [] : ['/webrtc']),
        ...(extra === undefined ? [] : [extra.listen]),
      ],
      // [NE6] whatever libp2p learns of this machine's addresses, it tells relays' alone
      ...(mode === 'direct' ? {} : { announceFilter: onlyCircuits }),
    },
    transports: [webSockets(), circuit, webRtc, webRtcDirect, extra?.transport].filter(
      (transport) => transport !== undefined,
    ),
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: gater,
    connectionManager: {
      maxConnections: MAX_CONNECTIONS,
      addressSorter: (a, b) => Math.sign(detour(a.multiaddr) - detour(b.multiaddr)) as -1 | 0 | 1,
      addressDialTimeout: 20_000,
      dialTimeout: 24_000,
      inboundUpgradeTimeout: 24_000,
      maxIncomingPendingConnections: 64,
      // A lost relay is dialled by `Relays`; libp2p's own five tries would only get in its way.
      reconnectRetries: 0,
      // A dnsaddr that a stranger names would be looked up at public DNS servers; relays have plain names.
      resolvers: {},
    },
    // With the 5 s of the default, connections die that are merely busy; and each ping is a stream of its own, which
    // over a circuit costs a relay about twenty small frames.
    connectionMonitor: {
      pingInterval: PING_INTERVAL_MS,
      pingTimeout: { minTimeout: 45_000, maxTimeout: 120_000 },
    },
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping(),
      pubsub: gossipsub(gossipOptions(network, gossipAllowance)),
      dht: (components: KadDHTComponents) => withoutDiscovery(kadDHT(dhtOptions(network, true))(components)),
    },
  }
}

function onlyCircuits(addresses: Multiaddr[]): Multiaddr[] {
  return addresses.filter((address) => startsAtRelay(address) && !isWebRtc(address))
}

/** A peer's addresses are tried from the straightest to the one that costs a relay its bandwidth. */
function detour(address: Multiaddr): number {
  if (isCircuit(address)) return 2
  return isWebRtc(address) ? 1 : 0
}

/** Providers found by the DHT are for those who asked, not for everybody to dial. */
function withoutDiscovery(dht: KadDHT): KadDHT {
  return Object.defineProperty(dht, peerDiscoverySymbol, { value: undefined })
}
