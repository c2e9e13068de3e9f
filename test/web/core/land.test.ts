import { describe, expect, it } from 'vitest'
import { toHex } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import { cellOf, isSquare, landCells, landRuleBytes, PARCEL_COUNT, parcelAt } from '#core/land.ts'

/** The rule of [CH2] once more, in other words: what is far goes first, exactly as many as are too many. */
function expectedCells(): string[] {
  const inDisc: { x: number; y: number; far: number }[] = []
  for (let y = -131; y <= 130; y++) {
    for (let x = -131; x <= 130; x++) {
      const far = (x + 0.5) ** 2 + (y + 0.5) ** 2
      const inSquare = Math.abs(x + 0.5) < 31 && Math.abs(y + 0.5) < 31
      if (far <= 131 ** 2 && !inSquare) inDisc.push({ x, y, far })
    }
  }
  const kept = inDisc.toSorted((a, b) => b.far - a.far || a.y - b.y || a.x - b.x).slice(80)
  return kept.toSorted((a, b) => a.y - b.y || a.x - b.x).map(({ x, y }) => `${x},${y}`)
}

describe('land rule ([CH2])', () => {
  it('has 50,000 parcels, numbered by y, then x', () => {
    expect(landCells().length).toBe(PARCEL_COUNT)
    expect(landCells().map(({ x, y }) => `${x},${y}`)).toEqual(expectedCells())
  })

  it('is published by the hash of its lines', () => {
    expect(new TextDecoder().decode(landRuleBytes())).toBe(
      expectedCells()
        .map((line) => `${line}\n`)
        .join(''),
    )
    expect(toHex(sha256(landRuleBytes()))).toBe(
      '77df1862f2708a4c3b754757478434b9a1c758402b83a448e3d2957a08791828',
    )
  })

  it('finds the parcel of a cell and the cell of a parcel', () => {
    landCells().forEach((cell, serial) => {
      if (parcelAt(cell) !== serial) throw new Error(`parcel ${serial} is not at its cell`)
    })
    expect(cellOf(0)).toEqual(landCells()[0])
    expect(cellOf(PARCEL_COUNT - 1)).toEqual(landCells().at(-1))
  })

  it('has no parcel in the square, in the sea, beyond the grid or between cells', () => {
    expect(isSquare({ x: -31, y: 30 })).toBe(true)
    expect(isSquare({ x: -32, y: 0 })).toBe(false)
    expect(parcelAt({ x: 0, y: 0 })).toBeUndefined()
    expect(parcelAt({ x: 31, y: 0 })).toBeDefined()
    expect(parcelAt({ x: 130, y: 130 })).toBeUndefined()
    expect(parcelAt({ x: 131, y: 0 })).toBeUndefined()
    expect(parcelAt({ x: -132, y: 0 })).toBeUndefined()
    expect(parcelAt({ x: 40.5, y: 0 })).toBeUndefined()
    expect(parcelAt({ x: Number.NaN, y: 0 })).toBeUndefined()
  })

  it.each([-1, PARCEL_COUNT, 0.5, Number.NaN])('refuses serial %s', (serial) => {
    expect(() => cellOf(serial)).toThrowError(expect.objectContaining({ code: 'PARCEL_UNKNOWN' }))
  })
})
