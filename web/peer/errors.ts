import type { Failure } from '#api/types.ts'
import { AppError } from '#core/errors.ts'

export type PeerErrorCode =
  | 'RELAY_ADDRESS_INVALID'
  | 'RELAY_FACTS_INVALID'
  | 'RELAY_UNREACHABLE'
  | 'RELAY_REFUSED'
  | 'RELAY_OTHER_NETWORK'
  | 'RELAY_NONE'
  | 'RELAY_TOO_MANY'
  | 'RELAY_NOTICE_INVALID'
  | 'PEERS_UNREACHABLE'
  | 'PEERS_SILENT'
  | 'WEBRTC_MISSING'
  | 'NETWORK_OFFLINE'
  | 'HEARTBEAT_INVALID'
  | 'FRAME_TOO_LARGE'
  | 'FRAME_TRUNCATED'
  | 'REQUEST_TOO_LARGE'
  | 'REQUEST_TOO_MANY'
  | 'REQUEST_FAILED'
  | 'GOSSIP_TOO_LARGE'
  | 'GOSSIP_TOPIC_TAKEN'
  | 'PEER_GONE'
  | 'BITSWAP_MISSING'
  | 'BLOCK_FORGED'
  | 'BLOCK_NOT_FOUND'
  /** another machine than the profile believes, or none of that id */
  | 'MACHINE_OTHER'

export class PeerError extends AppError<PeerErrorCode> {}

/** What a person is told of an error. */
export function failureOf(error: PeerError): Failure {
  return { code: error.code, message: error.message }
}
