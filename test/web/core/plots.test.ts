import { expect, it } from 'vitest'
import { cellOf, landCells, PARCEL_COUNT } from '#core/land.ts'
import { BIRTH_PLACES, cellOfPlot, plotAt, plotOn } from '#core/plots.ts'

it('[CH4] every cell but the square has a number of its own: on the mainland the serial of who is born there', () => {
  landCells().forEach((cell, serial) => {
    if (plotAt(cell) !== serial) throw new Error(`plot ${plotAt(cell)} on the cell of ${serial}`)
  })
  for (const cell of [
    { x: 131, y: 2 },
    { x: -132, y: -1 },
    { x: 2_047, y: 2_047 },
    { x: -2_048, y: -2_048 },
  ]) {
    const plot = plotAt(cell)
    expect(plot).toBeGreaterThanOrEqual(PARCEL_COUNT)
    expect(cellOfPlot(plot!)).toEqual(cell)
  }
  expect(
    [
      { x: 0, y: 0 },
      { x: 2_048, y: 0 },
      { x: 0.5, y: 40 },
    ].map(plotAt),
  ).toEqual([undefined, undefined, undefined])
})

it('no other number is one of a plot', () => {
  // that which a cell of the mainland would have outside of it
  const inside = PARCEL_COUNT + (40 + 2_048) * 4_096 + 2_048
  expect([-1, 0.5, Number.NaN, inside, PARCEL_COUNT + 4_096 ** 2].map(cellOfPlot)).toEqual(
    Array(5).fill(undefined),
  )
})

it('one looks at a plot of the mainland, and outside at one where a parcel lies', () => {
  const shore = { x: 131, y: 2 }
  expect([plotOn({}, cellOf(3)), plotOn({}, shore)]).toEqual([3, undefined])
  const places = { ...BIRTH_PLACES, parcelOn: () => 3 }
  expect(plotOn({ places }, shore)).toBe(plotAt(shore))
})
