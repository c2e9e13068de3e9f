import { type CircuitRelayService, RELAY_V2_HOP_CODEC, RELAY_V2_STOP_CODEC } from '@libp2p/circuit-relay-v2'
import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface'

export interface CircuitLimits {
  readonly circuitsPerPeer: number
  readonly maxCircuits: number
}

export interface OpenCircuit {
  /** who was called */
  readonly destination: string
  readonly bytesToDestination: number
  readonly bytesFromDestination: number
}

/** What passes through the relay's circuits, and whether one more may be opened. */
export interface CircuitMeter {
  /** bytes of all circuits since start, by direction; a few hundred of each are its handshake */
  readonly bytesToDestinations: number
  readonly bytesFromDestinations: number
  /** circuits since start, those included that the called peer refused */
  readonly opened: number
  readonly refused: number
  open(): readonly OpenCircuit[]
  /** Begins to watch; before the node starts. */
  watch(libp2p: Libp2p): void
  /** For the connection gater: is one more circuit over a limit? */
  denies(source: PeerId, destination: PeerId): boolean
}

interface CountedCircuit extends OpenCircuit {
  bytesToDestination: number
  bytesFromDestination: number
}

/**
 * Every circuit has exactly one `stop` stream, from the relay to the called peer, and nothing else uses that
 * protocol here: counting what it sends and receives counts both directions. A stream that comes in by
 * it would be none of our circuits, so only outbound ones are counted.
 */
export function createCircuitMeter({ circuitsPerPeer, maxCircuits }: CircuitLimits): CircuitMeter {
  const circuits = new Set<CountedCircuit>()
  const total = { toDestinations: 0, fromDestinations: 0, opened: 0, refused: 0 }
  let node: Libp2p | undefined

  const count = (stream: Stream, connection: Connection): void => {
    const circuit = {
      destination: connection.remotePeer.toString(),
      bytesToDestination: 0,
      bytesFromDestination: 0,
    }
    circuits.add(circuit)
    total.opened++
    stream.addEventListener('close', () => circuits.delete(circuit), { once: true })
    stream.addEventListener('message', ({ data }) => {
      circuit.bytesFromDestination += data.byteLength
      total.fromDestinations += data.byteLength
    })
    const send = stream.send.bind(stream)
    stream.send = (data) => {
      circuit.bytesToDestination += data.byteLength
      total.toDestinations += data.byteLength
      return send(data)
    }
  }

  const isOverLimit = (source: PeerId, destination: PeerId): boolean => {
    if (circuits.size >= maxCircuits) return true
    const called = destination.toString()
    let toDestination = 0
    for (const circuit of circuits) if (circuit.destination === called) toDestination++
    if (toDestination >= circuitsPerPeer) return true
    // The stream that asks for this circuit is among those counted.
    return node !== undefined && countHopStreams(node, source) > circuitsPerPeer
  }

  return {
    get bytesToDestinations() {
      return total.toDestinations
    },
    get bytesFromDestinations() {
      return total.fromDestinations
    },
    get opened() {
      return total.opened
    },
    get refused() {
      return total.refused
    },
    open: () => [...circuits].map((circuit) => ({ ...circuit })),
    watch(libp2p) {
      node = libp2p
      libp2p.use(RELAY_V2_STOP_CODEC, (stream, connection, next) => {
        if (stream.direction === 'outbound') count(stream, connection)
        next(stream, connection)
      })
    },
    denies(source, destination) {
      const denied = isOverLimit(source, destination)
      if (denied) total.refused++
      return denied
    },
  }
}

function countHopStreams(libp2p: Libp2p, peer: PeerId): number {
  let streams = 0
  for (const connection of libp2p.getConnections(peer)) {
    for (const { protocol, direction } of connection.streams) {
      if (protocol === RELAY_V2_HOP_CODEC && direction === 'inbound') streams++
    }
  }
  return streams
}

/**
 * Frees a peer's slot as soon as its last connection ends, instead of when the reservation's time is over
 * (js-libp2p#2833): a reload would else hold two slots for a quarter of an hour.
 */
export function freeReservationsOnDisconnect(libp2p: Libp2p, { reservations }: CircuitRelayService): void {
  libp2p.addEventListener('peer:disconnect', ({ detail: peer }) => {
    // Its timer must not end the reservation that the peer makes when it comes back.
    reservations.get(peer)?.signal.clear()
    reservations.delete(peer)
  })
}
