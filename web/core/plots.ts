import { type Cell, cellOf, GRID_MIN, GRID_SIDE, PARCEL_COUNT, parcelAt } from './land.ts'
import { isSettleable } from './land-rule.ts'

/**
 * A plot is a cell that a parcel can lie on, by a number: on the mainland the serial of the parcel that is born there,
 * outside a number above those. Parcels move ([CH4]); plots do not.
 */
/** Number of the plot on a cell; undefined for the central square and beyond the grid. */
export function plotAt(cell: Cell): number | undefined {
  if (!isSettleable(cell)) return undefined
  return parcelAt(cell) ?? PARCEL_COUNT + (cell.y - GRID_MIN) * GRID_SIDE + (cell.x - GRID_MIN)
}

/** Cell of a plot; undefined when no plot has this number. */
export function cellOfPlot(plot: number): Cell | undefined {
  if (!Number.isInteger(plot) || plot < 0) return undefined
  if (plot < PARCEL_COUNT) return cellOf(plot)
  const index = plot - PARCEL_COUNT
  const cell = { x: (index % GRID_SIDE) + GRID_MIN, y: Math.floor(index / GRID_SIDE) + GRID_MIN }
  // a cell of the mainland has its serial and no other number
  return plotAt(cell) === plot ? cell : undefined
}

/** Where parcels lie: by the chain, as far as it is known; else where they were born. */
export interface ParcelPlaces {
  /** cell of the parcel of a serial; undefined without a place */
  cellOf(serial: number): Cell | undefined
  /** serial of the parcel that lies on a cell, or is born there once somebody gets it */
  parcelOn(cell: Cell): number | undefined
}

/** As the land rule has it: all that is known without a chain. */
export const BIRTH_PLACES: ParcelPlaces = { cellOf, parcelOn: parcelAt }

/** The plot on a cell, where a parcel lies or may be born: what one can look at. */
export function plotOn(
  { places = BIRTH_PLACES }: { readonly places?: ParcelPlaces },
  cell: Cell,
): number | undefined {
  const isPlot = parcelAt(cell) !== undefined || places.parcelOn(cell) !== undefined
  return isPlot ? plotAt(cell) : undefined
}
