/** How long a bucket gathers what is not used: short enough that a burst is not felt by the others. */
const BURST_MS = 100

export interface ByteBucket {
  /** ms until bytes may pass again; 0 = now */
  waitMs(): number
  /** Takes bytes that have passed. It may go into debt, which is waited for afterwards. */
  spend(bytes: number): void
}

/**
 * A rate of bytes per second. Streams may be cut at any byte, so what passes is taken first and waited for after;
 * with the debt of at most one chunk the rate is kept exactly over time.
 */
export function createByteBucket(bytesPerSecond: number, now: () => number): ByteBucket {
  if (bytesPerSecond === Number.POSITIVE_INFINITY) return { waitMs: () => 0, spend() {} }
  const burst = (bytesPerSecond * BURST_MS) / 1_000
  let bytes = burst
  let filledAt = now()

  const fill = (): void => {
    const time = now()
    const elapsed = Math.max(0, time - filledAt) // clocks are set back at times
    bytes = Math.min(burst, bytes + (elapsed * bytesPerSecond) / 1_000)
    filledAt = time
  }

  return {
    waitMs() {
      fill()
      return bytes > 0 ? 0 : Math.max(1, Math.ceil((-bytes * 1_000) / bytesPerSecond))
    },
    spend(count) {
      bytes -= count
    },
  }
}
