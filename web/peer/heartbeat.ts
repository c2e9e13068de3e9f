import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { ByteReader, type Bytes, ByteWriter } from '#core/bytes.ts'
import { MAX_HEARTBEAT_ADDRESSES, MAX_HEARTBEAT_BYTES } from '#core/limits.ts'
import { PeerError } from './errors.ts'

const VERSION = 1
const KINDS = ['tab', 'relay', 'node'] as const
const GOODBYE = 1
const WEB_RTC = 2

export type PeerKind = (typeof KINDS)[number]

/**
 * "I am here": who is in the network and where to dial them. Gossip signs it with the peer's key.
 * Bytes: version u8 ‖ kind u8 ‖ flags u8 ‖ direct peers u8 ‖ time u64 ‖ count u8 ‖ count · (length u16 ‖ multiaddr)
 */
export interface Heartbeat {
  readonly kind: PeerKind
  /** last words: the peer leaves now */
  readonly goodbye: boolean
  readonly webRtc: boolean
  /** direct connections that it holds, 0..255: the lonely are dialled first */
  readonly directPeers: number
  /** unix ms by the sender's clock; a newer heartbeat replaces an older one */
  readonly time: number
  readonly addresses: readonly Multiaddr[]
}

/** Addresses beyond the eighth, or beyond MAX_HEARTBEAT_BYTES, are left out. */
export function encodeHeartbeat(heartbeat: Heartbeat): Bytes {
  const addresses: Uint8Array[] = []
  let length = 13
  for (const { bytes } of heartbeat.addresses.slice(0, MAX_HEARTBEAT_ADDRESSES)) {
    length += 2 + bytes.length
    if (length > MAX_HEARTBEAT_BYTES) break
    addresses.push(bytes)
  }
  const writer = new ByteWriter()
    .u8(VERSION)
    .u8(KINDS.indexOf(heartbeat.kind))
    .u8((heartbeat.goodbye ? GOODBYE : 0) | (heartbeat.webRtc ? WEB_RTC : 0))
    .u8(Math.min(255, heartbeat.directPeers))
    .u64(BigInt(heartbeat.time))
    .u8(addresses.length)
  for (const bytes of addresses) writer.u16(bytes.length).bytes(bytes)
  return writer.finish()
}

/** @throws HEARTBEAT_INVALID */
export function decodeHeartbeat(bytes: Uint8Array): Heartbeat {
  if (bytes.length > MAX_HEARTBEAT_BYTES) {
    throw invalid(`${bytes.length} bytes, at most ${MAX_HEARTBEAT_BYTES} are read`)
  }
  try {
    return decode(bytes)
  } catch (cause) {
    throw cause instanceof PeerError ? cause : invalid('malformed', cause)
  }
}

function decode(bytes: Uint8Array): Heartbeat {
  const reader = new ByteReader(bytes)
  const version = reader.u8('version')
  if (version !== VERSION) throw invalid(`version ${version}, expected ${VERSION}`)
  const kind = KINDS[reader.u8('kind')]
  if (kind === undefined) throw invalid('an unknown kind of peer')
  const flags = reader.u8('flags')
  if (flags > (GOODBYE | WEB_RTC)) throw invalid(`unknown flags ${flags}`)
  const directPeers = reader.u8('direct peers')
  const time = Number(reader.u64('time'))
  const count = reader.u8('count')
  if (count > MAX_HEARTBEAT_ADDRESSES) throw invalid(`${count} addresses, at most ${MAX_HEARTBEAT_ADDRESSES}`)
  const addresses = Array.from({ length: count }, () =>
    multiaddr(reader.bytes(reader.u16('address length'), 'address')),
  )
  reader.end('heartbeat')
  if (!Number.isSafeInteger(time)) throw invalid('a time beyond 2⁵³')
  return {
    kind,
    goodbye: (flags & GOODBYE) !== 0,
    webRtc: (flags & WEB_RTC) !== 0,
    directPeers,
    time,
    addresses,
  }
}

function invalid(what: string, cause?: unknown): PeerError {
  return new PeerError(
    'HEARTBEAT_INVALID',
    `A peer's heartbeat was refused: ${what}.`,
    cause === undefined ? {} : { cause },
  )
}
