import type { JoinPhase, JoinState, RelayState } from '#api/network-types.ts'
import type { Failure } from '#api/types.ts'
import type { Timers } from '#core/timers.ts'
import { failureOf, PeerError } from './errors.ts'

/** Meeting somebody takes 1 to 3 s; behind a bad NAT the first try may need 10 s. */
const LATE_MS = 10_000

/** Notices when a phase that should pass by itself does not. */
export interface Patience {
  isLate(): boolean
  /** Told of each phase; the time begins anew whenever another one was between. */
  see(phase: JoinPhase): void
  stop(): void
}

/** Waits for the end of the phase 'peers'; `onLate` is called once it lasted too long. */
export function createPatience(timers: Timers, onLate: () => void): Patience {
  let cancel: (() => void) | undefined
  let late = false
  const stop = (): void => {
    cancel?.()
    cancel = undefined
  }
  return {
    isLate: () => late,
    see(phase) {
      if (phase !== 'peers') {
        stop()
        late = false
      } else if (!late) {
        cancel ??= timers.after(LATE_MS, () => {
          late = true
          onLate()
        })
      }
    },
    stop,
  }
}

/** What is known of the way in. */
export interface JoinFacts {
  readonly started: boolean
  /** false: the browser says that there is no network, and no connection proves it wrong */
  readonly online: boolean
  readonly relays: readonly RelayState[]
  /** peers, not relays, with an open connection */
  readonly connectedPeers: number
  /** a relay said that nobody else is here */
  readonly alone: boolean
  /** every peer that was dialled refused */
  readonly stuck: boolean
  /** the phase 'peers' lasts longer than meeting somebody takes */
  readonly late: boolean
  /** the browser has no WebRTC */
  readonly webRtcMissing: boolean
  /** ms since the page began to load, once this peer was ready */
  readonly readyAfterMs?: number
}

const PROGRESS: Readonly<Record<JoinPhase, number>> = {
  offline: 0,
  starting: 0.1,
  relay: 0.25,
  reservation: 0.5,
  peers: 0.75,
  ready: 1,
}

/** [NE3]: ready is a reservation and one peer, or a relay's word that no other peer is here. */
export function joinState(facts: JoinFacts): JoinState {
  const phase = phaseOf(facts)
  const failure = failureIn(phase, facts)
  return {
    phase,
    progress: PROGRESS[phase],
    ...(failure === undefined ? {} : { failure }),
    ...(facts.readyAfterMs === undefined ? {} : { readyAfterMs: facts.readyAfterMs }),
  }
}

function phaseOf({ started, online, relays, connectedPeers, alone, readyAfterMs }: JoinFacts): JoinPhase {
  if (!started) return 'starting'
  if (!online) return 'offline' // connections that look open say nothing: their end is noticed late
  const has = (status: RelayState['status']) => relays.some((relay) => relay.status === status)
  const met = connectedPeers > 0
  if (has('reserved')) return met || alone || readyAfterMs !== undefined ? 'ready' : 'peers'
  if (met && readyAfterMs !== undefined) return 'ready' // [NE5] connected tabs go on without any relay
  return has('connected') ? 'reservation' : 'relay'
}

function failureIn(phase: JoinPhase, facts: JoinFacts): Failure | undefined {
  const { relays, stuck, late, webRtcMissing } = facts
  const relayFailure = relays.find(({ failure }) => failure !== undefined)?.failure
  switch (phase) {
    case 'offline':
      return failureOf(offline())
    case 'relay':
    case 'reservation':
      return relays.length === 0 ? failureOf(noRelay()) : relayFailure
    case 'peers':
      if (stuck) return failureOf(unreachablePeers())
      return late ? failureOf(silentPeers()) : undefined
    case 'ready':
      if (!relays.some(({ status }) => status === 'reserved')) return relayFailure
      return webRtcMissing ? failureOf(noWebRtc()) : undefined
    case 'starting':
      return undefined
  }
}

function offline(): PeerError {
  return new PeerError(
    'NETWORK_OFFLINE',
    'This device is offline. What is stored here stays usable, and joining goes on once the network is back.',
  )
}

function noRelay(): PeerError {
  return new PeerError(
    'RELAY_NONE',
    'No relay is known, so nobody can be met. Add the address of a relay, or open a link that names one.',
  )
}

function unreachablePeers(): PeerError {
  return new PeerError(
    'PEERS_UNREACHABLE',
    'Others are here, but no connection to them succeeds. They are tried again; a firewall may be in the way.',
  )
}

function silentPeers(): PeerError {
  return new PeerError(
    'PEERS_SILENT',
    'The relay answers, but nobody else does yet. They are tried again; another relay, or a reload, may help.',
  )
}

function noWebRtc(): PeerError {
  return new PeerError(
    'WEBRTC_MISSING',
    'This browser has no WebRTC, so everything goes through the relay and is slower. Allow WebRTC for direct connections.',
  )
}
