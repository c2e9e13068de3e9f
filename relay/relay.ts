import type { AddressInfo } from 'node:net'
import type { PeerId } from '@libp2p/interface'
import { CODE_P2P, multiaddr } from '@multiformats/multiaddr'
import type { ChainFacts } from '#core/chain-facts.ts'
import { MAX_TOLD_RELAYS } from '#core/limits.ts'
import { protocolsOf } from '#core/network.ts'
import { createRateLimit } from '#core/rate-limit.ts'
import type { Transport } from '#core/transport.ts'
import { createGossipAllowance } from '#peer/gossip-allowance.ts'
import type { Presence } from '#peer/presence.ts'
import { createRelayPresence } from '#peer/relay-presence.ts'
import { createTransport } from '#peer/transport.ts'
import { type AutoTlsService, createAutoTls } from './auto-tls/auto-tls.ts'
import { bindPort, hostOfUrl } from './bind-port.ts'
import { createCircuits, type OpenCircuit } from './circuits.ts'
import type { RelayConfig } from './config.ts'
import { type DenyList, openDenyList } from './deny-list.ts'
import { untilLeft } from './drain.ts'
import { relayError } from './errors.ts'
import { createFleet } from './fleet.ts'
import { createHandshakes } from './handshakes.ts'
import { clientAddressOf, trustOf } from './http/client-address.ts'
import { createFrontServer } from './http/front-server.ts'
import { createPageClaim } from './http/page-claim.ts'
import { createRoutes } from './http/routes.ts'
import type { Credentials } from './http/secure-server.ts'
import { createStaticFiles } from './http/static-files.ts'
import { type AcceptSocket, createUpgrades } from './http/upgrades.ts'
import { createInboundRates } from './inbound-rates.ts'
import { loadOrCreateKey } from './key-file.ts'
import { createLazyLandKeeper } from './land-keeper.ts'
import {
  DENY_POLL_MS,
  HANDSHAKE_TIMEOUT_MS,
  HOP_REQUESTS_BURST,
  HOP_REQUESTS_PER_SECOND,
  MAX_HOP_ADDRESSES,
  MAX_PAGE_SOCKETS_PER_ADDRESS,
  MAX_PENDING_CONNECTIONS,
  STOP_TIMEOUT_MS,
  TLS_POLL_MS,
} from './limits.ts'
import { genesisTold, machineRoleOf, standTold } from './machine-role.ts'
import { formatMetrics, METRICS_TYPE } from './metrics.ts'
import { createNotices, type Notices } from './notices.ts'
import { createProcessMeter } from './process-meter.ts'
import { createGossipMeter, createRelayNode, joinTopics, type RelayLibp2p } from './relay-node.ts'
import type { RelayServicesContext, RunningServices } from './relay-services.ts'
import { openRelayTls } from './relay-tls.ts'
import { createReservationLimit } from './reservation-limit.ts'
import { type RelayStats, readStats, seriesOf } from './stats.ts'
import { createStunServer } from './stun-server.ts'
import { openDirectTransport } from './webrtc/direct-transport.ts'
import { plainAddresses } from './websocket-transport.ts'

export interface RelayInit {
  /** one line for each event that an operator cares about */
  readonly log: (line: string) => void
  /** Started after the node, stopped before it. */
  readonly services?: (context: RelayServicesContext) => Promise<RunningServices>
  /** the chain to tell tabs of, once there is one; its land is kept for them */
  readonly chain?: () => ChainFacts | undefined
  /** the same as soon as it stands, for services that need it */
  readonly whenChain?: () => Promise<ChainFacts | undefined>
  /** how often certificate files are looked at @default TLS_POLL_MS */
  readonly tlsPollMs?: number
  /** whose services --auto-tls asks @default libp2p.direct and Let's Encrypt */
  readonly autoTlsService?: AutoTlsService
  /** how often the deny list is looked at @default DENY_POLL_MS */
  readonly denyPollMs?: number
}

export interface Relay {
  readonly peerId: PeerId
  readonly libp2p: RelayLibp2p
  /** multiaddrs with the peer id, of a started relay */
  readonly addresses: readonly string[]
  /** where the page is, with a trailing slash @throws RELAY_STATE before it is started */
  readonly httpUrl: string
  /** TCP and UDP @throws RELAY_STATE before it is started */
  readonly port: number
  stats(): RelayStats
  circuits(): readonly OpenCircuit[]
  /** @throws PORT_TAKEN, PORT_FORBIDDEN, HOST_UNAVAILABLE; nothing stays open then */
  start(): Promise<void>
  /**
   * [RE8] Takes no reservations any more, says so to clients and at /healthz, and resolves when all clients have moved to
   * another relay, or after --drain-time. Everything else goes on until `stop`.
   */
  drain(): Promise<void>
  /** Closes everything within 2 s. */
  stop(): Promise<void>
}

