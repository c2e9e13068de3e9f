import { peerIdFromString } from '@libp2p/peer-id'
import { ByteReader, type Bytes, ByteWriter, utf8 } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'
import { MAX_HEARTBEAT_BYTES } from '#core/limits.ts'

/** 64 · (2 KiB + 66) stay below one frame, and a newcomer dials no more than 8. */
export const MAX_TOLD_PEERS = 64
/** Text form of an RSA or secp256k1 peer id is shorter; Ed25519 ids have 52 characters. */
const MAX_PEER_ID_BYTES = 64

export type WhoIsHereErrorCode = 'WHO_IS_HERE_INVALID'

/** One peer as the answering one last heard it: a hint whom to dial, proved by nothing but the dial itself. */
export interface ToldPeer {
  /** text form */
  readonly peerId: string
  readonly heartbeat: Bytes
}

/** Answer to an empty request: count u8 ‖ count · (length u8 ‖ peer id ‖ length u16 ‖ heartbeat). */
export function encodeWhoIsHere(peers: readonly ToldPeer[]): Bytes {
  const writer = new ByteWriter().u8(Math.min(peers.length, MAX_TOLD_PEERS))
  for (const { peerId, heartbeat } of peers.slice(0, MAX_TOLD_PEERS)) {
    const id = utf8(peerId)
    writer.u8(id.length).bytes(id).u16(heartbeat.length).bytes(heartbeat)
  }
  return writer.finish()
}

/** @throws WHO_IS_HERE_INVALID */
export function decodeWhoIsHere(bytes: Uint8Array): readonly ToldPeer[] {
  try {
    const reader = new ByteReader(bytes)
    const count = reader.u8('count')
    if (count > MAX_TOLD_PEERS) throw invalid(`${count} peers, at most ${MAX_TOLD_PEERS} are read`)
    const peers = Array.from({ length: count }, () => ({
      peerId: readPeerId(reader),
      heartbeat: readHeartbeat(reader),
    }))
    reader.end('who is here')
    return peers
  } catch (cause) {
    throw cause instanceof AppError && cause.code === 'WHO_IS_HERE_INVALID'
      ? cause
      : invalid('malformed', cause)
  }
}

function readPeerId(reader: ByteReader): string {
  const length = reader.u8('peer id length')
  if (length === 0 || length > MAX_PEER_ID_BYTES) throw invalid(`a peer id of ${length} bytes`)
  const text = String.fromCharCode(...reader.bytes(length, 'peer id'))
  if (!isPeerId(text)) throw invalid('a name that is no peer id')
  return text
}

/** Only the one text form of an id counts: peers are told apart by it. */
function isPeerId(text: string): boolean {
  try {
    return peerIdFromString(text).toString() === text
  } catch {
    return false
  }
}

function readHeartbeat(reader: ByteReader): Bytes {
  const length = reader.u16('heartbeat length')
  if (length > MAX_HEARTBEAT_BYTES) throw invalid(`a heartbeat of ${length} bytes`)
  return reader.bytes(length, 'heartbeat')
}

function invalid(what: string, cause?: unknown): AppError<WhoIsHereErrorCode> {
  return new AppError<WhoIsHereErrorCode>(
    'WHO_IS_HERE_INVALID',
    `A peer's answer to who is here was refused: ${what}.`,
    cause === undefined ? {} : { cause },
  )
}
