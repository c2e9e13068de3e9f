import type { MultiaddrConnection } from '@libp2p/interface'

/** Why a socket never became a connection; the labels of the metric. */
export type HandshakeFailure = 'timeout' | 'crowded' | 'invalid'

export interface Handshakes {
  /** in progress */
  readonly pending: number
  readonly failed: Readonly<Record<HandshakeFailure, number>>
  /** Follows one from its start; a failed one is ended, and nothing else is. */
  follow(connection: Pick<MultiaddrConnection, 'abort'>, upgrade: () => Promise<unknown>): void
}

export interface HandshakesInit {
  readonly maxPending: number
  /** what libp2p gives each; its errors do not say that it was the time */
  readonly timeoutMs: number
  /** ms, monotonic */
  readonly now: () => number
}

/**
 * Noise, yamux and multistream of those who come in. libp2p gives each a time; while many dawdle nobody could come in
 * meanwhile, so the one that has taken longest makes room: an honest one is done within a second.
 */
export function createHandshakes({ maxPending, timeoutMs, now }: HandshakesInit): Handshakes {
  const pending = new Set<Pick<MultiaddrConnection, 'abort'>>()
  const crowdedOut = new WeakSet<Pick<MultiaddrConnection, 'abort'>>()
  const failed: Record<HandshakeFailure, number> = { timeout: 0, crowded: 0, invalid: 0 }
  return {
    get pending() {
      return pending.size
    },
    failed,
    follow(connection, upgrade) {
      const [oldest] = pending
      if (pending.size >= maxPending && oldest !== undefined) {
        pending.delete(oldest)
        crowdedOut.add(oldest)
        oldest.abort(new Error('Its handshake took too long while others waited.'))
      }
      pending.add(connection)
      const startedAt = now()
      upgrade()
        .catch((error: unknown) => {
          const isLate = now() - startedAt >= timeoutMs
          failed[crowdedOut.has(connection) ? 'crowded' : isLate ? 'timeout' : 'invalid']++
          connection.abort(error instanceof Error ? error : new Error(String(error)))
        })
        .finally(() => pending.delete(connection))
    },
  }
}
