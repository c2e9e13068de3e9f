import type { ParcelBuild } from '#api/types.ts'
import { type Cell, landCells } from '#core/land.ts'
import { parcelIdOf, shareOf } from '#core/land-rule.ts'
import type { Near } from './parcels.ts'

/** The nearest cell whose plot is sold at auction and where nothing is built; who owns it, its card asks the chain. */
export function nearestSold(near: Near, builds: ReadonlyMap<number, ParcelBuild>): Cell | undefined {
  let nearest: Cell | undefined
  let least = Number.POSITIVE_INFINITY
  landCells().forEach((cell, serial) => {
    const distance = (cell.x + 0.5 - near.x) ** 2 + (cell.y + 0.5 - near.y) ** 2
    if (distance >= least || builds.has(serial) || shareOf(parcelIdOf(serial)) !== 'auction') return
    nearest = cell
    least = distance
  })
  return nearest
}
