import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { RelayChoice, RelayState } from '#api/network-types.ts'
import { type NetworkName, protocolsOf } from '#core/network.ts'
import type { RelayAddress } from './addresses.ts'
import { type Backoff, createBackoff } from './backoff.ts'
import { failureOf, PeerError } from './errors.ts'
import type { Reservations } from './reservations.ts'

const FIRST_RETRY_MS = 250
/** A relay that stays away is asked this seldom, while another one is reserved. */
export const MAX_RETRY_MS = 60_000

/** One relay: idle until there is room for it, then dialled, reserved, and dialled again whenever it is lost. */
export interface Link {
  /** changes only for one that was told wrong */
  target: RelayAddress
  readonly peerId: PeerId
  readonly backoff: Backoff
  /** who told of it, when it is not of one's own choice: the first to make room */
  toldBy: string | undefined
  /** who of this page chose it; undefined for one that was told of, now or on an earlier page */
  choice?: RelayChoice | undefined
  /** tries in a row that failed */
  failures: number
  /** it said that it stops soon */
  draining: boolean
  /** everything is led around it at this moment */
  leaving: boolean
  status: RelayState['status']
  /** counts the tries: what an earlier one still waits for says nothing any more */
  attempt: number
  /** unix ms */
  reservedAt?: number
  retryAt?: number | undefined
  /** breaks the try that is under way off */
  breakOff?: AbortController | undefined
  /** takes the refresh of the reservation back */
  cancelRefresh?: (() => void) | undefined
  /** takes the next try back */
  cancel?: (() => void) | undefined
  failure?: PeerError | undefined
}

/** A relay that rests. */
export function createLink(
  target: RelayAddress,
  { toldBy, random }: { readonly toldBy: string | undefined; readonly random?: (() => number) | undefined },
): Link {
  return {
    target,
    peerId: peerIdFromString(target.peerId),
    backoff: createBackoff({
      firstMs: FIRST_RETRY_MS,
      maxMs: MAX_RETRY_MS,
      ...(random === undefined ? {} : { random }),
    }),
    toldBy,
    failures: 0,
    draining: false,
    leaving: false,
    status: 'waiting',
    attempt: 0,
  }
}

/** Whatever was set for later is taken back. */
export function rest(link: Link, status: RelayState['status']): void {
  link.cancel?.()
  link.cancel = undefined
  link.cancelRefresh?.()
  link.cancelRefresh = undefined
  link.retryAt = undefined
  link.status = status
}

/** Does it hold one of the places for reservations, or try to? */
export function isActive(status: RelayState['status']): boolean {
  return status !== 'waiting' && status !== 'refused'
}

/** The relay as people see it. */
export function stateOf(
  link: Link,
  { reservations, now }: { readonly reservations: Reservations; readonly now: () => number },
): RelayState {
  const { target, status, draining, retryAt, failure, choice } = link
  const remaining = status === 'reserved' ? reservations.remainingMs(link.peerId) : undefined
  const circuitLimit = status === 'reserved' ? reservations.circuitLimit(link.peerId) : undefined
  return {
    address: target.address,
    peerId: target.peerId,
    status,
    ...(choice && { choice }),
    ...(remaining === undefined ? {} : { reservedUntil: Math.round(now() + remaining) }),
    ...(circuitLimit === undefined ? {} : { circuitLimit }),
    ...(draining ? { draining } : {}),
    ...(retryAt === undefined ? {} : { retryAt }),
    ...(failure === undefined || status === 'reserved' ? {} : { failure: failureOf(failure) }),
  }
}

/** Do a relay's protocols speak for other networks alone? */
export function isOtherNetwork(protocols: readonly string[], network: NetworkName): boolean {
  const ours = protocolsOf(network).dht
  return !protocols.includes(ours) && protocols.some((id) => /^\/tabland\/[a-z]+\/kad\//.test(id))
}

/** Nobody answers there. */
export function unreachable({ target }: Link, cause: unknown): PeerError {
  return new PeerError(
    'RELAY_UNREACHABLE',
    `Relay ${target.address} does not answer. It is tried again; check the address and your connection.`,
    { cause },
  )
}

/** The relay speaks for another network only. */
export function otherNetwork({ target }: Link, network: NetworkName): PeerError {
  return new PeerError(
    'RELAY_OTHER_NETWORK',
    `Relay ${target.address} belongs to another network than "${network}". Choose a relay of this one.`,
  )
}
