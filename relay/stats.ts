import type { NetworkName } from '#core/network.ts'
import type { Verdict } from '#core/transport.ts'
import type { DemandCacheStats } from './cache/demand-cache.ts'
import type { CircuitOutcome, CircuitRefusal, Circuits } from './circuits.ts'
import type { DenyList } from './deny-list.ts'
import type { Fleet } from './fleet.ts'
import type { HandshakeFailure, Handshakes } from './handshakes.ts'
import type { FrontServer } from './http/front-server.ts'
import type { RefusalReason, Upgrades } from './http/upgrades.ts'
import { counter, counters, gauge, gauges, type Series } from './metrics.ts'
import type { ProcessMeter, ProcessStats } from './process-meter.ts'
import type { GossipMeter, RelayLibp2p } from './relay-node.ts'
import type { ReservationLimit } from './reservation-limit.ts'
import type { StunServer } from './stun-server.ts'
import type { DirectTransport } from './webrtc/direct-transport.ts'

/** What the relay does at this moment and has done since it started. */
export interface RelayStats {
  readonly connections: number
  readonly connectionsRefused: Readonly<Record<RefusalReason | 'direct', number>>
  readonly handshakesFailed: Readonly<Record<HandshakeFailure, number>>
  readonly denied: DenyList['denied']
  readonly reservations: number
  /** because the address held as many as it may, or asked too often */
  readonly reservationsRefused: number
  readonly circuitsOpen: number
  readonly circuitsOpened: number
  /** also those that were ended because bytes or memory were used up */
  readonly circuitsRefused: Readonly<Record<CircuitRefusal, number>>
  readonly circuitOutcomes: Readonly<Record<CircuitOutcome, number>>
  readonly circuitBytesToDestinations: number
  readonly circuitBytesFromDestinations: number
  /** accepted messages by topic */
  readonly gossipMessages: ReadonlyMap<string, number>
  readonly gossipVerdicts: Readonly<Record<Verdict, number>>
  /** peers in the DHT's routing table */
  readonly dhtPeers: number
  readonly stunAnswered: number
  readonly stunDropped: number
  /** answers by HTTP status */
  readonly httpAnswers: ReadonlyMap<number, number>
  /** undefined when the relay serves no blocks */
  readonly content: ContentStats | undefined
  /** undefined when the relay keeps no records */
  readonly records: RecordStats | undefined
  /** unix ms; undefined without certificate files */
  readonly certificateExpiresAt: number | undefined
  /** other relays that are connected */
  readonly fleet: number
  readonly draining: boolean
  readonly process: ProcessStats
}

/** What is held for newcomers. */
export interface RecordStats {
  readonly links: number
  /** parcels on which something stands */
  readonly placements: number
  readonly texts: number
  /** undefined when the relay keeps no named objects */
  readonly objects: ObjectStats | undefined
  /** undefined when the relay keeps no keys for owners */
  readonly keys: KeyStats | undefined
}

/** Keys of restricted objects held for their owners. */
export interface KeyStats {
  readonly keys: number
  readonly bytes: number
}

export interface ObjectStats {
  /** held now */
  readonly bytes: number
  /** since start */
  readonly taken: number
  /** because their address, or all together, offered too many */
  readonly refused: number
}

/** What is served of content, and what of it was asked for and kept. */
export interface ContentStats extends DemandCacheStats {
  readonly cacheBlocks: number
  readonly cacheBytes: number
  readonly cacheEvicted: number
  /** bytes of blocks sent to peers since start */
  readonly servedBytes: number
}

export interface StatsSources {
  readonly fleet: Fleet
  readonly isDraining: boolean
  readonly node: RelayLibp2p
  readonly circuits: Circuits
  readonly reservations: ReservationLimit
  readonly handshakes: Handshakes
  readonly denyList: DenyList
  readonly gossip: GossipMeter
  readonly upgrades: Upgrades
  readonly direct: Pick<DirectTransport, 'refused'> | undefined
  readonly stun: StunServer
  readonly front: FrontServer
  readonly meter: ProcessMeter
  readonly content?: ContentStats | undefined
  readonly records?: RecordStats | undefined
  readonly certificateExpiresAt?: number | undefined
}

