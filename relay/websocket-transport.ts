import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import {
  type Connection,
  type CreateListenerOptions,
  type DialTransportOptions,
  type Listener,
  type ListenerEvents,
  type Logger,
  type Transport,
  TypedEventEmitter,
  transportSymbol,
} from '@libp2p/interface'
import { ipPortToMultiaddr } from '@libp2p/utils'
import { type WebSocketsComponents, webSockets } from '@libp2p/websockets'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { WebSocket } from 'ws'
import type { Handshakes } from './handshakes.ts'
import { addressGroup, type ClientAddress } from './http/client-address.ts'
import type { AcceptSocket } from './http/upgrades.ts'
import type { InboundRates } from './inbound-rates.ts'
import { WebSocketConnection } from './websocket-connection.ts'

/** Where upgraded sockets come from: the server that also serves the page. */
export interface SocketSource {
  accept(handler: AcceptSocket): () => void
  /** undefined before it listens */
  address(): AddressInfo | undefined
  /** names of the server's certificate; undefined without TLS */
  tlsNames(): readonly string[] | undefined
  /** the address by TLS, where a certificate that came by itself stands for it */
  secured(address: Multiaddr): Multiaddr
  readonly handshakes: Handshakes
  readonly inboundRates: InboundRates
}

/**
 * The WebSocket transport of a relay: it dials like `@libp2p/websockets`, but its listener takes upgraded
 * sockets from the page's server, because that package insists on a port and an HTTP server of its own.
 */
export function sharedPortWebSockets(source: SocketSource): (components: WebSocketsComponents) => Transport {
  return (components) => new SharedPortWebSockets(components, source)
}

class SharedPortWebSockets implements Transport {
  readonly [transportSymbol] = true as const
  readonly [Symbol.toStringTag] = 'tabland/shared-port-websockets'
  readonly #dialer: Transport
  readonly #source: SocketSource
  readonly #components: WebSocketsComponents

  constructor(components: WebSocketsComponents, source: SocketSource) {
    this.#dialer = webSockets()(components)
    this.#source = source
    this.#components = components
  }

  dial(address: Multiaddr, options: DialTransportOptions): Promise<Connection> {
    return this.#dialer.dial(address, options)
  }

  dialFilter(addresses: Multiaddr[]): Multiaddr[] {
    return this.#dialer.dialFilter(addresses)
  }

  listenFilter(addresses: Multiaddr[]): Multiaddr[] {
    return this.#dialer.listenFilter(addresses)
  }

  createListener({ upgrader }: CreateListenerOptions): Listener {
    const log = this.#components.logger.forComponent('tabland:relay:websockets')
    return new SharedPortListener({ source: this.#source, upgrader, log })
  }
}

interface SharedPortListenerInit extends CreateListenerOptions {
  readonly source: SocketSource
  readonly log: Logger
}

class SharedPortListener extends TypedEventEmitter<ListenerEvents> implements Listener {
  readonly #init: SharedPortListenerInit
  readonly #stopping = new AbortController()
  #stopAccepting: (() => void) | undefined

  constructor(init: SharedPortListenerInit) {
    super()
    this.#init = init
  }

  /** The address is the server's: what is passed only chose this transport. */
  async listen(): Promise<void> {
    this.#stopAccepting = this.#init.source.accept((socket, remote) => this.#onSocket(socket, remote))
    this.safeDispatchEvent('listening')
  }

  getAddrs(): Multiaddr[] {
    return listeningAddresses(this.#init.source)
  }

  updateAnnounceAddrs(): void {
    // Nothing is known about the addresses that the configuration did not say.
  }

  async close(): Promise<void> {
    this.#stopAccepting?.()
    this.#stopping.abort()
    // The transport manager edits its list of listeners on this event, so not while it walks through them.
    queueMicrotask(() => this.safeDispatchEvent('close'))
  }

  #onSocket(webSocket: WebSocket, { address, port }: ClientAddress): void {
    const { upgrader, log } = this.#init
    const connection = new WebSocketConnection({
      webSocket,
      rate: this.#init.source.inboundRates.enter(addressGroup(address)),
      remoteAddr: ipPortToMultiaddr(address, port).encapsulate('/ws'),
      log: log.newScope('connection'),
    })
    this.#init.source.handshakes.follow(connection, () =>
      upgrader.upgradeInbound(connection, { signal: this.#stopping.signal }).catch((error: unknown) => {
        log.error('connection from %s failed to upgrade - %e', address, error)
        throw error
      }),
    )
  }
}

/** Where peers on this machine's networks find the server, without the peer id; empty before it listens. */
export function listeningAddresses(
  source: Pick<SocketSource, 'address' | 'tlsNames' | 'secured'>,
): Multiaddr[] {
  return plainAddresses(source).map(source.secured)
}

/** The same without the names of a certificate that came by itself. */
export function plainAddresses(source: Pick<SocketSource, 'address' | 'tlsNames'>): Multiaddr[] {
  const address = source.address()
  if (address === undefined) return []
  const names = source.tlsNames()
  // A browser connects to the names of the certificate and to nothing else.
  if (names !== undefined && names.length > 0)
    return names.map((name) => multiaddr(`/dns/${name}/tcp/${address.port}/tls/ws`))
  return reachableHosts(address.address).map((host) =>
    ipPortToMultiaddr(host, address.port).encapsulate(names === undefined ? '/ws' : '/tls/ws'),
  )
}

/** A wildcard stands for every address of this machine, except those that only mean something on one link. */
function reachableHosts(host: string): readonly string[] {
  if (host !== '0.0.0.0' && host !== '::') return [host]
  const hosts: string[] = []
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { address, family } of addresses ?? []) {
      const isLinkLocal = /^(fe[89ab]|169\.254\.)/i.test(address)
      if (!isLinkLocal && (host === '::' || family === 'IPv4')) hosts.push(address)
    }
  }
  return hosts
}
