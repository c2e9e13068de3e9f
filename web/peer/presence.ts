import type { Multiaddr } from '@multiformats/multiaddr'
import { MAX_CLOCK_SKEW_MS, MAX_HEARTBEAT_MS, MAX_KNOWN_PEERS, PEER_EXPIRY_MS } from '#core/limits.ts'
import { type NetworkName, protocolsOf } from '#core/network.ts'
import { every, type Timers } from '#core/timers.ts'
import type { GossipMessage, RequestOptions, Transport, Verdict } from '#core/transport.ts'
import { isWebRtc } from './addresses.ts'
import { decodeHeartbeat, encodeHeartbeat, type Heartbeat, type PeerKind } from './heartbeat.ts'
import { answersNewcomer, expiryMs, heartbeatMs } from './presence-pace.ts'
import { decodeWhoIsHere, encodeWhoIsHere, MAX_TOLD_PEERS } from './protocols/who-is-here.ts'
import { systemTimers } from './system-timers.ts'

/** Expired peers are looked for this often, and the own heartbeat is sent at one of these ticks. */
const TICK_MS = 1_000
/** Newcomers are answered at most this often, after up to this much chance delay. */
const ANSWER_GAP_MS = 1_000
/**
 * Strangers, which are neither connected to us nor told of by a relay, that one neighbour may bring in at once and
 * in a second: names cost nothing, and within the longest expiry, 241 s, these are 738 of MAX_KNOWN_PEERS, so that one
 * neighbour that invents peers cannot fill the list.
 */
const STRANGERS_BURST = 256
const STRANGERS_PER_SECOND = 2
/** A peer may send six heartbeats at once (joining, newcomers, a new relay) and then one a second. */
const BURST = 6
const HEARTBEATS_PER_SECOND = 1
/** Times of peers that left, and peers whose rate is remembered: the oldest makes room. */
const MAX_REMEMBERED = 4 * MAX_KNOWN_PEERS
/** Ticks this far apart mean that this peer did not run, or that its clock was set: silence says nothing then. */
const GAP_MS = 10_000
/** How long the time of a peer that left is kept, so that its old heartbeats cannot be played again. */
const TOMBSTONE_MS = PEER_EXPIRY_MS + 2 * MAX_CLOCK_SKEW_MS

export interface PresenceComponents {
  readonly transport: Pick<Transport, 'gossip' | 'requests'>
}

export interface PresenceInit {
  readonly network: NetworkName
  /** text form */
  readonly peerId: string
  /** a relay listens and answers who is here; it is known by its address and sends no heartbeats */
  readonly kind: PeerKind
  readonly webRtc: boolean
  /** where this peer can be dialled now */
  readonly addresses: () => readonly Multiaddr[]
  readonly directPeers: () => number
  /** Is a connection to this peer open? @default never */
  readonly isConnected?: (peerId: string) => boolean
  /** Does anybody listen yet? A heartbeat before that would only be lost. @default always */
  readonly audible?: () => boolean
  /** @default the process's own */
  readonly timers?: Timers
  /** unix ms, as others should believe it @default Date.now */
  readonly now?: () => number
  /** Called with each time that a peer signed, unix ms by its clock. */
  readonly onTime?: (peer: string, time: number) => void
  /** Called with a peer that was here and signed that it leaves. */
  readonly onGoodbye?: (peer: string) => void
  /** @default Math.random */
  readonly random?: () => number
}

export interface HerePeer {
  readonly peerId: string
  readonly kind: PeerKind
  readonly webRtc: boolean
  readonly directPeers: number
  readonly addresses: readonly Multiaddr[]
  /** unix ms by our clock */
  readonly lastSeen: number
  /** false: only another peer's word, good enough to dial it and for nothing else */
  readonly heard: boolean
}

export interface Presence {
  /** Peers that are here by their own heartbeat or another's word, not this one. */
  peers(): readonly HerePeer[]
  /** Called after each change. Returns the unsubscriber. */
  onChange(listener: () => void): () => void
  start(): void
  /** Sends a heartbeat now, at most one a second. */
  announce(): void
  /** Asks a connected peer who else is here; they join the list. Returns how many it told. */
  ask(peer: string, options?: RequestOptions): Promise<number>
  /** Lists a peer that was found by other means, until its heartbeat is heard or it expires. */
  hint(peer: string, addresses: readonly Multiaddr[]): void
  /** Takes back a peer's word of being here, as when its only connection to a relay ended. */
  lost(peer: string): void
  /** Last words; resolves when they are handed to the network. */
  goodbye(): Promise<void>
  stop(): void
}

interface Entry extends HerePeer {
  /** sender's clock; 0 for another's word */
  readonly time: number
  /** a relay named it, which knows its clients: such a peer is not pushed out by strangers */
  readonly told: boolean
  /** ms between its last two heartbeats by its clock, 0 after the first */
  readonly gap: number
}

