import type { ChainLandApi } from '#api/land-types.ts'
import { landCells } from '#core/land.ts'
import { parcelIdOf, shareOf } from '#core/land-rule.ts'
import type { ParcelPlaces } from '#core/plots.ts'

/** Serials of plots that are sold at auction and that nobody owns yet, as the known land has it. */
export function onSale(
  places: ParcelPlaces,
  proven: (...cell: Parameters<ChainLandApi['proven']>) => unknown,
): ReadonlySet<number> {
  const found = new Set<number>()
  landCells().forEach(({ x, y }, serial) => {
    if (shareOf(parcelIdOf(serial)) !== 'auction') return
    // what was sold lies here, or was moved away
    if (places.parcelOn({ x, y }) === serial && proven(x, y) === undefined) found.add(serial)
  })
  return found
}
