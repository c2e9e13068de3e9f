import { expect, it } from 'vitest'
import { parcelAt } from '#core/land.ts'
import { bornAt, shareOf } from '#core/land-rule.ts'
import { BIRTH_PLACES } from '#core/plots.ts'
import { nearestSold } from '#ui/nearest-sold.ts'
import { onSale } from '#ui/on-sale.ts'

const near = { x: 40.5, y: 1.5 }

it('the nearest plot that is sold at auction is one that nobody owns, and no other of these is nearer', () => {
  const cell = nearestSold(
    near,
    onSale(BIRTH_PLACES, () => undefined),
  )
  if (cell === undefined) throw new Error('none')
  expect(shareOf(bornAt(cell) ?? 0)).toBe('auction')
  const reach = Math.hypot(cell.x + 0.5 - near.x, cell.y + 0.5 - near.y)
  for (let x = 20; x < 60; x++) {
    for (let y = -20; y < 20; y++) {
      if (Math.hypot(x + 0.5 - near.x, y + 0.5 - near.y) < reach)
        expect(shareOf(bornAt({ x, y }) ?? 1)).not.toBe('auction')
    }
  }
  // somebody owns it, and built nothing yet
  const left = onSale(BIRTH_PLACES, (x, y) => (x === cell.x && y === cell.y ? { id: 1 } : undefined))
  const next = nearestSold(near, left)
  expect(next).not.toEqual(cell)
  expect(left.has(parcelAt(next ?? near) ?? -1)).toBe(true)
  expect(nearestSold(near, [])).toBeUndefined()
})
