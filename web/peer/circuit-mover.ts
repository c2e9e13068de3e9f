import type { Connection, Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { elapsed } from '#core/elapsed.ts'
import type { Timers } from '#core/timers.ts'
import { isCircuit, relayIdOf, startsAtRelay } from './addresses.ts'
import type { HerePeer } from './presence.ts'

const DIAL_TIMEOUT_MS = 5_000
/** What began on the old circuit ends there, if it ends soon; both sides begin on the new one as soon as it stands. */
const SETTLE_MS = 1_000
const MAX_SETTLES = 8

export interface CircuitMoverComponents {
  readonly libp2p: Pick<Libp2p, 'dial' | 'getConnections'>
  /** who is here, and where */
  readonly peers: () => readonly Pick<HerePeer, 'peerId' | 'addresses'>[]
  readonly timers: Timers
}

/**
 * [RE8] Leads the circuits through a relay that stops around it: each peer is dialled through another relay, and
 * only once that stands the old circuit is closed. A peer that is nowhere else keeps the old one as long as it lasts.
 */
export async function moveCircuits(
  { libp2p, peers, timers }: CircuitMoverComponents,
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
    for (let i = 0; i === 0 || (i < MAX_SETTLES && isBusy(circuit)); i++)
      await elapsed(SETTLE_MS, { timers, signal })
    await circuit.close()
  }

  const circuits = libp2p
    .getConnections()
    .filter(({ status, remoteAddr }) => status === 'open' && isCircuit(remoteAddr))
    .filter(({ remoteAddr }) => relayIdOf(remoteAddr) === relay)
  await Promise.allSettled(circuits.map(move)) // one that cannot be moved is met again by its next heartbeat
}

/** Gossip keeps its streams for ever; every other one is a question or an answer. */
function isBusy({ streams }: Connection): boolean {
  return streams.some(({ protocol }) => !protocol.startsWith('/meshsub/'))
}

function leadsAround(address: Multiaddr, relay: string): boolean {
  return startsAtRelay(address) && isCircuit(address) && relayIdOf(address) !== relay
}
