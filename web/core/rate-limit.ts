export interface RateLimitInit {
  readonly perSecond: number
  /** how many may come at once */
  readonly burst: number
  /** keys remembered; the one that came first makes room, which only ever lets more pass */
  readonly maxKeys: number
  /** ms */
  readonly now: () => number
}

export interface RateLimit {
  /** May `key` do `count` more now? @default 1 */
  take(key: string, count?: number): boolean
  /** Could it, without doing so? */
  allows(key: string, count?: number): boolean
}

interface Bucket {
  tokens: number
  filledAt: number
}

/** A token bucket for each key. */
export function createRateLimit({ perSecond, burst, maxKeys, now }: RateLimitInit): RateLimit {
  const buckets = new Map<string, Bucket>()

  const bucketOf = (key: string, time: number): Bucket => {
    const known = buckets.get(key)
    if (known !== undefined) return known
    const [oldest] = buckets.keys()
    if (buckets.size >= maxKeys && oldest !== undefined) buckets.delete(oldest)
    const bucket = { tokens: burst, filledAt: time }
    buckets.set(key, bucket)
    return bucket
  }

  const filled = (key: string): Bucket => {
    const time = now()
    const bucket = bucketOf(key, time)
    const elapsed = Math.max(0, time - bucket.filledAt) // clocks are set back at times
    bucket.tokens = Math.min(burst, bucket.tokens + (elapsed * perSecond) / 1_000)
    bucket.filledAt = time
    return bucket
  }

  return {
    allows: (key, count = 1) => filled(key).tokens >= count,
    take(key, count = 1) {
      const bucket = filled(key)
      if (bucket.tokens < count) return false
      bucket.tokens -= count
      return true
    },
  }
}
