import type { Timers } from './timers.ts'

/** Tokens saved while nothing passes, in seconds of the rate: short enough that a cap holds within a second. */
const BURST_SECONDS = 0.1
/** What is small goes first as long as it takes no more than this share; then it waits like the rest. */
const SMALL_SHARE = 0.5
/** Requests, presences and most texts: none of them should wait behind megabytes. */
const SMALL_BYTES = 4 * 1024

export interface TokenBucketInit {
  readonly timers: Timers
  /** ms, never set back */
  readonly now: () => number
}

export interface TokenBucket {
  /** bytes per second, above 0; undefined lifts the cap, and whoever waits goes on at once */
  setRate(bytesPerSecond: number | undefined): void
  /** Resolves once `bytes` may pass: in order of asking, except that what is small does not wait behind what is large. */
  take(bytes: number, signal?: AbortSignal): Promise<void>
  /** Counts what passed or is about to; it may run into debt, which the next wait for. */
  charge(bytes: number): void
  /** ms until something may pass; 0 = at once */
  waitMs(): number
}

interface Waiter {
  readonly bytes: number
  readonly pass: () => void
}

/**
 * Caps a flow of bytes. One item passes as soon as there is any token and may run into debt, so that an item
 * larger than the bucket never waits for ever; over time the rate holds.
 */
export function createTokenBucket({ timers, now }: TokenBucketInit): TokenBucket {
  const waiting: Waiter[] = []
  let rate: number | undefined
  let tokens = 0
  let smallTokens = 0
  let filledAt = now()
  let cancelTimer: (() => void) | undefined

  function fill(): void {
    const time = now()
    if (rate !== undefined) {
      const fresh = (Math.max(0, time - filledAt) * rate) / 1_000
      tokens = Math.min(rate * BURST_SECONDS, tokens + fresh)
      smallTokens = Math.min(rate * SMALL_SHARE, smallTokens + fresh * SMALL_SHARE)
    }
    filledAt = time
  }

  function waitMs(): number {
    fill()
    return rate === undefined || tokens > 0 ? 0 : Math.ceil((-tokens * 1_000) / rate) + 1
  }

  function pump(): void {
    cancelTimer?.()
    cancelTimer = undefined
    while (waiting.length > 0) {
      const ms = waitMs()
      if (ms > 0) {
        cancelTimer = timers.after(ms, pump)
        return
      }
      const { bytes, pass } = waiting.shift() as Waiter
      charge(bytes)
      pass()
    }
  }

  function charge(bytes: number): void {
    fill()
    if (rate !== undefined) tokens -= bytes
  }

  function goesFirst(bytes: number): boolean {
    if (rate === undefined) return true
    fill()
    if (bytes > SMALL_BYTES || smallTokens <= 0) return false
    smallTokens -= bytes
    return true
  }

  return {
    charge,
    waitMs,

    setRate(bytesPerSecond) {
      fill()
      rate = bytesPerSecond
      // neither a saved burst nor a debt of another rate carries over
      tokens = 0
      smallTokens = (rate ?? 0) * SMALL_SHARE
      pump()
    },

    async take(bytes, signal) {
      signal?.throwIfAborted()
      if (goesFirst(bytes) || (waiting.length === 0 && waitMs() === 0)) return charge(bytes)
      await new Promise<void>((resolve, reject) => {
        const waiter: Waiter = {
          bytes,
          pass: () => {
            signal?.removeEventListener('abort', onAbort)
            resolve()
          },
        }
        const onAbort = () => {
          const at = waiting.indexOf(waiter)
          if (at !== -1) waiting.splice(at, 1)
          reject(signal?.reason)
        }
        signal?.addEventListener('abort', onAbort, { once: true })
        waiting.push(waiter)
        if (waiting.length === 1) pump()
      })
    },
  }
}
