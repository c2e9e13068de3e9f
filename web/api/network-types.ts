import type { NetworkName } from '#core/network.ts'
import type { Failure } from './types.ts'

export type JoinPhase = 'starting' | 'relay' | 'reservation' | 'peers' | 'ready' | 'offline'

export interface JoinState {
  readonly phase: JoinPhase
  /** 0..1 */
  readonly progress: number
  /** why the current phase does not go on, while it is tried again */
  readonly failure?: Failure
  /** ms since the page began to load, once ready */
  readonly readyAfterMs?: number
}

/** The page came with a relay, or its person added it; absent for one that others named. */
export type RelayChoice = 'page' | 'added'

export interface RelayState {
  readonly address: string
  readonly peerId?: string
  readonly status: 'connecting' | 'connected' | 'reserved' | 'waiting' | 'refused'
  readonly choice?: RelayChoice
  /** unix ms */
  readonly reservedUntil?: number
  /** unix ms of the next try, while waiting */
  readonly retryAt?: number
  /** what the relay allows each circuit, as its reservation told; absent = no limit */
  readonly circuitLimit?: CircuitLimit
  /** it said that it stops soon: others are used instead */
  readonly draining?: true
  readonly failure?: Failure
}

/** What one circuit through a relay may still carry. */
export interface CircuitLimit {
  readonly bytes?: number
  readonly ms?: number
}

export type PeerTransport = 'webrtc' | 'websocket' | 'circuit' | 'none'

export interface PeerState {
  readonly peerId: string
  /** 'none' = seen by heartbeat only */
  readonly transport: PeerTransport
  readonly kind: 'tab' | 'relay' | 'node'
  /** unix ms */
  readonly lastSeen: number
  /** unix ms since when the oldest of its open connections stands; absent = not connected */
  readonly connectedAt?: number
  readonly latencyMs?: number
  /** left to the circuit that leads there, when it has limits */
  readonly circuitLeft?: CircuitLimit
}

/** [NE6] `relayed` = private: everything goes through one relay, no address but relays' is told to anybody. */
export type NetworkMode = 'direct' | 'relayed'

export interface NetworkState {
  readonly network: NetworkName
  readonly peerId: string
  readonly mode: NetworkMode
  readonly join: JoinState
  readonly relays: readonly RelayState[]
  readonly peers: readonly PeerState[]
}
