import type { CircuitLimit, NetworkState, PeerState, RelayState } from '#api/network-types.ts'
import { formatAgo, formatBytes, formatDuration } from './format.ts'
import { networkTexts } from './network-texts.ts'

/** What the network panel says of relays and peers, in words. Pure: the clock comes as an argument. */

/** How a relay is doing, with its times as spans from now. */
export function relayLine(relay: RelayState, now: number): string {
  const status = networkTexts.relayStatus[relay.status]
  if (relay.status === 'reserved' && relay.reservedUntil !== undefined) {
    return networkTexts.until(status, formatDuration(relay.reservedUntil - now))
  }
  if (relay.status === 'waiting' && relay.retryAt !== undefined) {
    // whole seconds: the line counts down
    const left = Math.ceil((relay.retryAt - now) / 1000)
    return left > 0
      ? networkTexts.retryIn(status, formatDuration(left * 1000))
      : networkTexts.retrying(status)
  }
  return status
}

/** `800 MB or 40 min`; undefined when neither is bounded. */
function formatLimit({ bytes, ms }: CircuitLimit): string | undefined {
  const parts = [
    ...(bytes === undefined ? [] : [formatBytes(bytes)]),
    ...(ms === undefined ? [] : [formatDuration(ms)]),
  ]
  return parts.length === 0 ? undefined : parts.join(' or ')
}

/** What a relay allows each circuit; nothing before it gave a reservation. */
export function limitLine({ status, circuitLimit }: RelayState): string | undefined {
  if (status !== 'reserved') return undefined
  const limit = circuitLimit === undefined ? undefined : formatLimit(circuitLimit)
  return limit === undefined ? networkTexts.noCircuitLimit : networkTexts.circuitLimit(limit)
}

/** What a peer is and how it is reached: `Tab · through a relay · 800 MB or 40 min left`. */
export function peerLine({ kind, transport, circuitLeft }: PeerState): string {
  const left = circuitLeft === undefined ? undefined : formatLimit(circuitLeft)
  const parts = [networkTexts.peerKinds[kind], networkTexts.transports[transport]]
  return [...parts, ...(left === undefined ? [] : [networkTexts.circuitLeft(left)])].join(' · ')
}

/** Since when: `5 min` of a connection; `17 s ago` when a peer is only heard of. */
export function peerSince({ connectedAt, lastSeen }: PeerState, now: number): string {
  return connectedAt === undefined ? formatAgo(lastSeen, now) : formatDuration(Math.max(0, now - connectedAt))
}

/** Connected ones first, the oldest connection before newer ones; then who was heard last. */
export function orderPeers(peers: readonly PeerState[]): readonly PeerState[] {
  const isConnected = ({ transport }: PeerState): number => (transport === 'none' ? 0 : 1)
  return [...peers].sort(
    (a, b) =>
      isConnected(b) - isConnected(a) ||
      (a.connectedAt ?? Number.POSITIVE_INFINITY) - (b.connectedAt ?? Number.POSITIVE_INFINITY) ||
      (a.connectedAt === undefined ? b.lastSeen - a.lastSeen : 0) ||
      (a.peerId < b.peerId ? -1 : 1),
  )
}

/** The addresses that others are told to reach this peer at: circuits through the relays that hold a place for it. */
export function toldAddresses({
  relays,
  peerId,
}: Pick<NetworkState, 'relays' | 'peerId'>): readonly string[] {
  return relays
    .filter(({ status }) => status === 'reserved')
    .map((relay) => {
      const isNamed = relay.address.includes('/p2p/') || relay.peerId === undefined
      return `${relay.address}${isNamed ? '' : `/p2p/${relay.peerId}`}/p2p-circuit/p2p/${peerId}`
    })
}
