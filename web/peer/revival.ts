import type { IdentifyResult, Libp2p } from '@libp2p/interface'
import { MAX_RELAYS } from '#core/limits.ts'
import { createRateLimit } from '#core/rate-limit.ts'
import type { Timers } from '#core/timers.ts'
import type { Clock } from './clock.ts'
import { createConnectionCheck } from './connection-check.ts'
import type { Dialer } from './dialer.ts'
import { createAddressWatch, type Interruption, type LifePage, watchLife } from './life.ts'
import type { Presence } from './presence.ts'
import type { Relays } from './relays.ts'

/** An event of the page and the gap between ticks tell of the same interruption. */
const SAME_MS = 5_000
/**
 * Gaps between ticks that follow each other faster are a busy page's, which needs no new connections on top; a device
 * that did sleep twice learns of its dead connections by libp2p's own pings.
 */
const SLEEPS_APART_MS = 60_000
/** A phone moves between networks a few times in a row; a relay that names another address again and again lies. */
const ADDRESS_CHANGES = { perSecond: 1 / 600, burst: 3, maxKeys: MAX_RELAYS }

export interface RevivalComponents {
  readonly libp2p: Pick<Libp2p, 'getConnections' | 'addEventListener' | 'removeEventListener'>
  readonly relays: Pick<Relays, 'restart' | 'retry' | 'isRelay'>
  readonly dialer: Pick<Dialer, 'restart' | 'retry'>
  readonly presence: Pick<Presence, 'announce' | 'goodbye'>
}

export interface RevivalInit {
  readonly timers: Timers
  readonly clock: Clock
  /** ms that only ever grow */
  readonly steady: () => number
  /** absent outside a page */
  readonly page?: LifePage | undefined
  /** what the browser says of the network at the start */
  readonly online: boolean
  /** Called when `isOnline` may have changed, and when times should be shown anew. */
  readonly onChange: () => void
}

export interface Revival {
  /** False from the moment that the browser says so until it takes that back or a new connection proves it wrong. */
  isOnline(): boolean
  start(): void
  stop(): void
}

/**
 * The one place that reacts to whatever may have ended connections unnoticed: relays are dialled without waiting for a
 * back-off, every connection has to give a sign of life, then relays and peers that turned out to be lost are dialled.
 */
export function createRevival(components: RevivalComponents, init: RevivalInit): Revival {
  const { libp2p, relays, dialer, presence } = components
  const { timers, clock, steady, page, onChange } = init
  const check = createConnectionCheck(libp2p, { timers })
  const addresses = createAddressWatch()
  const changes = createRateLimit({ ...ADDRESS_CHANGES, now: steady })
  let online = init.online
  let revivedAt = Number.NEGATIVE_INFINITY
  let sleptAt = Number.NEGATIVE_INFINITY
  let endWatch: (() => void) | undefined

  async function revive(cause: Interruption): Promise<void> {
    if (cause === 'slept') {
      const sinceSleep = steady() - sleptAt
      sleptAt = steady()
      if (steady() - revivedAt < SAME_MS || sinceSleep < SLEEPS_APART_MS) return
    }
    revivedAt = steady()
    if (cause === 'online') online = true
    relays.restart()
    dialer.restart()
    presence.announce()
    onChange()
    await check.run()
    if (endWatch === undefined) return
    relays.retry()
    dialer.retry()
  }

  function onOffline(): void {
    online = false
    onChange()
    void check.run()
  }

  /** Some machines have no network but themselves, and browsers are wrong at times. */
  function onOpen(): void {
    if (online) return
    online = true
    onChange()
  }

  function onIdentify({ detail }: CustomEvent<IdentifyResult>): void {
    const host = detail.observedAddr?.getComponents()[0]?.value
    const relay = detail.peerId.toString()
    if (host === undefined || !relays.isRelay(relay)) return
    if (addresses.seen(relay, host) && changes.take(relay)) void revive('network-changed')
  }

  return {
    isOnline: () => online,
    start() {
      libp2p.addEventListener('connection:open', onOpen)
      libp2p.addEventListener('peer:identify', onIdentify)
      endWatch = watchLife(
        { timers, clock, steady, page },
        {
          onInterrupted: (cause) => void revive(cause),
          onOffline,
          onLeave: () => void presence.goodbye().catch(() => {}), // they will notice by the missing heartbeats
        },
      )
    },
    stop() {
      endWatch?.()
      endWatch = undefined
      check.stop()
      libp2p.removeEventListener('connection:open', onOpen)
      libp2p.removeEventListener('peer:identify', onIdentify)
    },
  }
}
