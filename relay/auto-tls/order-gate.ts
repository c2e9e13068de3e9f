import type { Timers } from '#core/timers.ts'
import { createBackoff } from '#peer/backoff.ts'
import { AUTO_TLS_ORDER_RETRY_FIRST_MS, AUTO_TLS_ORDER_RETRY_MAX_MS } from '../limits.ts'

export interface OrderGateInit {
  readonly timers: Timers
  /** 0 ≤ random() < 1 @default Math.random */
  readonly random?: (() => number) | undefined
}

/** When the next order of a certificate may begin. */
export interface OrderGate {
  /** Resolves at once for the first order, and ever later for each one more without a success. @throws once stopped */
  pass(): Promise<void>
  /** A certificate came: the next order is a first one. */
  reset(): void
  stop(): void
}

/** `@ipshipyard/libp2p-auto-tls` by itself begins an order 5 s after the last one failed, for ever. */
export function createOrderGate({ timers, random = Math.random }: OrderGateInit): OrderGate {
  const backoff = createBackoff({
    firstMs: AUTO_TLS_ORDER_RETRY_FIRST_MS,
    maxMs: AUTO_TLS_ORDER_RETRY_MAX_MS,
    random,
  })
  const stopping = new AbortController()
  const { signal } = stopping
  let isFirst = true
  return {
    async pass() {
      signal.throwIfAborted()
      if (isFirst) {
        isFirst = false
        return
      }
      const { promise, resolve } = Promise.withResolvers<void>()
      const cancel = timers.after(backoff.next(), resolve)
      const onAbort = () => resolve()
      signal.addEventListener('abort', onAbort)
      await promise
      signal.removeEventListener('abort', onAbort)
      cancel()
      signal.throwIfAborted()
    },
    reset() {
      isFirst = true
      backoff.reset()
    },
    stop: () => stopping.abort(),
  }
}
