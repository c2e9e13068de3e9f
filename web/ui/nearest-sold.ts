import type { Cell } from '#core/land.ts'
import { type Near, tryCellOf } from './parcels.ts'

/** The nearest cell of plots that are on sale, given by their serials (on-sale.ts). */
export function nearestSold(near: Near, sold: Iterable<number>): Cell | undefined {
  let nearest: Cell | undefined
  let least = Number.POSITIVE_INFINITY
  for (const serial of sold) {
    const cell = tryCellOf(serial)
    if (cell === undefined) continue
    const distance = (cell.x + 0.5 - near.x) ** 2 + (cell.y + 0.5 - near.y) ** 2
    if (distance >= least) continue
    nearest = cell
    least = distance
  }
  return nearest
}
