import type { Connection, Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { isCircuit, relayIdOf, startsAtRelay } from './addresses.ts'
import type { HerePeer } from './presence.ts'

const DIAL_TIMEOUT_MS = 5_000

export interface CircuitMoverComponents {
  readonly libp2p: Pick<Libp2p, 'dial' | 'getConnections'>
  /** who is here, and where */
  readonly peers: () => readonly Pick<HerePeer, 'peerId' | 'addresses'>[]
}

/**
 * [RE8] Leads the circuits through a relay that stops around it: each peer is dialled through another relay, and
 * only once that stands the old circuit is closed. A peer that is nowhere else keeps the old one as long as it lasts.
 */
export async function moveCircuits(
  { libp2p, peers }: CircuitMoverComponents,
  relay: string,
  signal: AbortSignal,
): Promise<void> {
  const known = new Map(peers().map(({ peerId, addresses }) => [peerId, addresses]))

  async function move(circuit: Connection): Promise<void> {
    const addresses = (known.get(circuit.remotePeer.toString()) ?? []).filter((address) =>
      leadsAround(address, relay),
    )
    if (addresses.length === 0) return
    const timeout = AbortSignal.timeout(DIAL_TIMEOUT_MS)
    await libp2p.dial(addresses, { signal: AbortSignal.any([signal, timeout]) })
    await circuit.close()
  }

  const circuits = libp2p
    .getConnections()
    .filter(({ status, remoteAddr }) => status === 'open' && isCircuit(remoteAddr))
    .filter(({ remoteAddr }) => relayIdOf(remoteAddr) === relay)
  await Promise.allSettled(circuits.map(move)) // one that cannot be moved is met again by its next heartbeat
}

function leadsAround(address: Multiaddr, relay: string): boolean {
  return startsAtRelay(address) && isCircuit(address) && relayIdOf(address) !== relay
}
