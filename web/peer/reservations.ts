import {
  type CircuitRelayTransportComponents,
  type CircuitRelayTransportInit,
  circuitRelayTransport,
} from '@libp2p/circuit-relay-v2'
import type { PeerId, Transport } from '@libp2p/interface'
import type { CircuitLimit } from '#api/network-types.ts'
import { MAX_RELAYS, MAX_RESERVATIONS } from '#core/limits.ts'
import { toCircuitLimit } from './circuit-limits.ts'

/** Reservations at relays. libp2p makes, refreshes and loses them; whom to ask is decided by us. */
export interface Reservations {
  /** Asks a connected relay for a reservation, or returns when there is one. */
  reserve(relay: PeerId): Promise<void>
  /** Makes a reservation anew before it ends; one that the relay refuses is lost. */
  refresh(relay: PeerId): Promise<void>
  /** ms for which the reservation still holds; undefined without one */
  remainingMs(relay: PeerId): number | undefined
  /** what the relay allows each circuit; undefined without a reservation, or without a limit */
  circuitLimit(relay: PeerId): CircuitLimit | undefined
  /** Called with a relay's peer id when its reservation is lost. Returns the unsubscriber. */
  onRemoved(listener: (relay: string) => void): () => void
}

/**
 * Each bare address is one place for a reservation with a relay of our choice (js-libp2p#3601); one more than are
 * held, so that a relay that stops is replaced before it is let go of ([RE8]).
 */
export const LISTEN_ADDRESSES: readonly string[] = Array.from(
  { length: MAX_RESERVATIONS + 1 },
  () => '/p2p-circuit',
)

/** `limit` is kept by a patch: libp2p itself drops what the relay says of it. */
interface StoredReservation {
  expire: bigint
  readonly limit?: { readonly duration?: number; readonly data?: bigint }
}

/** What is used of the transport's store, which libp2p's interface does not show. */
interface ReservationStore {
  addRelay(peerId: PeerId, type: 'discovered'): Promise<unknown>
  getReservation(peerId: PeerId): StoredReservation | undefined
  addEventListener(type: 'relay:removed', listener: (event: CustomEvent<{ relay: PeerId }>) => void): void
  removeEventListener(type: 'relay:removed', listener: (event: CustomEvent<{ relay: PeerId }>) => void): void
}

/** Taken when a relay's clock and ours are too far apart to tell: the usual one of our relays. */
const USUAL_TTL_MS = 15 * 60_000
/** Relays of libp2p's defaults give two hours, and nobody gives more. */
const MAX_TTL_MS = 2 * 3_600_000

/**
 * Relays say by the wall clock until when a reservation holds. Its length is read once, when it is made, and counted
 * down by a clock that nobody sets.
 */
export function createLeases({
  wall,
  steady,
}: {
  readonly wall: () => number
  readonly steady: () => number
}): {
  /** `expire`: as the relay told, unix seconds; 0 while it is asked anew */
  remainingMs(relay: string, expire: number): number
} {
  const leases = new Map<string, { readonly expire: number; readonly endsAt: number }>()
  return {
    remainingMs(relay, expire) {
      let lease = leases.get(relay)
      if (lease === undefined || (expire !== lease.expire && expire !== 0)) {
        const ms = expire * 1_000 - wall()
        lease = { expire, endsAt: steady() + (ms > 0 && ms <= MAX_TTL_MS ? ms : USUAL_TTL_MS) }
        leases.delete(relay)
        leases.set(relay, lease)
        const [oldest] = leases.keys()
        if (leases.size > MAX_RELAYS && oldest !== undefined) leases.delete(oldest)
      }
      return Math.max(0, lease.endsAt - steady())
    },
  }
}

export interface CircuitTransport {
  /** for libp2p's `transports` */
  readonly transport: (components: CircuitRelayTransportComponents) => Transport
  /** usable once libp2p is created */
  readonly reservations: Reservations
}

/**
 * libp2p's circuit transport without its search for relays: as long as a place is free, that walks the DHT at
 * random without a pause and dials every peer that is heard of, which with one relay means for ever.
 */
export function createCircuitTransport(init: CircuitRelayTransportInit = {}): CircuitTransport {
  const leases = createLeases({ wall: Date.now, steady: () => performance.now() })
  let created: ReservationStore | undefined
  const store = (): ReservationStore => {
    if (created !== undefined) return created
    throw new Error('The circuit transport is used before libp2p is created.')
  }
  return {
    transport(components) {
      const transport = circuitRelayTransport(init)(withoutSearch(components))
      created = (transport as Transport & { readonly reservationStore: ReservationStore }).reservationStore
      return transport
    },
    reservations: {
      async reserve(relay) {
        await store().addRelay(relay, 'discovered')
      },
      async refresh(relay) {
        const reservation = store().getReservation(relay)
        if (reservation === undefined) return
        // libp2p makes anew only what is about to end, by a wall clock that may have been set since
        reservation.expire = 0n
        await store().addRelay(relay, 'discovered')
      },
      remainingMs(relay) {
        const reservation = store().getReservation(relay)
        return reservation === undefined
          ? undefined
          : leases.remainingMs(relay.toString(), Number(reservation.expire))
      },
      circuitLimit(relay) {
        const { duration, data } = store().getReservation(relay)?.limit ?? {}
        return toCircuitLimit({ seconds: duration, bytes: data })
      },
      onRemoved(listener) {
        const onEvent = ({ detail }: CustomEvent<{ relay: PeerId }>) => listener(detail.relay.toString())
        store().addEventListener('relay:removed', onEvent)
        return () => store().removeEventListener('relay:removed', onEvent)
      },
    },
  }
}

/** libp2p hands components over as a proxy that is filled later, so only these two properties are replaced. */
function withoutSearch(components: CircuitRelayTransportComponents): CircuitRelayTransportComponents {
  const randomWalk = { async *walk() {} }
  return new Proxy(components, {
    get(target, key) {
      if (key === 'randomWalk') return randomWalk
      return key === 'events' ? withoutDiscovery(target.events) : Reflect.get(target, key)
    },
  })
}

/** Every peer that libp2p hears of is announced by this event, and the transport would dial it. */
function withoutDiscovery(events: CircuitRelayTransportComponents['events']): typeof events {
  const heard = (type: string) => type !== 'peer:discovery'
  return new Proxy(events, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key)
      if (typeof value !== 'function') return value
      if (key !== 'addEventListener') return value.bind(target)
      return (type: string, ...rest: unknown[]) =>
        heard(type) ? value.call(target, type, ...rest) : undefined
    },
  })
}
