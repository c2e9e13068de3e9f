import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { ByteReader, type Bytes, ByteWriter } from '#core/bytes.ts'
import { MAX_TOLD_RELAYS } from '#core/limits.ts'
import { PeerError } from '../errors.ts'

const VERSION = 1
const DRAINING = 1
/** A name of 253 characters, a peer id and what stands around them. */
const MAX_ADDRESS_BYTES = 384
export const MAX_RELAY_NOTICE_BYTES = 3 + MAX_TOLD_RELAYS * (2 + MAX_ADDRESS_BYTES)

/**
 * What a relay tells its clients without being asked, when they come and whenever it changes ([RE8]).
 * Bytes: version u8 ‖ flags u8 ‖ count u8 ‖ count · (length u16 ‖ multiaddr)
 */
export interface RelayNotice {
  /** it stops soon: reserve elsewhere before you let go of it */
  readonly draining: boolean
  /** other relays of its network, with their peer ids; a hint, proved by the dial */
  readonly relays: readonly Multiaddr[]
}

/** Relays beyond MAX_TOLD_RELAYS and addresses that are too long are left out. */
export function encodeRelayNotice({ draining, relays }: RelayNotice): Bytes {
  const told = relays.filter(({ bytes }) => bytes.length <= MAX_ADDRESS_BYTES).slice(0, MAX_TOLD_RELAYS)
  const writer = new ByteWriter()
    .u8(VERSION)
    .u8(draining ? DRAINING : 0)
    .u8(told.length)
  for (const { bytes } of told) writer.u16(bytes.length).bytes(bytes)
  return writer.finish()
}

/** @throws RELAY_NOTICE_INVALID */
export function decodeRelayNotice(bytes: Uint8Array): RelayNotice {
  if (bytes.length > MAX_RELAY_NOTICE_BYTES) {
    throw invalid(`${bytes.length} bytes, at most ${MAX_RELAY_NOTICE_BYTES} are read`)
  }
  try {
    return decode(new ByteReader(bytes))
  } catch (cause) {
    throw cause instanceof PeerError ? cause : invalid('malformed', cause)
  }
}

function decode(reader: ByteReader): RelayNotice {
  const version = reader.u8('version')
  if (version !== VERSION) throw invalid(`version ${version}, expected ${VERSION}`)
  const flags = reader.u8('flags')
  if (flags > DRAINING) throw invalid(`unknown flags ${flags}`)
  const count = reader.u8('count')
  if (count > MAX_TOLD_RELAYS) throw invalid(`${count} relays, at most ${MAX_TOLD_RELAYS}`)
  const relays = Array.from({ length: count }, () =>
    multiaddr(reader.bytes(reader.u16('address length'), 'address')),
  )
  reader.end('relay notice')
  return { draining: flags === DRAINING, relays }
}

function invalid(what: string, cause?: unknown): PeerError {
  return new PeerError(
    'RELAY_NOTICE_INVALID',
    `What a relay tells of itself was refused: ${what}.`,
    cause === undefined ? {} : { cause },
  )
}
