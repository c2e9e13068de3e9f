import type { Libp2p, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'
import { parseRelayAddress, type RelayAddress } from '#peer/addresses.ts'
import { type Backoff, createBackoff } from '#peer/backoff.ts'
import { FLEET_DIAL_TIMEOUT_MS, FLEET_FIRST_RETRY_MS, FLEET_MAX_RETRY_MS } from './limits.ts'

export interface FleetComponents {
  readonly libp2p: Pick<
    Libp2p,
    'peerId' | 'dial' | 'getConnections' | 'addEventListener' | 'removeEventListener'
  >
}

export interface FleetInit {
  /** multiaddrs with peer ids; one's own is passed over, so that a whole fleet shares one list */
  readonly relays: readonly string[]
  /** one more is connected, or one less */
  readonly onChange: () => void
  /** @default Math.random */
  readonly random?: () => number
}

export interface Fleet {
  /** the others that are connected now, as clients may dial them */
  connected(): readonly Multiaddr[]
  start(): void
  stop(): void
}

interface Member extends RelayAddress {
  readonly id: PeerId
  readonly backoff: Backoff
  timer?: ReturnType<typeof setTimeout>
}

/**
 * The other relays of a network ([RE8]): a connection to each is kept, so that gossip, who is here and records cross
 * from the tabs of one to those of another. One that is down is dialled again, ever more seldom.
 */
export function createFleet({ libp2p }: FleetComponents, init: FleetInit): Fleet {
  const { relays, onChange, random = Math.random } = init
  const stopping = new AbortController()
  const members: readonly Member[] = relays
    .map(parseRelayAddress)
    .filter(({ peerId }) => peerId !== libp2p.peerId.toString())
    .map((address) => ({
      ...address,
      id: peerIdFromString(address.peerId),
      backoff: createBackoff({ firstMs: FLEET_FIRST_RETRY_MS, maxMs: FLEET_MAX_RETRY_MS, random }),
    }))

  const isConnected = ({ id }: Member) => libp2p.getConnections(id).length > 0

  async function dial(member: Member): Promise<void> {
    try {
      const timeout = AbortSignal.timeout(FLEET_DIAL_TIMEOUT_MS)
      await libp2p.dial(member.multiaddr, { signal: AbortSignal.any([stopping.signal, timeout]) })
      member.backoff.reset()
      onChange()
    } catch {
      retry(member) // it is down or being started: its clients have the others meanwhile
    }
  }

  function retry(member: Member): void {
    clearTimeout(member.timer)
    if (stopping.signal.aborted) return
    member.timer = setTimeout(() => void dial(member), member.backoff.next())
    member.timer.unref()
  }

  function onDisconnect({ detail }: CustomEvent<PeerId>): void {
    const member = members.find(({ id }) => id.equals(detail))
    if (member === undefined || stopping.signal.aborted) return
    onChange()
    retry(member)
  }

  return {
    connected: () => members.filter(isConnected).map(({ multiaddr }) => multiaddr),
    start() {
      libp2p.addEventListener('peer:disconnect', onDisconnect)
      for (const member of members) void dial(member)
    },
    stop() {
      stopping.abort()
      libp2p.removeEventListener('peer:disconnect', onDisconnect)
      for (const { timer } of members) clearTimeout(timer)
    },
  }
}
