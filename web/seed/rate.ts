/** Bytes are counted over this time: long enough that blocks of 256 KiB give a steady figure. */
const WINDOW_MS = 5_000

/** How fast something goes, from how far it was at which time. */
export class Rate {
  #samples: { readonly time: number; readonly bytes: number }[] = []

  /** `bytes` in all, at `time` (ms). */
  sample(time: number, bytes: number): void {
    this.#samples.push({ time, bytes })
    // the last one before the window stays: the rate is measured from it
    while (this.#samples.length > 2 && (this.#samples[1]?.time ?? time) <= time - WINDOW_MS)
      this.#samples.shift()
  }

  /** Bytes per second over the last seconds; 0 until two samples are there or when nothing moves any more. */
  perSecond(time: number): number {
    const first = this.#samples[0]
    const last = this.#samples.at(-1)
    if (first === undefined || last === undefined || time - last.time > WINDOW_MS) return 0
    const ms = Math.max(last.time, time) - first.time
    return ms <= 0 ? 0 : ((last.bytes - first.bytes) * 1_000) / ms
  }
}

/** Seconds until `total` is reached; undefined when nothing moves. */
export function secondsLeft(bytes: number, total: number | undefined, perSecond: number): number | undefined {
  if (total === undefined || perSecond <= 0) return
  return Math.max(0, total - bytes) / perSecond
}