/**
 * A relay: one process, one port for page, peers, health and metrics, and STUN on the same port of UDP.
 *
 * @throws DATA_FOLDER_UNUSABLE, KEY_FILE_INVALID, TLS_FILES, DENY_LIST
 */
export async function createRelay(
  config: RelayConfig,
  {
    log,
    services,
    chain,
    whenChain,
    tlsPollMs = TLS_POLL_MS,
    autoTlsService,
    denyPollMs = DENY_POLL_MS,
  }: RelayInit,
): Promise<Relay> {
  const privateKey = await loadOrCreateKey(config.dataDir)
  const tls = await openRelayTls(config, log, { intervalMs: tlsPollMs })
  const autoTls = createAutoTls(config, { privateKey, log, service: autoTlsService })
  const denyList = await openDenyList({ path: config.denyFile, log, intervalMs: denyPollMs })
  const handshakes = createHandshakes({
    maxPending: MAX_PENDING_CONNECTIONS,
    // Timers of Node.js may be a millisecond early.
    timeoutMs: HANDSHAKE_TIMEOUT_MS - 1,
    now: () => performance.now(),
  })
  const attempts = createRateLimit({
    perSecond: HOP_REQUESTS_PER_SECOND,
    burst: HOP_REQUESTS_BURST,
    maxKeys: MAX_HOP_ADDRESSES,
    now: () => performance.now(),
  })
  const circuits = createCircuits(config, attempts)
  const gossipAllowance = createGossipAllowance()
  const reservations = createReservationLimit(config.reservationsPerAddress, attempts)
  const pageClaim = createPageClaim(config.pageDir)
  const front = createFrontServer({
    route: createRoutes({
      files: createStaticFiles(config.pageDir),
      facts: async () => ({
        network: config.network,
        peerId: node.peerId.toString(),
        stunPort: bound?.port,
        relays: fleet.connected().slice(0, MAX_TOLD_RELAYS).map(String),
        pageHash: await pageClaim(),
        ...(config.announce.length > 0 ? { addresses: addressesOf(node) } : {}),
        ...(chain?.() === undefined ? {} : { chain: chain() }),
        ...genesisTold(running?.machine?.()),
      }),
      health: () => ({
        ok: isReady && !isDraining,
        draining: isDraining,
        network: config.network,
        peerId: node.peerId.toString(),
        connections: upgrades.count,
        reservations: node.services.circuitRelay.reservations.size,
        ...(autoTls === undefined ? {} : { autoTls: autoTls.state }),
        ...standTold(running?.machine?.()),
        uptimeSeconds: Math.round(process.uptime()),
        // unix ms: who asks sees whether the clocks agree
        time: Date.now(),
      }),
      metrics: () => formatMetrics(seriesOf(stats(), config.network)),
      metricsType: METRICS_TYPE,
      findLand: (path) => landKeeper.find(path),
    }),
    maxConnections: config.maxConnections,
    sockets: {
      perAddress: config.connectionsPerAddress + MAX_PAGE_SOCKETS_PER_ADDRESS,
      isProxy: trustOf(config.trustedProxies),
    },
    ...(tls === undefined ? {} : { credentials: tls.current }),
    ...(autoTls === undefined ? {} : { secureUrlOf: autoTls.urlOfHost }),
    log,
  })
  const upgrades = createUpgrades({
    server: front.server,
    clientAddress: clientAddressOf(config.trustedProxies),
    maxConnections: config.maxConnections,
    connectionsPerAddress: config.connectionsPerAddress,
  })
  const direct = config.webRtcPort === 0 ? undefined : await openDirectTransport(config)
  const node = await createRelayNode({
    config,
    privateKey,
    direct,
    circuits,
    reservations,
    gossipAllowance,
    denyList,
    isDraining: () => isDraining,
    sockets: {
      accept(handler) {
        acceptSockets = handler
        return upgrades.refuse
      },
      address: () => bound,
      tlsNames: () => tls?.current.names,
      secured: (address) => autoTls?.secured(address) ?? address,
      handshakes,
      inboundRates: createInboundRates(inboundRateOf(config), () => performance.now()),
    },
  })
  const stun = createStunServer()
  const meter = createProcessMeter()
  const gossip = createGossipMeter(node.services.pubsub, config.network)
  let bound: AddressInfo | undefined
  let presence: Presence | undefined
  let transport: Transport | undefined
  let notices: Notices | undefined
  const fleet = createFleet(
    { libp2p: node },
    { network: config.network, relays: config.relays, onChange: () => void notices?.tellAll() },
  )
  let running: RunningServices | undefined
  let isReady = false
  let isDraining = false
  let acceptSockets: AcceptSocket = (socket) => socket.terminate()
  const landKeeper = createLazyLandKeeper(
    chain,
    (facts) => transport && { facts, network: config.network, transport, log },
  )
  const stats = (): RelayStats =>
    readStats({
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
      fleet,
      isDraining,
      meter,
      content: running?.contentStats?.(),
      records: running?.recordStats?.(),
      certificateExpiresAt: tls?.current.expiresAt ?? autoTls?.expiresAt,
    })

  const port = (): number => {
    if (bound !== undefined) return bound.port
    throw relayError('RELAY_STATE', 'The relay has no port before it is started: call start() first.')
  }

  const useCredentials = (credentials: Credentials): void => {
    front.setCredentials(credentials)
    // The certificate's names are in our addresses: those who are connected hear of it.
    const multiaddrs = node.getMultiaddrs().map((address) => address.decapsulateCode(CODE_P2P))
    void node.peerStore.patch(node.peerId, { multiaddrs }).catch(() => {}) // stopped meanwhile
  }

  const plainAddressesNow = () =>
    config.announce.length > 0
      ? config.announce.map((address) => multiaddr(address))
      : plainAddresses({ address: () => bound, tlsNames: () => undefined })

  const stop = async (): Promise<void> => {
    isReady = false
    tls?.stop()
    await autoTls?.stop()
    meter.stop()
    denyList.stop()
    await landKeeper.stop()
    await within(STOP_TIMEOUT_MS, async () => {
      await running?.stop()
      presence?.stop()
      notices?.stop()
      fleet.stop()
      await node.stop()
    })
    running = undefined
    circuits.stop()
    upgrades.close()
    await Promise.all([stun.close(), front.close()])
    bound = undefined
  }

  return {
    peerId: node.peerId,
    libp2p: node,
    get addresses() {
      return addressesOf(node)
    },
    get httpUrl() {
      return `${tls === undefined ? 'http' : 'https'}://${hostOfUrl(config.host)}:${port()}/`
    },
    get port() {
      return port()
    },
    stats,
    circuits: circuits.open,
    async start() {
      bound = await bindPort(front, stun, config)
      try {
        meter.start()
        tls?.watch(useCredentials)
        await node.start()
        denyList.watch(() => cutDenied(node, denyList))
        await node.services.dht.setMode('server')
        transport = createTransport(node, {
          network: config.network,
          gossipAllowance,
          onVerdict: gossip.judged,
        })
        presence = createRelayPresence({ libp2p: node, transport }, { network: config.network })
        presence.start()
        notices = createNotices(
          { libp2p: node, requests: transport.requests },
          {
            protocol: protocolsOf(config.network).relayNotice,
            notice: () => ({ draining: isDraining, relays: fleet.connected() }),
          },
        )
        notices.start()
        running = await services?.({
          transport,
          libp2p: node,
          dataDir: config.dataDir,
          network: config.network,
          sample: config.sample,
          denyList,
          cacheBytes: config.cacheBytes,
          objectBytes: config.objectBytes,
          keyBytes: config.keyBytes,
          machine: machineRoleOf(config),
          ...(whenChain === undefined ? {} : { chain: whenChain }),
          log,
        })
        joinTopics(transport, node.services.pubsub, config.network)
        // Only now, so that no peer asks for a protocol that is not handled yet.
        upgrades.accept(acceptSockets)
        fleet.start()
        await autoTls?.start({ addresses: plainAddressesNow, onCertificate: useCredentials })
        isDraining = false
        isReady = true
      } catch (error) {
        await stop()
        throw direct?.failure() ?? error
      }
    },
    async drain() {
      isDraining = true
      const held = node.services.circuitRelay.reservations
      const left = untilLeft({ libp2p: node, clients: () => held.size }, config.drainMs)
      await notices?.tellUntil(left, () => [...held.keys()].map(String))
    },
    stop,
  }
}

/** What one address may send: its circuits at their rate, and as much again for everything else. */
function inboundRateOf({ circuitLimits, addressRate }: RelayConfig): number {
  return circuitLimits ? 2 * Number(addressRate) : Number.POSITIVE_INFINITY
}

/** Ends the connections of peers that are denied by now. */
function cutDenied(node: RelayLibp2p, { isDenied }: DenyList): void {
  for (const connection of node.getConnections()) {
    if (isDenied(connection.remotePeer)) connection.abort(new Error('On the deny list of this relay.'))
  }
}

function addressesOf(node: RelayLibp2p): readonly string[] {
  return node.getMultiaddrs().map((address) => address.toString())
}

/** Waits for `task`, but no longer than `ms`: what hangs while stopping is left behind. */
async function within(ms: number, task: () => Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, ms)
  try {
    await Promise.race([task(), late.promise])
  } finally {
    clearTimeout(timer)
  }
}
