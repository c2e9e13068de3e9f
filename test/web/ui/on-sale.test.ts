import { expect, it } from 'vitest'
import { landCells, parcelAt } from '#core/land.ts'
import { parcelIdOf, shareOf } from '#core/land-rule.ts'
import { BIRTH_PLACES } from '#core/plots.ts'
import { onSale } from '#ui/on-sale.ts'

it('[CH3] plots of the auctioned share are on sale until somebody owns them, wherever they lie then', () => {
  const all = onSale(BIRTH_PLACES, () => undefined)
  const auctioned = landCells().filter((_, serial) => shareOf(parcelIdOf(serial)) === 'auction')
  expect(all.size).toBe(auctioned.length)
  const [owned, moved, free] = auctioned.map((cell) => parcelAt(cell))
  const at = landCells()[owned ?? -1]
  const places = {
    ...BIRTH_PLACES,
    parcelOn: (cell: { readonly x: number; readonly y: number }) => {
      const serial = parcelAt(cell)
      return serial === moved ? undefined : serial
    },
  }
  const left = onSale(places, (x, y) => (x === at?.x && y === at.y ? { id: 1 } : undefined))
  expect(left.size).toBe(all.size - 2)
  expect([owned, moved, free].map((serial) => left.has(serial ?? -1))).toEqual([false, false, true])
})