export function readStats({
  fleet,
  isDraining,
  node,
  circuits,
  reservations,
  handshakes,
  denyList,
  gossip,
  upgrades,
  direct,
  stun,
  front,
  meter,
  content,
  records,
  certificateExpiresAt,
}: StatsSources): RelayStats {
  return {
    connections: node.getConnections().length,
    connectionsRefused: { ...upgrades.refused, direct: direct?.refused() ?? 0 },
    handshakesFailed: { ...handshakes.failed },
    denied: { ...denyList.denied },
    reservations: node.services.circuitRelay.reservations.size,
    reservationsRefused: reservations.refused,
    circuitsOpen: circuits.open().length,
    circuitsOpened: circuits.opened,
    circuitsRefused: { ...circuits.refused },
    circuitOutcomes: { ...circuits.outcomes },
    circuitBytesToDestinations: circuits.bytesToDestinations,
    circuitBytesFromDestinations: circuits.bytesFromDestinations,
    gossipMessages: new Map(gossip.accepted),
    gossipVerdicts: { ...gossip.verdicts },
    dhtPeers: node.services.dht.routingTable.size,
    stunAnswered: stun.answered,
    stunDropped: stun.dropped,
    httpAnswers: new Map(front.answered),
    content,
    records,
    certificateExpiresAt,
    fleet: fleet.connected().length,
    draining: isDraining,
    process: meter.read(),
  }
}

/** Every metric. No label names a peer or an address. */
export function seriesOf(stats: RelayStats, network: NetworkName): readonly Series[] {
  const { content, records, certificateExpiresAt } = stats
  return [
    ...connectionSeries(stats),
    ...circuitSeries(stats),
    ...networkSeries(stats, network),
    ...(content === undefined ? [] : contentSeries(content)),
    ...(records === undefined ? [] : recordSeries(records)),
    ...(certificateExpiresAt === undefined
      ? []
      : [
          gauge(
            'tabland_relay_certificate_expiry_seconds',
            'When the certificate ends, in unix seconds.',
            certificateExpiresAt / 1_000,
          ),
        ]),
    ...processSeries(stats.process),
  ]
}

function connectionSeries(stats: RelayStats): readonly Series[] {
  return [
    gauge('tabland_relay_connections', 'Peers connected now.', stats.connections),
    counters(
      'tabland_relay_connections_refused_total',
      'WebSocket upgrades and WebRTC Direct connections refused, by reason.',
      'reason',
      Object.entries(stats.connectionsRefused),
    ),
    counters(
      'tabland_relay_handshakes_failed_total',
      'Connections that never came through their handshake, by reason.',
      'reason',
      Object.entries(stats.handshakesFailed),
    ),
    counters(
      'tabland_relay_denied_total',
      'Peers and contents turned away by the deny list.',
      'kind',
      Object.entries(stats.denied),
    ),
    gauge('tabland_relay_reservations', 'Peers that hold a reservation now.', stats.reservations),
    counter(
      'tabland_relay_reservations_refused_total',
      'Reservations refused because the address held as many as it may or asked too often.',
      stats.reservationsRefused,
    ),
  ]
}

function circuitSeries(stats: RelayStats): readonly Series[] {
  return [
    gauge('tabland_relay_circuits', 'Circuits open now.', stats.circuitsOpen),
    counter('tabland_relay_circuits_total', 'Circuits opened.', stats.circuitsOpened),
    counters(
      'tabland_relay_circuits_refused_total',
      'Circuits refused or ended by a limit, by whose.',
      'limit',
      Object.entries(stats.circuitsRefused),
    ),
    counters(
      'tabland_relay_circuits_ended_total',
      'Circuits that are over, by outcome.',
      'outcome',
      Object.entries(stats.circuitOutcomes),
    ),
    counters(
      'tabland_relay_circuit_bytes_total',
      'Bytes carried through circuits, by direction.',
      'direction',
      [
        ['to_destination', stats.circuitBytesToDestinations],
        ['from_destination', stats.circuitBytesFromDestinations],
      ],
    ),
  ]
}