/** Who is here: own heartbeats out, others' in, each checked before it is forwarded. */
export function createPresence({ transport }: PresenceComponents, init: PresenceInit): Presence {
  const { network, peerId: self, timers = systemTimers, now = Date.now, random = Math.random } = init
  const protocols = protocolsOf(network)
  const known = new Map<string, Entry>()
  const gone = new Map<string, { readonly time: number; readonly until: number }>()
  const heartbeats = createAllowance({ burst: BURST, perSecond: HEARTBEATS_PER_SECOND })
  const strangers = createAllowance({ burst: STRANGERS_BURST, perSecond: STRANGERS_PER_SECOND })
  const listeners = new Set<() => void>()
  const cleanups: (() => void)[] = []
  let lastTime = 0
  let lastSent = 0
  let lastTick = now()
  let cancelAnswer: (() => void) | undefined

  function changed(): void {
    for (const listener of listeners) listener()
  }

  async function send(goodbye: boolean): Promise<void> {
    if (init.kind === 'relay' || init.audible?.() === false) return
    lastSent = now()
    // What was sent while the clock ran far ahead was believed by nobody; otherwise strictly newer, also when it was
    // set back.
    if (lastTime > lastSent + MAX_CLOCK_SKEW_MS) lastTime = 0
    lastTime = Math.max(lastSent, lastTime + 1)
    const { kind, webRtc } = init
    const addresses = goodbye ? [] : init.addresses()
    const heartbeat = { kind, webRtc, goodbye, time: lastTime, directPeers: init.directPeers(), addresses }
    await transport.gossip.publish(protocols.presenceTopic, encodeHeartbeat(heartbeat))
  }

  function announce(): void {
    if (cancelAnswer !== undefined) return
    const wait = Math.min(ANSWER_GAP_MS, Math.max(0, lastSent + ANSWER_GAP_MS - now()))
    cancelAnswer = timers.after(wait, () => {
      cancelAnswer = undefined
      void send(false).catch(() => {}) // nobody to tell yet: the next tick tries again
    })
  }

  function forget(peer: string, time: number): void {
    known.delete(peer)
    gone.delete(peer) // to the end of the order
    gone.set(peer, { time, until: now() + TOMBSTONE_MS })
    dropOldest(gone, MAX_REMEMBERED)
  }

  /** After a gap nobody is expired for a silence that was ours; who is not connected is good for a dial only. */
  function passOver(time: number): void {
    for (const [peer, entry] of known) {
      const heard = entry.heard && init.isConnected?.(peer) === true
      known.set(peer, { ...entry, lastSeen: time, heard })
    }
    for (const [peer, { time: last }] of gone) gone.set(peer, { time: last, until: time + TOMBSTONE_MS })
    heartbeats.clear()
    strangers.clear()
    lastSent = 0
    changed()
  }

  function tick(): void {
    const time = now()
    if (time < lastTick || time - lastTick > GAP_MS) passOver(time)
    lastTick = time
    let expired = false
    for (const [peer, entry] of known) {
      if (time - entry.lastSeen <= expiryMs(known.size, entry.gap)) continue
      forget(peer, entry.time)
      expired = true
    }
    for (const [peer, { until }] of gone) if (until < time) gone.delete(peer)
    heartbeats.sweep(time)
    strangers.sweep(time)
    if (expired) changed()
    if (time - lastSent >= heartbeatMs(known.size)) void send(false).catch(() => {}) // as in announce
  }

  const isMet = ({ peerId, told }: Pick<Entry, 'peerId' | 'told'>) =>
    told || init.isConnected?.(peerId) === true

  /** Is there a place for one more? Whom we met, or a relay named, takes that of the oldest stranger. */
  function hasRoomFor(newcomer: Pick<Entry, 'peerId' | 'told'>): boolean {
    if (known.size < MAX_KNOWN_PEERS) return true
    if (!isMet(newcomer)) return false
    const stranger = [...known.values()].find((entry) => !isMet(entry))
    if (stranger !== undefined) known.delete(stranger.peerId)
    return stranger !== undefined
  }

  function takes(from: string, via: string | undefined, time: number): boolean {
    const newcomer = { peerId: from, told: false }
    if (via !== undefined && !isMet(newcomer) && !strangers.take(via, time)) return false
    return hasRoomFor(newcomer)
  }

  async function hear({ from, via, data }: GossipMessage): Promise<Verdict> {
    if (from === self) return 'ignore'
    let heartbeat: Heartbeat
    try {
      heartbeat = decodeHeartbeat(data)
    } catch {
      return 'reject'
    }
    init.onTime?.(from, heartbeat.time)
    const time = now()
    const earlier = known.get(from)
    if (heartbeat.time > time + MAX_CLOCK_SKEW_MS) return 'ignore'
    if (heartbeat.time < time - MAX_CLOCK_SKEW_MS - PEER_EXPIRY_MS) return 'ignore'
    if (heartbeat.time <= Math.max(earlier?.time ?? 0, gone.get(from)?.time ?? 0)) return 'ignore'
    // Last words of somebody who was never here would only fill memory, here and with everybody behind us.
    const wasHere = earlier !== undefined || gone.has(from) || init.isConnected?.(from) === true
    if (heartbeat.goodbye && !wasHere) return 'ignore'
    if (!heartbeats.take(from, time)) return 'ignore'
    if (!heartbeat.goodbye && earlier === undefined && !takes(from, via, time)) return 'ignore'
    if (heartbeat.goodbye) {
      forget(from, heartbeat.time)
      init.onGoodbye?.(from)
    } else {
      const told = earlier?.told ?? false
      const gap = earlier?.heard === true ? Math.min(MAX_HEARTBEAT_MS, heartbeat.time - earlier.time) : 0
      known.set(from, { ...heartbeat, peerId: from, lastSeen: time, heard: true, told, gap })
    }
    if (!heartbeat.goodbye && earlier?.heard !== true) greet()
    changed()
    return 'accept'
  }

  /** A newcomer should not wait for our next turn; the delay spreads the answers of a full room. */
  function greet(): void {
    if (init.kind === 'relay' || !answersNewcomer(known.size, random())) return
    cleanups.push(timers.after(random() * ANSWER_GAP_MS, announce))
    if (cleanups.length > MAX_KNOWN_PEERS) cleanups.splice(3, 1) // the first three end the subscriptions
  }

  async function* tell(_: Uint8Array, from: string): AsyncGenerator<Uint8Array> {
    const others = [...known.values()].filter(({ peerId, heard }) => heard && peerId !== from)
    const newest = others.sort((a, b) => b.lastSeen - a.lastSeen).slice(0, MAX_TOLD_PEERS)
    yield encodeWhoIsHere(
      newest.map((peer) => ({
        peerId: peer.peerId,
        heartbeat: encodeHeartbeat({ ...peer, goodbye: false, addresses: peer.addresses }),
      })),
    )
  }

  function learn(peer: string, heartbeat: Heartbeat, told: boolean): void {
    const earlier = known.get(peer)
    if (earlier !== undefined && told) known.set(peer, { ...earlier, told })
    if (peer === self || earlier !== undefined || !hasRoomFor({ peerId: peer, told })) return
    known.set(peer, { ...heartbeat, time: 0, peerId: peer, lastSeen: now(), heard: false, told, gap: 0 })
  }

  return {
    peers: () => [...known.values()],
    announce,

    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    start() {
      cleanups.push(
        every(timers, TICK_MS, tick),
        transport.gossip.subscribe(protocols.presenceTopic, hear),
        transport.requests.handle(protocols.whoIsHere, tell),
      )
    },

    async ask(peer, options) {
      let told = 0
      for await (const frame of transport.requests.request(
        peer,
        protocols.whoIsHere,
        new Uint8Array(),
        options,
      )) {
        for (const { peerId, heartbeat } of decodeWhoIsHere(frame)) {
          learn(peerId, decodeHeartbeat(heartbeat), true)
          told += 1
        }
      }
      changed()
      return told
    },

    hint(peer, addresses) {
      const webRtc = addresses.some(isWebRtc)
      learn(peer, { kind: 'tab', goodbye: false, webRtc, directPeers: 0, time: 0, addresses }, false)
      changed()
    },

    lost(peer) {
      const entry = known.get(peer)
      if (entry === undefined) return
      // Its last words may still be on their way, and its next heartbeat, which is newer, brings it back.
      forget(peer, entry.time)
      changed()
    },

    goodbye: () => send(true),

    stop() {
      cancelAnswer?.()
      for (const cleanup of cleanups.splice(0)) cleanup()
    },
  }
}

