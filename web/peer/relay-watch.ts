import type { GossipSub } from '@libp2p/gossipsub'
import type { Connection, Libp2p } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { HEARTBEAT_MS } from '#core/limits.ts'
import { every, type Timers } from '#core/timers.ts'
import type { Presence } from './presence.ts'
import { systemTimers } from './system-timers.ts'

const ASK_TIMEOUT_MS = 5_000
/** Gossip stands a few round trips after the connection; a busy tab may take seconds for them. */
const SILENT_MS = HEARTBEAT_MS
/** Beyond this the connection is given up, so that a new one is made. */
const DEAD_MS = 30_000

export interface RelayWatchComponents {
  readonly libp2p: Pick<Libp2p, 'getConnections' | 'hangUp'>
  readonly pubsub: Pick<GossipSub, 'getSubscribers'>
  readonly identify: (connection: Connection) => Promise<unknown>
  readonly presence: Pick<Presence, 'ask' | 'peers'>
}

export interface RelayWatchInit {
  readonly presenceTopic: string
  /** Called when what a relay said about who is here changed. */
  readonly onWord: () => void
  /** @default the process's own */
  readonly timers?: Timers
  /** unix ms @default Date.now */
  readonly now?: () => number
}

export interface RelayWatch {
  /** Did a reserved relay say that nobody else is here, and nobody was heard since? */
  isAlone(): boolean
  /** A relay gave a reservation. */
  reserved(relay: string): void
  /** A relay's reservation is gone. */
  lost(relay: string): void
  start(): void
  stop(): void
}

interface Watched {
  /** unix ms since when it has not taken part in gossip; undefined while it does */
  silentSince: number | undefined
  /** what it said of others being here; undefined before it said anything */
  told: number | undefined
}

/**
 * Asks relays who is here, and sees to it that they take part in gossip: libp2p tries identify and gossip's streams
 * once for each connection, so that one that timed out while the tab was busy would stay deaf for ever.
 */
export function createRelayWatch(components: RelayWatchComponents, init: RelayWatchInit): RelayWatch {
  const { libp2p, pubsub, identify, presence } = components
  const { presenceTopic, onWord, timers = systemTimers, now = Date.now } = init
  const watched = new Map<string, Watched>()
  const stopping = new AbortController()
  let endLooks: (() => void) | undefined

  async function ask(relay: string, state: Watched): Promise<void> {
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(ASK_TIMEOUT_MS)])
    try {
      state.told = await presence.ask(relay, { signal })
    } catch {
      // It does not say who is here: whoever is will be heard by heartbeats, and it is asked again.
      return
    }
    onWord()
  }

  async function wake(relay: string, since: number): Promise<void> {
    const peer = peerIdFromString(relay)
    if (now() - since >= DEAD_MS) return libp2p.hangUp(peer)
    const connection = libp2p.getConnections(peer).find(({ status }) => status === 'open')
    if (connection !== undefined) await identify(connection)
  }

  function look(): void {
    const speaking = new Set(pubsub.getSubscribers(presenceTopic).map((peer) => peer.toString()))
    for (const [relay, state] of watched) {
      if (speaking.has(relay)) state.silentSince = undefined
      else state.silentSince ??= now()
      if (state.silentSince !== undefined && now() - state.silentSince >= SILENT_MS) {
        void wake(relay, state.silentSince).catch(() => {}) // tried again at the next look
      }
      if (presence.peers().length === 0) void ask(relay, state)
    }
  }

  return {
    isAlone: () => presence.peers().length === 0 && [...watched.values()].some(({ told }) => told === 0),
    reserved(relay) {
      const state: Watched = { silentSince: now(), told: undefined }
      watched.set(relay, state)
      void ask(relay, state)
    },
    lost: (relay) => void watched.delete(relay),
    start() {
      endLooks = every(timers, HEARTBEAT_MS, look)
    },
    stop() {
      stopping.abort()
      endLooks?.()
    },
  }
}
