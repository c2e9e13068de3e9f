import type { CircuitRelayService } from '@libp2p/circuit-relay-v2'
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import type { RateLimit } from '#core/rate-limit.ts'
import { addressGroup } from './http/client-address.ts'

export interface ReservationLimit {
  /** requests refused since start */
  readonly refused: number
  /** Begins to count; before the node starts. */
  watch(libp2p: Libp2p, service: CircuitRelayService): void
  /** For the connection gater: has this peer's address asked too often, or would it hold too many? */
  denies(peer: PeerId): boolean
}

/** Peer ids cost nothing: whoever makes many of them reserves no more than one address may. */
export function createReservationLimit(perAddress: number, requests: RateLimit): ReservationLimit {
  let refused = 0
  let node: Libp2p | undefined
  let service: CircuitRelayService | undefined

  function isFull({ reservations }: CircuitRelayService, peer: PeerId, address: string): boolean {
    // One that is only made longer takes no place.
    if (reservations.has(peer)) return false
    let held = 0
    for (const { addr } of reservations.values()) if (groupOf(addr) === address) held++
    return held >= perAddress
  }

  return {
    get refused() {
      return refused
    },
    watch(libp2p, relay) {
      node = libp2p
      service = relay
    },
    denies(peer) {
      if (node === undefined || service === undefined) return false
      const address = connectionGroup(node.getConnections(peer)[0])
      const isOver = !requests.take(address) || isFull(service, peer, address)
      if (isOver) refused++
      return isOver
    },
  }
}

/** What a connection's peer counts for; all whose address is unknown count together. */
export function connectionGroup(connection: Pick<Connection, 'remoteAddr'> | undefined): string {
  return connection === undefined ? '' : groupOf(connection.remoteAddr)
}

function groupOf(address: Connection['remoteAddr']): string {
  return addressGroup(address.getComponents()[0]?.value ?? '')
}
