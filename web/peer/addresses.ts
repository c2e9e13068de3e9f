import type { Connection } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { PeerTransport } from '#api/network-types.ts'
import { PeerError } from './errors.ts'

const EXAMPLE = '/dns4/relay.example.org/tcp/443/wss/p2p/12D3KooW…'

export interface RelayAddress {
  readonly address: string
  readonly multiaddr: Multiaddr
  readonly peerId: string
}

export interface ParseRelayOptions {
  /** Can WebRTC Direct be dialled too? @default false */
  readonly webRtcDirect?: boolean
}

/**
 * Parses what a person or a list gives as a relay: a WebSocket address that ends in the relay's peer id, or one of
 * WebRTC Direct where that can be dialled.
 *
 * @throws RELAY_ADDRESS_INVALID
 */
export function parseRelayAddress(
  text: string,
  { webRtcDirect = false }: ParseRelayOptions = {},
): RelayAddress {
  const shown = text.slice(0, 200)
  let parsed: Multiaddr
  try {
    parsed = multiaddr(text.trim())
  } catch (cause) {
    throw new PeerError(
      'RELAY_ADDRESS_INVALID',
      `"${shown}" is no relay address. It should look like ${EXAMPLE}.`,
      { cause },
    )
  }
  const components = parsed.getComponents()
  const last = components.at(-1)
  if (last?.name !== 'p2p' || last.value === undefined || isCircuit(parsed)) {
    throw new PeerError(
      'RELAY_ADDRESS_INVALID',
      `The relay address "${shown}" does not end in the relay's peer id. It should look like ${EXAMPLE}.`,
    )
  }
  if (isWebRtcDirect(parsed)) {
    if (!webRtcDirect) {
      throw new PeerError(
        'RELAY_ADDRESS_INVALID',
        `The relay address "${shown}" is one of WebRTC Direct, which only tabs with WebRTC dial, and not in private mode. Give the relay's WebSocket address.`,
      )
    }
  } else if (!components.some(({ name }) => name === 'ws' || name === 'wss')) {
    throw new PeerError(
      'RELAY_ADDRESS_INVALID',
      `The relay address "${shown}" is no WebSocket address, and a tab can dial no other. It should look like ${EXAMPLE}.`,
    )
  }
  return { address: parsed.toString(), multiaddr: parsed, peerId: parsePeerId(last.value, shown) }
}

/** @throws RELAY_ADDRESS_INVALID */
function parsePeerId(text: string, shown: string): string {
  try {
    return peerIdFromString(text).toString()
  } catch (cause) {
    throw new PeerError(
      'RELAY_ADDRESS_INVALID',
      `The relay address "${shown}" ends in something that is no peer id. Copy the whole address again.`,
      { cause },
    )
  }
}

/** Where the page of a relay is whose peers dial `address`: the same port serves both. undefined: nowhere known */
export function relayHttpOrigin(address: string): string | undefined {
  try {
    const [host, port, ...rest] = parseRelayAddress(address).multiaddr.getComponents()
    if (host?.value === undefined || port?.name !== 'tcp') return undefined
    const secure = rest.some(({ name }) => name === 'tls' || name === 'wss')
    const name = host.name === 'ip6' ? `[${host.value}]` : host.value
    return `${secure ? 'https' : 'http'}://${name}:${port.value}/`
  } catch {
    return undefined // who dials it says what is wrong with it
  }
}

/**
 * Browsers refuse unencrypted WebSockets from https pages, this machine's own excepted.
 *
 * @throws RELAY_ADDRESS_INVALID
 */
export function assertDialableFrom(
  pageProtocol: string | undefined,
  { address, multiaddr }: RelayAddress,
): void {
  const names = multiaddr.getComponents().map(({ name }) => name)
  const encrypted = names.includes('wss') || names.includes('tls') || isWebRtcDirect(multiaddr)
  const host = multiaddr.getComponents()[0]?.value ?? ''
  if (pageProtocol !== 'https:' || encrypted || /^(127\.|::1$|localhost$)/.test(host)) return
  throw new PeerError(
    'RELAY_ADDRESS_INVALID',
    `This page came by https, so the browser does not let it dial "${address}". Give the relay's wss address.`,
  )
}

/** Does the path to the peer lead through a relay, WebRTC's signalling apart? */
export function isCircuit(address: Multiaddr): boolean {
  const names = address.getComponents().map(({ name }) => name)
  return names.includes('p2p-circuit') && !names.includes('webrtc')
}

/** A direct connection whose offer and answer travel through a relay. */
export function isWebRtc(address: Multiaddr): boolean {
  return address.getComponents().some(({ name }) => name === 'webrtc')
}

/** [RE2] Does the path begin with a relay's UDP port, where the hash of its certificate stands for a name? */
export function isWebRtcDirect(address: Multiaddr): boolean {
  return address.getComponents().some(({ name }) => name === 'webrtc-direct')
}

/** Does dialling the address begin at a relay, whatever comes after? */
export function startsAtRelay(address: Multiaddr): boolean {
  return address.getComponents().some(({ name }) => name === 'p2p-circuit')
}

/** Addresses of provider records end before the peer's id. */
export function withPeerId(address: Multiaddr, peerId: string): string {
  const text = address.toString()
  return address.getComponents().some(({ name }) => name === 'p2p') ? text : `${text}/p2p/${peerId}`
}

/** The id of the relay that an address leads through: the first one, as libp2p reads it. */
export function relayIdOf(address: Multiaddr): string | undefined {
  return address.getComponents().find(({ name }) => name === 'p2p')?.value
}

export function transportOf({ remoteAddr }: Pick<Connection, 'remoteAddr'>): PeerTransport {
  if (isWebRtc(remoteAddr)) return 'webrtc'
  if (isCircuit(remoteAddr)) return 'circuit'
  return isWebRtcDirect(remoteAddr) ? 'webrtc' : 'websocket'
}

/** The best transport among a peer's open connections; 'none' without any. */
export function bestTransport(connections: readonly Connection[]): PeerTransport {
  const open = connections.filter(({ status }) => status === 'open').map(transportOf)
  return open.find((transport) => transport !== 'circuit') ?? open[0] ?? 'none'
}
