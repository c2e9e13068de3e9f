import type { IdentifyResult, Libp2p, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'
import { type NetworkName, protocolsOf } from '#core/network.ts'
import { parseRelayAddress, type RelayAddress, withPeerId } from '#peer/addresses.ts'
import { type Backoff, createBackoff } from '#peer/backoff.ts'
import { isPrivateAddress } from '#peer/gater.ts'
import { createRendezvous, relaysCid } from '#peer/rendezvous.ts'
import { systemTimers } from '#peer/system-timers.ts'
import {
  FLEET_DIAL_TIMEOUT_MS,
  FLEET_FIRST_RETRY_MS,
  FLEET_MAX_RETRY_MS,
  MAX_FOUND_FAILURES,
  MAX_FOUND_RELAYS,
} from './limits.ts'

export interface FleetComponents {
  readonly libp2p: Pick<
    Libp2p,
    'peerId' | 'dial' | 'getConnections' | 'addEventListener' | 'removeEventListener' | 'contentRouting'
  >
}

export interface FleetInit {
  readonly network: NetworkName
  /** multiaddrs with peer ids; one's own is passed over, so that a whole fleet shares one list */
  readonly relays: readonly string[]
  /** one more is connected, or one less */
  readonly onChange: () => void
  /** @default Math.random */
  readonly random?: () => number
}

export interface Fleet {
  /** the others that are connected now, as clients may dial them: the named ones first */
  connected(): readonly Multiaddr[]
  start(): void
  stop(): void
}

interface Member extends RelayAddress {
  readonly id: PeerId
  readonly backoff: Backoff
  /** found in the DHT: told to clients only once it answered at its address, given up when it is gone */
  readonly isFound: boolean
  answered: boolean
  failures: number
  timer?: ReturnType<typeof setTimeout>
}

/**
 * The other relays of a network ([RE8]): a connection to each is kept, so that gossip, who is here and records cross
 * from the tabs of one to those of another. One that is down is dialled again, ever more seldom. Besides those that are
 * named, it keeps those that are found by the content that every relay provides in the DHT.
 */
export function createFleet({ libp2p }: FleetComponents, init: FleetInit): Fleet {
  const { network, relays, onChange, random = Math.random } = init
  const stopping = new AbortController()
  const members = new Map<string, Member>()
  for (const address of relays) put(parseRelayAddress(address), false)

  function put(address: RelayAddress, isFound: boolean): Member | undefined {
    if (address.peerId === libp2p.peerId.toString() || members.has(address.peerId)) return undefined
    const member: Member = {
      ...address,
      id: peerIdFromString(address.peerId),
      backoff: createBackoff({ firstMs: FLEET_FIRST_RETRY_MS, maxMs: FLEET_MAX_RETRY_MS, random }),
      isFound,
      answered: !isFound,
      failures: 0,
    }
    members.set(address.peerId, member)
    return member
  }

  const isConnected = ({ id }: Member) => libp2p.getConnections(id).length > 0

  async function dial(member: Member): Promise<void> {
    const before = libp2p.getConnections(member.id).length
    try {
      const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(FLEET_DIAL_TIMEOUT_MS)])
      // It may have come to us: that says nothing of the address at which others would look for it.
      const connection = await libp2p.dial(member.multiaddr, { signal, force: !member.answered })
      if (before > 0 && !member.answered) await connection.close()
      member.answered = true
      member.failures = 0
      member.backoff.reset()
      onChange()
    } catch {
      member.failures++
      retry(member) // it is down or being started: its clients have the others meanwhile
    }
  }

  function retry(member: Member): void {
    clearTimeout(member.timer)
    if (stopping.signal.aborted) return
    if (member.isFound && member.failures >= MAX_FOUND_FAILURES) {
      members.delete(member.peerId)
      return
    }
    member.timer = setTimeout(() => void dial(member), member.backoff.next())
    member.timer.unref()
  }

  function onDisconnect({ detail }: CustomEvent<PeerId>): void {
    const member = members.get(detail.toString())
    if (member === undefined || stopping.signal.aborted) return
    onChange()
    retry(member)
  }

  /** Anybody may say that it is a relay: few are tried, at one address each, and the dial proves it. */
  function onFound(peer: PeerId, addresses: readonly Multiaddr[]): void {
    if ([...members.values()].filter(({ isFound }) => isFound).length >= MAX_FOUND_RELAYS) return
    const usable = addresses.flatMap((address) => relayAddressOf(peer, address))
    const best = usable.find(({ multiaddr }) => !isPrivateAddress(multiaddr)) ?? usable[0]
    const member = best === undefined ? undefined : put(best, true)
    if (member !== undefined) void dial(member)
  }

  const search = createRendezvous(libp2p.contentRouting, {
    cid: relaysCid(network),
    timers: systemTimers,
    announce: (signal) => libp2p.contentRouting.provide(relaysCid(network), { signal }),
    isWanted: () => true,
    onFound,
    random,
  })

  /** Only relays answer for the DHT: one that came knows others. */
  function onIdentify({ detail }: CustomEvent<IdentifyResult>): void {
    if (detail.protocols.includes(protocolsOf(network).dht)) search.soon()
  }

  return {
    connected: () =>
      [...members.values()]
        .filter((member) => member.answered && isConnected(member))
        .map(({ multiaddr }) => multiaddr),
    start() {
      libp2p.addEventListener('peer:disconnect', onDisconnect)
      libp2p.addEventListener('peer:identify', onIdentify)
      for (const member of members.values()) void dial(member)
      search.start()
    },
    stop() {
      stopping.abort()
      search.stop()
      libp2p.removeEventListener('peer:disconnect', onDisconnect)
      libp2p.removeEventListener('peer:identify', onIdentify)
      for (const { timer } of members.values()) clearTimeout(timer)
    },
  }
}

/** One that is no relay's, or another peer's, is passed over. */
function relayAddressOf(peer: PeerId, address: Multiaddr): readonly RelayAddress[] {
  try {
    const parsed = parseRelayAddress(withPeerId(address, peer.toString()))
    return parsed.peerId === peer.toString() ? [parsed] : []
  } catch {
    return []
  }
}
