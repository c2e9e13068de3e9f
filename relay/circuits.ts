import { performance } from 'node:perf_hooks'
import {
  type CircuitRelayServerInit,
  type CircuitRelayService,
  RELAY_V2_HOP_CODEC,
  RELAY_V2_STOP_CODEC,
} from '@libp2p/circuit-relay-v2'
import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface'
import type { RateLimit } from '#core/rate-limit.ts'
import { type CircuitPipe, joinCircuit, type PipeOutcome } from './circuits/circuit-pipe.ts'
import { createFairScheduler } from './circuits/fair-scheduler.ts'
import { createQuotas } from './circuits/quotas.ts'
import type { RelayConfig } from './config.ts'
import { CIRCUIT_MEMORY_CHECK_MS, MAX_CIRCUIT_BUFFERED_BYTES } from './limits.ts'
import { connectionGroup } from './reservation-limit.ts'

export type CircuitLimits = Pick<
  RelayConfig,
  | 'circuitsPerPeer'
  | 'circuitsPerAddress'
  | 'maxCircuits'
  | 'circuitLimits'
  | 'peerRate'
  | 'addressRate'
  | 'totalRate'
  | 'peerBytes'
  | 'addressBytes'
  | 'totalBytes'
  | 'quotaMs'
>

/** Why a circuit was refused or ended by the relay; the labels of the metric. */
export type CircuitRefusal = 'peer' | 'address' | 'all' | 'bytes' | 'memory' | 'requests'

/** What became of a circuit; `unanswered`: the called peer did not agree. The labels of the metric. */
export type CircuitOutcome = PipeOutcome | 'unanswered'

export interface OpenCircuit {
  /** who was called */
  readonly destination: string
  readonly bytesToDestination: number
  readonly bytesFromDestination: number
}

/** Carries the relay's circuits within its limits, and counts what passes. */
export interface Circuits {
  /** bytes of all circuits since start, by direction */
  readonly bytesToDestinations: number
  readonly bytesFromDestinations: number
  /** circuits since start, those included that the called peer refused */
  readonly opened: number
  readonly refused: Readonly<Record<CircuitRefusal, number>>
  /** those that are over; with the open ones they are all that were opened */
  readonly outcomes: Readonly<Record<CircuitOutcome, number>>
  open(): readonly OpenCircuit[]
  /** Begins to watch; before the node starts. */
  watch(libp2p: Libp2p): void
  /** For the connection gater: is one more circuit over a limit? */
  denies(source: PeerId, destination: PeerId): boolean
  /** For the relay service: carries what passes between the two streams of a circuit. */
  readonly join: NonNullable<CircuitRelayServerInit['join']>
  stop(): void
}

interface CountedCircuit extends OpenCircuit {
  bytesToDestination: number
  bytesFromDestination: number
  /** text form of who asked; undefined while the called peer has not agreed */
  source?: string
  pipe?: CircuitPipe
}

/**
 * Every circuit has exactly one `stop` stream, from the relay to the called peer, and nothing else uses that
 * protocol here, so these streams are the circuits, also before both sides agreed. A stream that comes in by it
 * would be none of our circuits.
 */
