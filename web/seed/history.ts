import { ByteReader, type Bytes, ByteWriter } from '#core/bytes.ts'
import type { RecordStore } from '#core/record-store.ts'

export const HOUR_MS = 3_600_000
/** a week */
export const MAX_HOURS = 168

const PREFIX = 'seed/hour/'
const LOCK = 'seed-hours'

export interface Hour {
  /** unix ms of its beginning */
  readonly start: number
  readonly sentBytes: number
  readonly receivedBytes: number
}

export function hourOf(time: number): number {
  return Math.floor(time / HOUR_MS) * HOUR_MS
}

/** Bytes that were sent and received by the hour, summed over the profile's tabs; a week of them. */
export class TrafficHistory {
  readonly #store: RecordStore
  readonly #now: () => number
  #pending = new Map<number, { sentBytes: number; receivedBytes: number }>()
  #hours: readonly Hour[] = []

  constructor(init: { readonly store: RecordStore; readonly now: () => number }) {
    this.#store = init.store
    this.#now = init.now
  }

  /** What is on disk and what waits to be, oldest first. */
  hours(): readonly Hour[] {
    const oldest = hourOf(this.#now()) - (MAX_HOURS - 1) * HOUR_MS
    const sums = new Map(this.#hours.map((hour) => [hour.start, hour]))
    for (const [start, more] of this.#pending) sums.set(start, add(sums.get(start), start, more))
    return [...sums.values()].filter(({ start }) => start >= oldest).sort((a, b) => a.start - b.start)
  }

  count(direction: 'sent' | 'received', bytes: number): void {
    const start = hourOf(this.#now())
    const pending = this.#pending.get(start) ?? { sentBytes: 0, receivedBytes: 0 }
    this.#pending.set(start, pending)
    if (direction === 'sent') pending.sentBytes += bytes
    else pending.receivedBytes += bytes
  }

  async load(): Promise<void> {
    const hours: Hour[] = []
    for await (const { key, value } of this.#store.entries(PREFIX)) {
      const hour = decodeHour(key, value)
      if (hour !== undefined) hours.push(hour)
    }
    this.#hours = hours
  }

  /** Adds what was counted since to the profile's sums, and lets go of hours that are older than a week. */
  async flush(): Promise<void> {
    const pending = this.#pending
    if (pending.size === 0) return
    this.#pending = new Map()
    try {
      await this.#store.exclusive(LOCK, async () => {
        await this.load()
        const sums = new Map(this.#hours.map((hour) => [hour.start, hour]))
        for (const [start, more] of pending) sums.set(start, add(sums.get(start), start, more))
        const oldest = hourOf(this.#now()) - (MAX_HOURS - 1) * HOUR_MS
        await this.#store.put([...pending.keys()].map((start) => encodeHour(sums.get(start) as Hour)))
        await this.#store.delete(
          [...sums.keys()].filter((start) => start < oldest).map((start) => PREFIX + start),
        )
        this.#hours = [...sums.values()].filter(({ start }) => start >= oldest)
      })
    } catch (error) {
      for (const [start, more] of pending)
        this.#pending.set(start, add(this.#pending.get(start), start, more))
      throw error
    }
  }
}

function add(
  known: { readonly sentBytes: number; readonly receivedBytes: number } | undefined,
  start: number,
  more: { readonly sentBytes: number; readonly receivedBytes: number },
): { start: number; sentBytes: number; receivedBytes: number } {
  return {
    start,
    sentBytes: (known?.sentBytes ?? 0) + more.sentBytes,
    receivedBytes: (known?.receivedBytes ?? 0) + more.receivedBytes,
  }
}

function encodeHour({ start, sentBytes, receivedBytes }: Hour): { key: string; value: Bytes } {
  const value = new ByteWriter(16).u64(BigInt(sentBytes)).u64(BigInt(receivedBytes)).finish()
  return { key: PREFIX + start, value }
}

function decodeHour(key: string, value: Bytes): Hour | undefined {
  const start = Number(key.slice(PREFIX.length))
  if (!Number.isSafeInteger(start) || start % HOUR_MS !== 0 || value.length !== 16) return
  const reader = new ByteReader(value)
  const [sentBytes, receivedBytes] = [Number(reader.u64('sent')), Number(reader.u64('received'))]
  return Number.isSafeInteger(sentBytes + receivedBytes) ? { start, sentBytes, receivedBytes } : undefined
}
