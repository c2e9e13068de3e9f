import { describe, expect, it } from 'vitest'
import { toHex } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import { type Cell, landCells, PARCEL_COUNT } from '#core/land.ts'
import {
  birthCell,
  bornAt,
  isMainland,
  isParcelId,
  isSettleable,
  LAND_SHARES,
  type LandShare,
  MAX_PARCEL_ID,
  parcelIdOf,
  shareOf,
} from '#core/land-rule.ts'

type Counts = Record<LandShare, number>

function countShares(ids: readonly number[]): Counts {
  const counts: Counts = { public: 0, giveaway: 0, auction: 0 }
  for (const id of ids) counts[shareOf(id)]++
  return counts
}

const FIRST_CITY = Array.from({ length: PARCEL_COUNT }, (_, serial) => parcelIdOf(serial))
/** Cells along one side of the windows in which the shares are counted: a quarter of a kilometre. */
const WINDOW = 26

describe('land rule', () => {
  it('[CH2] gives each parcel of the first city its birth cell, and each such cell its parcel', () => {
    expect(FIRST_CITY.map(birthCell)).toEqual(landCells())
    expect(FIRST_CITY.every((id) => bornAt(birthCell(id)) === id)).toBe(true)
    expect(bornAt({ x: 0, y: 0 })).toBeUndefined()
    for (const id of [0, PARCEL_COUNT + 1, 1.5])
      expect(() => birthCell(id)).toThrowError(expect.objectContaining({ code: 'PARCEL_UNKNOWN' }))
  })

  it('[CH3] shares out 15,000 public, 15,000 given away and 20,000 auctioned', () => {
    expect(countShares(FIRST_CITY)).toEqual({ public: 15_000, giveaway: 15_000, auction: 20_000 })
  })

  it('[CH3] is published by the hash of its shares, one byte for each, which the contracts’ rule has too', () => {
    const shares = Uint8Array.from(FIRST_CITY, (id) => LAND_SHARES.indexOf(shareOf(id)))
    expect(toHex(sha256(shares))).toBe('02ca7e0948b532313e31ab7d409b2a574a02772bf81a58d981548883d382546b')
  })

  it('[CH3] keeps a hundred in one share, so that a batch is one strip', () => {
    for (let id = 1; id <= PARCEL_COUNT; id += 100) {
      expect(shareOf(id + 99)).toBe(shareOf(id))
    }
  })

  it('[CH3] spreads each share over the whole city', () => {
    const windows = new Map<string, number[]>()
    landCells().forEach(({ x, y }, serial) => {
      const key = `${Math.floor((x + 131) / WINDOW)},${Math.floor((y + 131) / WINDOW)}`
      windows.set(key, [...(windows.get(key) ?? []), parcelIdOf(serial)])
    })
    // windows that the shore or the square cut small are left out
    const full = [...windows.values()].filter((ids) => ids.length > (WINDOW * WINDOW) / 2)
    expect(full.length).toBeGreaterThan(70)
    for (const ids of full) {
      const counts = countShares(ids)
      for (const share of LAND_SHARES) {
        expect(counts[share] / ids.length).toBeGreaterThan(0.2)
        expect(counts[share] / ids.length).toBeLessThan(0.5)
      }
    }
  })

  it('[CH4] auctions what is minted later, up to the last id', () => {
    expect(shareOf(PARCEL_COUNT + 1)).toBe('auction')
    expect(shareOf(MAX_PARCEL_ID)).toBe('auction')
    for (const id of [0, MAX_PARCEL_ID + 1, -1, 0.5, Number.NaN]) {
      expect(isParcelId(id)).toBe(false)
      expect(() => shareOf(id)).toThrowError(expect.objectContaining({ code: 'PARCEL_UNKNOWN' }))
    }
  })

  it.each<[Cell, boolean, boolean]>([
    [{ x: 0, y: 0 }, false, false],
    [{ x: 31, y: 0 }, true, true],
    [{ x: 131, y: 0 }, false, true],
    [{ x: -2048, y: 2047 }, false, true],
    [{ x: 2048, y: 0 }, false, false],
    [{ x: 0, y: -2049 }, false, false],
    [{ x: 40.5, y: 0 }, false, false],
  ])('[CH4] knows of %o whether it is mainland and whether one can settle there', (cell, mainland, room) => {
    expect(isMainland(cell)).toBe(mainland)
    expect(isSettleable(cell)).toBe(room)
  })
})
