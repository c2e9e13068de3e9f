import type { OptionTable } from './option-sources.ts'
import { DAY_MS, parseBoolean, parseBytes, parseDuration, parseInteger } from './option-types.ts'

/** What clients may take of a relay: reservations, and circuits through it. */
export interface CircuitConfig {
  readonly maxReservations: number
  readonly reservationTtlMs: number
  /** held by peers of one address */
  readonly reservationsPerAddress: number
  /** false lifts every limit of bytes, rate and time of circuits */
  readonly circuitLimits: boolean
  /** both directions of one circuit together */
  readonly circuitBytes: bigint
  readonly circuitMs: number
  /** bytes per second through the circuits that one peer opened, both directions together */
  readonly peerRate: bigint
  readonly addressRate: bigint
  readonly totalRate: bigint
  /** bytes in `quotaMs` through the circuits that one peer opened, both directions together */
  readonly peerBytes: bigint
  readonly addressBytes: bigint
  readonly totalBytes: bigint
  readonly quotaMs: number
  readonly circuitsPerPeer: number
  /** opened by peers of one address */
  readonly circuitsPerAddress: number
  readonly maxCircuits: number
}

/** Their part of the table of options. */
export const CIRCUIT_OPTIONS: OptionTable<CircuitConfig> = {
  maxReservations: {
    flag: 'max-reservations',
    type: parseInteger({ min: 0, max: 100_000 }),
    default: '1024',
    summary: 'peers that can be reached through this relay at once',
  },
  reservationTtlMs: {
    flag: 'reservation-ttl',
    type: parseDuration({ minMs: 1_000, maxMs: DAY_MS }),
    default: '15m',
    summary: 'life of a reservation; it also ends with its connection',
  },
  reservationsPerAddress: {
    flag: 'reservations-per-address',
    type: parseInteger({ min: 1, max: 100_000 }),
    default: '24',
    summary: 'reservations from one IPv4 address or one IPv6 /64; a tab holds one',
  },
  circuitLimits: {
    flag: 'circuit-limits',
    type: parseBoolean,
    default: 'true',
    summary: 'whether bytes, rate and time of circuits are limited',
  },
  circuitBytes: {
    flag: 'circuit-bytes',
    type: parseBytes,
    default: '1GiB',
    summary: 'bytes through one circuit, both directions together',
  },
  circuitMs: {
    flag: 'circuit-time',
    type: parseDuration({ minMs: 1_000, maxMs: DAY_MS }),
    default: '1h',
    summary: 'life of one circuit',
  },
  peerRate: {
    flag: 'peer-rate',
    type: parseBytes,
    default: '8MiB',
    summary: 'bytes per second through the circuits that one peer opened',
  },
  addressRate: {
    flag: 'address-rate',
    type: parseBytes,
    default: '16MiB',
    summary: 'the same of one address',
  },
  totalRate: {
    flag: 'total-rate',
    type: parseBytes,
    default: '64MiB',
    summary: 'the same of all together; peers that want more than there is get equal parts',
  },
  peerBytes: {
    flag: 'peer-bytes',
    type: parseBytes,
    default: '32GiB',
    summary: 'bytes in one quota-time through the circuits that one peer opened',
  },
  addressBytes: {
    flag: 'address-bytes',
    type: parseBytes,
    default: '64GiB',
    summary: 'the same of one address',
  },
  totalBytes: {
    flag: 'total-bytes',
    type: parseBytes,
    default: '1024GiB',
    summary: 'the same of all together',
  },
  quotaMs: {
    flag: 'quota-time',
    type: parseDuration({ minMs: 1_000, maxMs: DAY_MS }),
    default: '24h',
    summary: 'when bytes that were used up are given anew',
  },
  circuitsPerPeer: {
    flag: 'circuits-per-peer',
    type: parseInteger({ min: 1, max: 1_000 }),
    default: '64',
    summary: 'circuits from or to one peer at once',
  },
  circuitsPerAddress: {
    flag: 'circuits-per-address',
    type: parseInteger({ min: 1, max: 100_000 }),
    default: '256',
    summary: 'circuits opened from one address at once',
  },
  maxCircuits: {
    flag: 'max-circuits',
    type: parseInteger({ min: 0, max: 1_000_000 }),
    default: '4096',
    summary: 'circuits in all at once',
  },
}
