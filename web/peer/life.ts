import { every, type Timers } from '#core/timers.ts'
import type { Clock } from './clock.ts'

/** Looked at this often; a worker's timer comes on time in a hidden page too. */
const TICK_MS = 1_000
/** A page that did not run for so long was frozen, slept, or its device did; a busy one stalls for a few seconds. */
const GAP_MS = 10_000

/** What may have ended connections without anybody being told. */
export type Interruption = 'resumed' | 'slept' | 'online' | 'network-changed'

export interface LifeEvents {
  /** Connections may be dead though they look open: time to look at each, and to try all that waits. */
  onInterrupted(cause: Interruption): void
  /** The browser says that there is no network. */
  onOffline(): void
  /** The page is left for good, or for the browser's back/forward cache. */
  onLeave(): void
}

/** What is used of a page; other processes have none of it. */
export interface LifePage {
  readonly window: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>
  readonly document: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>
  /** `navigator.connection`, where the browser has it */
  readonly connection?: Pick<EventTarget, 'addEventListener' | 'removeEventListener'> & {
    readonly type?: string
  }
}

/** The page that this code runs in; undefined in Node.js. */
export function currentPage(): LifePage | undefined {
  if (globalThis.document === undefined) return undefined
  const { connection } = globalThis.navigator as { connection?: NonNullable<LifePage['connection']> }
  return {
    window: globalThis.window,
    document: globalThis.document,
    ...(connection === undefined ? {} : { connection }),
  }
}

export interface LifeComponents {
  readonly timers: Timers
  readonly clock: Clock
  /** ms that only ever grow */
  readonly steady: () => number
  /** absent outside a page */
  readonly page?: LifePage | undefined
}

/** Notices what happens to a tab and its device. Returns the function that ends this. */
export function watchLife({ timers, clock, steady, page }: LifeComponents, events: LifeEvents): () => void {
  const gap = createGapDetector(steady)
  const endTicks = every(timers, TICK_MS, () => {
    const jumped = clock.check()
    if (gap.tick() || jumped) events.onInterrupted('slept')
  })
  const endPage = page === undefined ? () => {} : watchPage(page, events)
  return () => {
    endTicks()
    endPage()
  }
}

/** Told of each tick, says whether far too much time passed since the last one. */
export function createGapDetector(steady: () => number): { tick(): boolean } {
  let last = steady()
  return {
    tick() {
      const passed = steady() - last
      last += passed
      return passed > GAP_MS
    },
  }
}

function watchPage({ window, document, connection }: LifePage, events: LifeEvents): () => void {
  let kind = connection?.type
  const ends: (() => void)[] = []
  const on = (target: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>, type: string) => {
    return (listener: (event: Event) => void) => {
      target.addEventListener(type, listener)
      ends.push(() => target.removeEventListener(type, listener))
    }
  }
  on(document, 'resume')(() => events.onInterrupted('resumed'))
  on(window, 'online')(() => events.onInterrupted('online'))
  on(window, 'offline')(() => events.onOffline())
  on(window, 'pagehide')(() => events.onLeave())
  on(
    window,
    'pageshow',
  )((event) => {
    if ((event as PageTransitionEvent).persisted) events.onInterrupted('resumed')
  })
  if (connection !== undefined) {
    // it also fires for each new estimate of the speed, which says nothing about connections
    on(
      connection,
      'change',
    )(() => {
      if (connection.type === kind) return
      kind = connection.type
      events.onInterrupted('network-changed')
    })
  }
  return () => {
    for (const end of ends) end()
  }
}

/** What a relay sees as our address: another one at the same relay means another network. */
export function createAddressWatch(): { seen(relay: string, host: string): boolean } {
  const hosts = new Map<string, string>()
  return {
    seen(relay, host) {
      const before = hosts.get(relay)
      hosts.set(relay, host)
      return before !== undefined && before !== host
    },
  }
}