function networkSeries(stats: RelayStats, network: NetworkName): readonly Series[] {
  const topics = [...stats.gossipMessages].map(
    ([topic, count]) => [shortTopic(topic, network), count] as const,
  )
  return [
    counters('tabland_relay_gossip_messages_total', 'Gossip messages accepted, by topic.', 'topic', topics),
    counters(
      'tabland_relay_gossip_verdicts_total',
      'Gossip messages looked at, by verdict.',
      'verdict',
      Object.entries(stats.gossipVerdicts),
    ),
    gauge('tabland_relay_dht_peers', "Peers in the DHT's routing table.", stats.dhtPeers),
    counter('tabland_relay_stun_answers_total', 'STUN requests answered.', stats.stunAnswered),
    counter('tabland_relay_stun_dropped_total', 'Datagrams dropped by STUN.', stats.stunDropped),
    counters(
      'tabland_relay_http_answers_total',
      'HTTP requests answered, by status.',
      'status',
      [...stats.httpAnswers].map(([status, count]) => [String(status), count] as const),
    ),
    gauge('tabland_relay_fleet', 'Other relays connected now.', stats.fleet),
    gauge('tabland_relay_draining', '1 while clients are asked to move.', stats.draining ? 1 : 0),
  ]
}

function processSeries({ lag, ...stats }: ProcessStats): readonly Series[] {
  return [
    gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', stats.rssBytes),
    counter('process_cpu_seconds_total', 'User and system CPU time spent in seconds.', stats.cpuSeconds),
    gauge('process_uptime_seconds', 'Time since the process started in seconds.', stats.uptimeSeconds),
    gauge('nodejs_heap_size_used_bytes', 'Heap in use.', stats.heapUsedBytes),
    gauge('nodejs_heap_size_total_bytes', 'Heap that is there.', stats.heapTotalBytes),
    counter('nodejs_gc_seconds_total', 'Time spent collecting garbage in seconds.', stats.gcSeconds),
    gauges(
      'nodejs_eventloop_lag_seconds',
      'How late timers came in the last one to two minutes in seconds.',
      'quantile',
      [
        ['0.5', lag.median],
        ['0.99', lag.p99],
        ['1', lag.max],
      ],
    ),
  ]
}

function recordSeries({ links, placements, texts, objects, keys }: RecordStats): readonly Series[] {
  return [
    gauge('tabland_relay_links', 'Links held.', links),
    gauge('tabland_relay_placements', 'Placements held: parcels on which something stands.', placements),
    gauge('tabland_relay_texts', 'Texts held.', texts),
    ...(objects === undefined ? [] : objectSeries(objects)),
    ...(keys === undefined
      ? []
      : [
          gauge('tabland_relay_keys', 'Keys of restricted objects held for their owners.', keys.keys),
          gauge('tabland_relay_key_bytes', 'Bytes of these keys, with who may have them.', keys.bytes),
        ]),
  ]
}

function objectSeries({ bytes, taken, refused }: ObjectStats): readonly Series[] {
  return [
    gauge('tabland_relay_object_bytes', 'Bytes of named objects held.', bytes),
    counter('tabland_relay_objects_taken_total', 'Named objects, or newer ones, taken from clients.', taken),
    counter(
      'tabland_relay_objects_refused_total',
      'Named objects that were offered beyond a limit.',
      refused,
    ),
  ]
}

function contentSeries(content: ContentStats): readonly Series[] {
  return [
    gauge('tabland_relay_cache_bytes', 'Bytes in the cache now.', content.cacheBytes),
    gauge('tabland_relay_cache_blocks', 'Blocks in the cache now.', content.cacheBlocks),
    counter('tabland_relay_cache_hits_total', 'Wants for blocks that were here.', content.hits),
    counter('tabland_relay_cache_misses_total', 'Wants for blocks that were not here.', content.misses),
    gauge('tabland_relay_cache_waiting', 'Contents being fetched, or waiting for it.', content.waiting),
    counter('tabland_relay_cache_fetched_total', 'Contents fetched into the cache.', content.fetched),
    counter('tabland_relay_cache_failed_total', 'Contents that nobody gave whole.', content.failed),
    counter('tabland_relay_cache_fetched_bytes_total', 'Bytes fetched into the cache.', content.fetchedBytes),
    counter('tabland_relay_cache_evicted_total', 'Blocks that made room for others.', content.cacheEvicted),
    counter('tabland_relay_blocks_served_bytes_total', 'Bytes of blocks sent to peers.', content.servedBytes),
  ]
}

/** `/tabland/local/links/1.0.0` → `links` */
function shortTopic(topic: string, network: NetworkName): string {
  const prefix = `/tabland/${network}/`
  return topic.startsWith(prefix) ? (topic.slice(prefix.length).split('/', 1)[0] as string) : topic
}
