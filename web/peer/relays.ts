import type { IdentifyResult, Libp2p, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { RelayState } from '#api/network-types.ts'
import { MAX_RESERVATIONS } from '#core/limits.ts'
import type { NetworkName } from '#core/network.ts'
import type { Timers } from '#core/timers.ts'
import { PeerError } from './errors.ts'
import type { RelayNotice } from './protocols/relay-notice.ts'
import {
  isActive,
  isOtherNetwork,
  type Link,
  MAX_RETRY_MS,
  otherNetwork,
  rest,
  stateOf,
  unreachable,
} from './relay-link.ts'
import { createRelayList } from './relay-list.ts'
import type { RelayMemory } from './relay-memory.ts'
import type { Reservations } from './reservations.ts'
import { systemTimers } from './system-timers.ts'

/**
 * A relay answers a WebSocket within a few round trips; a phone's network may need seconds for that. A dial that began
 * while the network was down hangs for this long, and with the wait after it everyone is back within 10 s ([NE5]).
 */
const DIAL_TIMEOUT_MS = 6_000
/** Without any relay nobody new can be met: one that returns is back within 10 s even if a dial just failed. */
const MAX_RETRY_ALONE_MS = 2_500
/** Reservations shorter than two of these are not kept alive: such a relay asks for too much. */
const MIN_REFRESH_MS = 30_000
/** A reservation that ends sooner was none: the waits go on growing. */
const HELD_MS = 5_000

export interface RelaysComponents {
  readonly libp2p: Pick<Libp2p, 'dial' | 'hangUp' | 'addEventListener' | 'removeEventListener'>
  readonly reservations: Reservations
  readonly memory?: RelayMemory
  /** Leads everything around a relay that stops, while another one is reserved; then that relay is let go. */
  readonly leave?: (relay: string, signal: AbortSignal) => Promise<void>
}

export interface RelaysInit {
  readonly network: NetworkName
  /** in the order in which they are tried; those that cannot be dialled from here are shown as refused */
  readonly addresses: readonly string[]
  /** `location.protocol`; absent outside a page */
  readonly pageProtocol?: string | undefined
  /** can relays be dialled by WebRTC Direct? @default false */
  readonly webRtcDirect?: boolean
  /** @default the process's own */
  readonly timers?: Timers
  /** [RE8] those that the page's relay named */
  readonly told?: readonly string[]
  /** Are relays used that only others named? @default true */
  readonly takesTold?: boolean
  /** unix ms @default Date.now */
  readonly now?: () => number
  /** @default Math.random */
  readonly random?: () => number
}

export interface Relays {
  states(): readonly RelayState[]
  /** of all that are known, whether connected or not */
  addresses(): readonly Multiaddr[]
  isRelay(peerId: string): boolean
  /** Called after each change; with a peer id when that relay was just reserved. Returns the unsubscriber. */
  onChange(listener: (reserved?: string) => void): () => void
  start(): void
  /** Adds a relay and tries it at once. @throws RELAY_ADDRESS_INVALID, RELAY_TOO_MANY */
  add(address: string): void
  /** [RE8] What a relay of ours said: other relays are candidates, and one that stops is left for another. */
  heed(from: string, notice: RelayNotice): void
  /** [RE8] What was found of other relays, for example in the DHT: candidates, proved by the dial. */
  learn(from: string, addresses: readonly string[]): void
  /** Is there a place for one more reservation? */
  hasRoom(): boolean
  /** Tries at once whatever waits. */
  retry(): void
  /** The same, and begins dials that are under way anew: they may wait for a network that is gone. */
  restart(): void
  stop(): void
}

/**
 * Keeps up to MAX_RESERVATIONS reservations. libp2p does not dial a lost relay again (js-libp2p#3601), so this
 * does, with back-off and jitter.
 */
export function createRelays(components: RelaysComponents, init: RelaysInit): Relays {
  const { libp2p, reservations, memory } = components
  const { network, timers = systemTimers, now = Date.now } = init
  const listeners = new Set<(reserved?: string) => void>()
  const stopping = new AbortController()
  const list = createRelayList({
    own: init.addresses,
    remembered: memory?.load() ?? [],
    pageProtocol: init.pageProtocol,
    webRtcDirect: init.webRtcDirect ?? false,
    random: init.random,
  })
  const { links } = list
  const learn = (from: string, addresses: readonly string[]) => {
    if (init.takesTold !== false) list.learn(from, addresses)
  }
  learn('page', init.told ?? [])
  const remember = ({ target, choice }: Link) => memory?.save(target.address, choice === 'added')

  /** Leaves relays that stop, once another one is reserved: never before, or nobody could reach this peer. */
  function leaveDraining(): void {
    if (!links.some(({ status, draining }) => status === 'reserved' && !draining)) return
    for (const link of links) {
      if (link.draining && !link.leaving && isActive(link.status)) void leave(link)
    }
  }

  async function leave(link: Link): Promise<void> {
    link.leaving = true
    await components.leave?.(link.target.peerId, stopping.signal).catch(() => {}) // its end comes all the same
    link.leaving = false
    if (!stopping.signal.aborted && link.draining) await libp2p.hangUp(link.peerId).catch(() => {}) // gone already
  }

  function changed(reserved?: string): void {
    for (const listener of listeners) listener(reserved)
  }

  async function connect(link: Link): Promise<void> {
    if (stopping.signal.aborted || link.status === 'connecting' || link.status === 'connected') return
    rest(link, 'connecting')
    const attempt = ++link.attempt
    const isOver = () => stopping.signal.aborted || link.attempt !== attempt
    changed()
    try {
      await dial(link)
      if (isOver()) return
      rest(link, 'connected')
      changed()
      await reserve(link)
      if (isOver()) return
      rest(link, 'reserved')
      link.reservedAt = now()
      refreshLater(link)
      link.failure = undefined
      link.failures = 0
      link.draining = false
      remember(link)
      changed(link.target.peerId)
      leaveDraining()
    } catch (error) {
      if (isOver()) return
      fail(link, error instanceof PeerError ? error : unreachable(link, error))
    }
  }

  async function dial(link: Link): Promise<void> {
    const breakOff = new AbortController()
    link.breakOff = breakOff
    const cancel = timers.after(DIAL_TIMEOUT_MS, () => breakOff.abort())
    try {
      const signal = AbortSignal.any([stopping.signal, breakOff.signal])
      await libp2p.dial(link.target.multiaddr, { signal })
    } finally {
      cancel()
    }
  }

  /** libp2p does this too, by timers that a hidden page holds up and clocks that can be set. */
  function refreshLater(link: Link): void {
    const remaining = reservations.remainingMs(link.peerId)
    if (remaining === undefined) return
    link.cancelRefresh = timers.after(Math.max(MIN_REFRESH_MS, remaining / 2), () => {
      link.cancelRefresh = undefined
      reservations.refresh(link.peerId).then(
        () => {
          if (link.status !== 'reserved' || link.cancelRefresh !== undefined) return
          refreshLater(link)
          changed()
        },
        () => {}, // told by onRemoved
      )
    })
  }

  async function reserve(link: Link): Promise<void> {
    try {
      await reservations.reserve(link.peerId)
    } catch (cause) {
      throw new PeerError(
        'RELAY_REFUSED',
        `Relay ${link.target.address} gave no reservation. It may be full: it is asked again, and others are tried.`,
        { cause },
      )
    }
  }

  function fail(link: Link, error: PeerError): void {
    link.attempt++
    if (error.code !== 'RELAY_UNREACHABLE') void libp2p.hangUp(link.peerId).catch(() => {}) // it may have done so
    link.failure = error
    link.failures++
    if (list.forgetIfInvented(link)) changed()
    else wait(link, error.code === 'RELAY_UNREACHABLE' ? 'waiting' : 'refused')
    fill()
  }

  /** Sets the next try; a relay that is not needed now rests until it is. */
  function wait(link: Link, status: RelayState['status']): void {
    rest(link, status)
    // one that refused is there, and would refuse a whole crowd every few seconds
    const isPatient = status === 'refused' || links.some((other) => other.status === 'reserved')
    const limit = isPatient ? MAX_RETRY_MS : MAX_RETRY_ALONE_MS
    const ms = link.draining ? limit : Math.min(link.backoff.next(), limit)
    link.retryAt = now() + ms
    link.cancel = timers.after(ms, () => tryNow(link))
    changed()
  }

  /** Without a free place the relay rests until there is one. */
  function tryNow(link: Link): void {
    if (active() < MAX_RESERVATIONS) void connect(link)
    else rest(link, 'waiting')
  }

  function active(): number {
    return links.filter(({ status, draining }) => isActive(status) && !draining).length
  }

  /** Gives free places to relays that were not tried yet. */
  function fill(): void {
    for (const link of links) {
      if (active() >= MAX_RESERVATIONS) return
      if (link.status === 'waiting' && link.cancel === undefined) void connect(link)
    }
  }

  function lose(link: Link): void {
    if (link.status !== 'reserved' || stopping.signal.aborted) return
    if (now() - (link.reservedAt ?? 0) >= HELD_MS) link.backoff.reset()
    wait(link, 'waiting')
    link.draining = false
    if (!links.some(({ status }) => status === 'reserved')) hurry()
    fill()
  }

  /** The last reservation is gone: whoever waits long is tried soon. */
  function hurry(): void {
    for (const link of links) {
      if (link.status === 'refused' || link.retryAt === undefined) continue
      if (link.retryAt > now() + MAX_RETRY_ALONE_MS) wait(link, link.status)
    }
  }

  function onDisconnect({ detail }: CustomEvent<PeerId>): void {
    const link = links.find(({ peerId }) => peerId.equals(detail))
    if (link !== undefined) lose(link)
  }

  /** [NE9] A relay that speaks for another network only would lead into a room where nobody is. */
  function onIdentify({ detail }: CustomEvent<IdentifyResult>): void {
    const link = links.find(({ peerId }) => peerId.equals(detail.peerId))
    if (link === undefined || !isOtherNetwork(detail.protocols, network)) return
    for (let i = 0; i < 8; i++) link.backoff.next() // a relay seldom changes its network: ask once a minute
    fail(link, otherNetwork(link, network))
  }

  function retry(): void {
    for (const link of links) {
      if (link.cancel === undefined) continue
      link.backoff.reset()
      tryNow(link)
    }
    fill()
    changed()
  }

  const stopWatching = reservations.onRemoved((peer) => {
    const link = links.find(({ target }) => target.peerId === peer)
    if (link !== undefined) lose(link)
  })

  return {
    states: () => [...links.map((link) => stateOf(link, { reservations, now })), ...list.invalid],
    addresses: () => links.map(({ target }) => target.multiaddr),
    isRelay: (peerId) => links.some(({ target }) => target.peerId === peerId),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    start() {
      libp2p.addEventListener('peer:disconnect', onDisconnect)
      libp2p.addEventListener('peer:identify', onIdentify)
      fill()
    },
    add(address) {
      const link = list.add(address)
      if (link.status === 'waiting' || link.status === 'refused') tryNow(link)
      if (link.status === 'reserved') remember(link)
      changed()
    },
    heed(from, { draining, relays }) {
      const teller = links.find(({ target, status }) => target.peerId === from && isActive(status))
      if (teller === undefined) return
      learn(from, relays.map(String))
      teller.draining = draining
      fill()
      changed()
      leaveDraining()
    },
    learn(from, addresses) {
      learn(from, addresses)
      fill()
      changed()
    },
    hasRoom: () =>
      links.filter(({ status, draining }) => status === 'reserved' && !draining).length < MAX_RESERVATIONS,
    retry,
    restart() {
      for (const link of links) {
        if (link.status !== 'connecting') continue
        link.attempt++ // its failure is not one of the relay
        link.breakOff?.abort()
        link.status = 'waiting'
      }
      retry()
    },
    stop() {
      stopping.abort()
      stopWatching()
      libp2p.removeEventListener('peer:disconnect', onDisconnect)
      libp2p.removeEventListener('peer:identify', onIdentify)
      for (const link of links) rest(link, link.status)
    },
  }
}
