import { CHUNK_BYTES } from '#core/limits.ts'

/**
 * One peer that blocks are asked of: what is on its way from it, how fast it is, and how much may be asked of it.
 * The window follows the delay: it grows while blocks come soon, and shrinks when they queue at the other side,
 * where they could be had from somebody else.
 */
export interface BlockSource {
  readonly peer: string
  /** wants on their way, oldest first: bytes expected and when they were asked for (ms) */
  readonly inFlight: ReadonlyMap<string, { readonly bytes: number; readonly askedAt: number }>
  readonly inFlightBytes: number
  /** bytes per second; undefined before its first block */
  rate(): number | undefined
  hasRoom(bytes: number, now: number): boolean
  asked(key: string, bytes: number, now: number): void
  /** A block came that was asked of it, now or earlier. */
  arrived(key: string, bytes: number, now: number): void
  /** A want is not its task any more. */
  returned(key: string): void
  /** ms until it would have given `bytes` more, after all that it was asked for */
  etaMs(bytes: number, assumedRate: number): number
  /** ms until it gives what was asked for under `key`: at least as long as it has been silent */
  etaOfMs(key: string, assumedRate: number, now: number): number
  /** Has it given nothing for too long, with something to give? */
  isSilent(now: number): boolean
  /** Has it for so long that even alone it is better asked anew? */
  isStuck(now: number): boolean
  /** It was silent: it gets nothing for a while, longer each time. */
  pause(now: number): void
}

/** Two chunks keep a link busy: one is sent while the next is asked for. */
const MIN_WINDOW_BYTES = 2 * CHUNK_BYTES
/** As much as a reader asks for ahead: more would wait in memory at the other side. */
const MAX_WINDOW_BYTES = 64 * CHUNK_BYTES
/** 4 Mbit/s takes two seconds for it, 100 Mbit/s a twelfth of one. */
const START_WINDOW_BYTES = 4 * CHUNK_BYTES
/** Wants of small blocks are bounded by number; Helia answers at most 1,024. */
const MAX_IN_FLIGHT = 256
/** A block that comes sooner lets the window grow, one that comes later makes it shrink. */
const SOON_MS = 800
const LATE_MS = 1_600
/** What the last blocks weigh against one more, for the rate. */
const MEMORY = 0.85
/** A busy tab or a lost packet stops a stream for a second or two. */
const MIN_PATIENCE_MS = 3_000
/** 512 KiB, which is one message, at 1 Mbit/s. */
const FIRST_PATIENCE_MS = 5_000
const MAX_PATIENCE_MS = 20_000
/** A chunk at 84 kbit/s; a ledger that lost a want gives it when it is asked again. */
const STUCK_MS = 25_000
const FIRST_PAUSE_MS = 2_000
/** A fifth of what a reader waits for: a peer that alone has a content is asked several times. */
const MAX_PAUSE_MS = 8_000

export function createBlockSource(peer: string): BlockSource {
  const inFlight = new Map<string, { readonly bytes: number; readonly askedAt: number }>()
  let inFlightBytes = 0
  let windowBytes = START_WINDOW_BYTES
  let lastBlockAt: number | undefined
  let busyBytes = 0
  let busyMs = 0
  let pausedUntil = 0
  let pauseMs = FIRST_PAUSE_MS

  const rate = () => (busyBytes === 0 ? undefined : (busyBytes * 1_000) / Math.max(busyMs, 1))

  function silentMs(now: number): number {
    const [first] = inFlight.values()
    return first === undefined ? 0 : now - Math.max(first.askedAt, lastBlockAt ?? 0)
  }

  function remove(key: string): { readonly bytes: number; readonly askedAt: number } | undefined {
    const entry = inFlight.get(key)
    if (entry === undefined) return undefined
    inFlight.delete(key)
    inFlightBytes -= entry.bytes
    return entry
  }

  function adapt(delayMs: number, bytes: number): void {
    if (delayMs < SOON_MS) windowBytes = Math.min(MAX_WINDOW_BYTES, windowBytes + bytes)
    else if (delayMs > LATE_MS) windowBytes = Math.max(MIN_WINDOW_BYTES, windowBytes - bytes)
  }

  return {
    peer,
    inFlight,
    rate,
    get inFlightBytes() {
      return inFlightBytes
    },

    hasRoom: (bytes, now) =>
      now >= pausedUntil &&
      inFlight.size < MAX_IN_FLIGHT &&
      (inFlight.size === 0 || inFlightBytes + bytes <= windowBytes),

    asked(key, bytes, now) {
      remove(key)
      inFlight.set(key, { bytes, askedAt: now })
      inFlightBytes += bytes
    },

    arrived(key, bytes, now) {
      const entry = remove(key)
      // time counts while there was something to send
      const since = Math.max(lastBlockAt ?? 0, entry?.askedAt ?? lastBlockAt ?? now)
      busyMs = busyMs * MEMORY + Math.max(0, now - since)
      busyBytes = busyBytes * MEMORY + bytes
      lastBlockAt = now
      pauseMs = FIRST_PAUSE_MS
      if (entry !== undefined) adapt(now - entry.askedAt, bytes)
    },

    returned(key) {
      remove(key)
    },

    etaMs: (bytes, assumedRate) => ((inFlightBytes + bytes) * 1_000) / (rate() ?? assumedRate),

    etaOfMs(key, assumedRate, now) {
      let bytes = 0
      for (const [other, entry] of inFlight) {
        bytes += entry.bytes
        if (other === key) break
      }
      return Math.max(silentMs(now), (bytes * 1_000) / (rate() ?? assumedRate))
    },

    isSilent(now) {
      const known = rate()
      const [first] = inFlight.values()
      if (first === undefined) return false
      if (known === undefined) return silentMs(now) > FIRST_PATIENCE_MS
      return silentMs(now) > clamp((first.bytes * 4_000) / known, MIN_PATIENCE_MS, MAX_PATIENCE_MS)
    },

    isStuck: (now) => silentMs(now) > STUCK_MS,

    pause(now) {
      windowBytes = MIN_WINDOW_BYTES
      pausedUntil = now + pauseMs
      pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * 2)
    },
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}