interface Allowance {
  /** May `peer` do one more at this time, unix ms? */
  take(peer: string, time: number): boolean
  /** Forgets the buckets that are full again: they say nothing. */
  sweep(time: number): void
  /** Forgets all of them: times before this call cannot be compared with those that follow. */
  clear(): void
}

/** One token bucket per peer. */
function createAllowance({ burst, perSecond }: { burst: number; perSecond: number }): Allowance {
  const buckets = new Map<string, { tokens: number; at: number }>()
  const gained = (since: number, time: number) => (Math.max(0, time - since) * perSecond) / 1_000
  return {
    take(peer, time) {
      const bucket = buckets.get(peer) ?? { tokens: burst, at: time }
      bucket.tokens = Math.min(burst, bucket.tokens + gained(bucket.at, time))
      bucket.at = time
      if (bucket.tokens < 1) return false
      bucket.tokens -= 1
      buckets.set(peer, bucket)
      dropOldest(buckets, MAX_REMEMBERED)
      return true
    },
    sweep(time) {
      for (const [peer, { at }] of buckets) if (gained(at, time) >= burst) buckets.delete(peer)
    },
    clear: () => buckets.clear(),
  }
}

function dropOldest(map: Map<string, unknown>, max: number): void {
  const [oldest] = map.keys()
  if (map.size > max && oldest !== undefined) map.delete(oldest)
}