export function createCircuits(config: CircuitLimits, requests: RateLimit): Circuits {
  const circuits = new Map<Stream, CountedCircuit>()
  const total = { toDestinations: 0, fromDestinations: 0, opened: 0 }
  const refused: Record<CircuitRefusal, number> = {
    peer: 0,
    address: 0,
    all: 0,
    bytes: 0,
    memory: 0,
    requests: 0,
  }
  const outcomes: Record<CircuitOutcome, number> = { closed: 0, limit: 0, broken: 0, unanswered: 0 }
  const limit = (bytes: bigint) => (config.circuitLimits ? Number(bytes) : Number.POSITIVE_INFINITY)
  const scheduler = createFairScheduler({
    rates: {
      peer: limit(config.peerRate),
      address: limit(config.addressRate),
      total: limit(config.totalRate),
    },
    now: () => performance.now(),
    setTimer,
  })
  const quotas = createQuotas({
    bytes: {
      peer: limit(config.peerBytes),
      address: limit(config.addressBytes),
      total: limit(config.totalBytes),
    },
    periodMs: config.quotaMs,
    now: () => performance.now(),
  })
  let node: Libp2p | undefined
  const memoryCheck = setInterval(() => freeMemory(), CIRCUIT_MEMORY_CHECK_MS).unref()

  const count = (stream: Stream, connection: Connection): void => {
    const destination = connection.remotePeer.toString()
    const circuit: CountedCircuit = { destination, bytesToDestination: 0, bytesFromDestination: 0 }
    circuits.set(stream, circuit)
    total.opened++
    stream.addEventListener(
      'close',
      () => {
        if (circuits.delete(stream) && circuit.pipe === undefined) outcomes.unanswered++
      },
      { once: true },
    )
  }

  const refusalOf = (source: PeerId, destination: PeerId): CircuitRefusal | undefined => {
    const address = connectionGroup(node?.getConnections(source)[0])
    if (!requests.take(address)) return 'requests'
    if (circuits.size >= config.maxCircuits) return 'all'
    if (scheduler.circuitsOf(address) >= config.circuitsPerAddress) return 'address'
    const called = destination.toString()
    let toDestination = 0
    for (const circuit of circuits.values()) if (circuit.destination === called) toDestination++
    // The stream that asks for this circuit is among those counted.
    const isPeerFull =
      toDestination >= config.circuitsPerPeer ||
      (node !== undefined && countHopStreams(node, source) > config.circuitsPerPeer)
    if (isPeerFull) return 'peer'
    return quotas.usedUp(source.toString(), address) === undefined ? undefined : 'bytes'
  }

  /** When slow receivers hold too much, the peer whose circuits hold most loses them. */
  function freeMemory(): void {
    const byPeer = new Map<string, number>()
    let buffered = 0
    for (const { source = '', pipe } of circuits.values()) {
      const bytes = pipe?.bufferedBytes ?? 0
      buffered += bytes
      byPeer.set(source, (byPeer.get(source) ?? 0) + bytes)
    }
    if (buffered <= MAX_CIRCUIT_BUFFERED_BYTES) return
    const [most] = [...byPeer].sort(([, a], [, b]) => b - a)
    refused.memory++
    for (const { source, pipe } of [...circuits.values()]) {
      if (source === most?.[0]) pipe?.abort(new Error('Its receivers are too slow for what it sends.'))
    }
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
    refused,
    outcomes,
    open: () =>
      [...circuits.values()].map(({ destination, bytesToDestination, bytesFromDestination }) => ({
        destination,
        bytesToDestination,
        bytesFromDestination,
      })),
    watch(libp2p) {
      node = libp2p
      libp2p.use(RELAY_V2_STOP_CODEC, (stream, connection, next) => {
        if (stream.direction === 'outbound') count(stream, connection)
        next(stream, connection)
      })
    },
    denies(source, destination) {
      const refusal = refusalOf(source, destination)
      if (refusal !== undefined) refused[refusal]++
      return refusal !== undefined
    },
    join(source, destination, shutdown, { limit: told, signal }, ends) {
      const circuit = circuits.get(destination)
      const peer = ends.source.remotePeer.toString()
      const address = connectionGroup(ends.source)
      const pipe = joinCircuit({
        source,
        destination,
        scheduler,
        peer,
        address,
        maxBytes: told?.data,
        maxMs: told?.duration === undefined ? undefined : told.duration * 1_000,
        signals: [shutdown, signal],
        onCarried(direction, bytes) {
          total[direction === 'toDestination' ? 'toDestinations' : 'fromDestinations'] += bytes
          if (circuit !== undefined) {
            circuit[direction === 'toDestination' ? 'bytesToDestination' : 'bytesFromDestination'] += bytes
          }
          quotas.spend(peer, address, bytes)
          const owner = quotas.usedUp(peer, address)
          if (owner === undefined) return undefined
          refused.bytes++
          return new Error(`The bytes of this ${owner === 'all' ? 'relay' : owner} are used up for now.`)
        },
        onEnd(outcome) {
          circuits.delete(destination)
          if (circuit !== undefined) outcomes[outcome]++
        },
      })
      if (circuit !== undefined) Object.assign(circuit, { source: peer, pipe })
    },
    stop() {
      clearInterval(memoryCheck)
      scheduler.stop()
    },
  }
}

function setTimer(task: () => void, ms: number): () => void {
  if (ms > 0) {
    const timer = setTimeout(task, ms)
    return () => clearTimeout(timer)
  }
  const turn = setImmediate(task)
  return () => clearImmediate(turn)
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
