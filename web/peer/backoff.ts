export interface BackoffInit {
  readonly firstMs: number
  readonly maxMs: number
  /** 0 ≤ random() < 1 @default Math.random */
  readonly random?: () => number
}

export interface Backoff {
  /** ms to wait after one more failure: doubled each time up to the maximum, less up to half of it by chance */
  next(): number
  reset(): void
}

/** The jitter keeps the tabs of a restarted relay from coming back in the same instant. */
export function createBackoff({ firstMs, maxMs, random = Math.random }: BackoffInit): Backoff {
  let failures = 0
  return {
    next() {
      const ms = Math.min(maxMs, firstMs * 2 ** failures)
      failures = Math.min(failures + 1, 30)
      return Math.round(ms * (1 - random() / 2))
    },
    reset() {
      failures = 0
    },
  }
}
