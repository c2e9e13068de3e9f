import { describe, expect, it } from 'vitest'
import type { SeedHour } from '#api/seed-types.ts'
import { barsOf, byDay, fillHours, HISTORY_HOURS, lastDay, peakOf, sumOf } from '#ui/seed-history.ts'

const HOUR = 3_600_000
/** 2026-11-27T15:20Z */
const NOW = Date.UTC(2026, 10, 27, 15, 20)
const THIS_HOUR = Date.UTC(2026, 10, 27, 15)

function hour(hoursAgo: number, sentBytes: number, receivedBytes = 0): SeedHour {
  return { start: THIS_HOUR - hoursAgo * HOUR, sentBytes, receivedBytes }
}

const filled = fillHours([hour(500, 9), hour(167, 1), hour(24, 2), hour(23, 4, 10), hour(0, 8)], NOW)

describe('a week of traffic', () => {
  it('has an entry for every hour, the last being the one that goes on', () => {
    expect(filled).toHaveLength(HISTORY_HOURS)
    expect(filled[0]).toEqual(hour(167, 1))
    expect(filled.at(-1)).toEqual(hour(0, 8))
    expect(filled[1]).toEqual(hour(166, 0))
  })

  it('adds up the last 24 hours and the week', () => {
    expect(lastDay(filled)).toEqual({ sentBytes: 12, receivedBytes: 10 })
    expect(sumOf(filled)).toEqual({ sentBytes: 15, receivedBytes: 10 })
  })

  it('is told by the day of the visitor', () => {
    const utc = byDay(filled, 0)
    expect(utc).toHaveLength(8)
    expect(utc.map(({ sentBytes }) => sentBytes)).toEqual([1, 0, 0, 0, 0, 0, 6, 8])
    expect(utc.at(-1)?.start).toBe(Date.UTC(2026, 10, 27))
    // eight hours ahead, the day that ends was longer here
    expect(byDay(filled, -480).map(({ sentBytes }) => sentBytes)).toEqual([1, 0, 0, 0, 0, 2, 12])
  })

  it('is as high as its busiest hour', () => {
    expect(peakOf(filled)).toBe(10)
    expect(barsOf(filled).at(-1)).toEqual({ up: 0.8, down: 0 })
    expect(barsOf(filled)[HISTORY_HOURS - 24]).toEqual({ up: 0.4, down: 1 })
  })

  it('is flat when nothing moved', () => {
    expect(barsOf(fillHours([], NOW)).every(({ up, down }) => up === 0 && down === 0)).toBe(true)
  })
})
