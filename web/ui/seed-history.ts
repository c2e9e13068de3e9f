import type { SeedHour } from '#api/seed-types.ts'

/** The week's traffic as it is drawn and told. Pure: the clock comes as an argument. */

const HOUR_MS = 3_600_000
/** A week. */
export const HISTORY_HOURS = 168
const DAY_HOURS = 24

export interface Traffic {
  readonly sentBytes: number
  readonly receivedBytes: number
}

function add(a: Traffic, b: Traffic): Traffic {
  return { sentBytes: a.sentBytes + b.sentBytes, receivedBytes: a.receivedBytes + b.receivedBytes }
}

const NOTHING: Traffic = { sentBytes: 0, receivedBytes: 0 }

/** One entry for each of the last 168 hours, oldest first; the last is the hour that `now` is in. */
export function fillHours(history: readonly SeedHour[], now: number): readonly SeedHour[] {
  const last = Math.floor(now / HOUR_MS) * HOUR_MS
  const known = new Map(history.map((hour) => [hour.start, hour]))
  return Array.from({ length: HISTORY_HOURS }, (_, index) => {
    const start = last - (HISTORY_HOURS - 1 - index) * HOUR_MS
    return known.get(start) ?? { start, ...NOTHING }
  })
}

/** Sum of the newest `hours` hours. */
export function sumOf(filled: readonly SeedHour[], hours = HISTORY_HOURS): Traffic {
  return filled.slice(-hours).reduce<Traffic>(add, NOTHING)
}

/** Sum of the last 24 hours. */
export function lastDay(filled: readonly SeedHour[]): Traffic {
  return sumOf(filled, DAY_HOURS)
}

export interface TrafficDay extends Traffic {
  /** unix ms of the day's first hour in the list */
  readonly start: number
}

/** By the day of the visitor's time zone, oldest first. `offsetMinutes` as `Date.getTimezoneOffset()` gives it. */
export function byDay(filled: readonly SeedHour[], offsetMinutes: number): readonly TrafficDay[] {
  const days = new Map<number, TrafficDay>()
  for (const hour of filled) {
    const day = Math.floor((hour.start - offsetMinutes * 60_000) / (DAY_HOURS * HOUR_MS))
    const known = days.get(day)
    days.set(day, { start: known?.start ?? hour.start, ...add(known ?? NOTHING, hour) })
  }
  return [...days.values()]
}

/** Most bytes of one hour in one direction: the height of the plot. */
export function peakOf(filled: readonly SeedHour[]): number {
  return Math.max(0, ...filled.map(({ sentBytes, receivedBytes }) => Math.max(sentBytes, receivedBytes)))
}

/** One bar in a plot of height 1 up and 1 down, 0..1 each. */
export interface HourBar {
  readonly up: number
  readonly down: number
}

export function barsOf(filled: readonly SeedHour[]): readonly HourBar[] {
  const peak = peakOf(filled) || 1
  return filled.map(({ sentBytes, receivedBytes }) => ({ up: sentBytes / peak, down: receivedBytes / peak }))
}
