import { AppError } from './errors.ts'
import { type Cell, cellOf, isOnGrid, isSquare, PARCEL_COUNT, parcelAt } from './land.ts'

/**
 * What the contracts and the tabs agree on about parcels ([CH2], [CH3]). On chain a parcel has an id from 1 on,
 * since 0 means "no parcel" there: the parcel of serial s in the first city has the id s + 1. Ids above 50,000 are
 * minted later; they have no birth cell.
 */
export const FIRST_PARCEL_ID = 1
/** Ids take 16 bits; 65,535 is left unused, so that it can never be met. */
export const MAX_PARCEL_ID = 65_534

/** Whom a parcel is meant for: the foundation, those who claim it by proof, or the highest bidder. */
export type LandShare = 'public' | 'giveaway' | 'auction'

export const LAND_SHARES: readonly LandShare[] = ['public', 'giveaway', 'auction']

/** Parcels in a row that have one share: as many as a batch mints. */
const RUN = 100

/** Id on chain of the parcel of a serial. */
export function parcelIdOf(serial: number): number {
  return serial + FIRST_PARCEL_ID
}

/** The reverse of `parcelIdOf`. */
export function serialOf(id: number): number {
  return id - FIRST_PARCEL_ID
}

/** Whether a parcel can have this id, minted or not. */
export function isParcelId(id: number): boolean {
  return Number.isInteger(id) && id >= FIRST_PARCEL_ID && id <= MAX_PARCEL_ID
}

/**
 * The cell that a parcel of the first city is minted on.
 * @throws PARCEL_UNKNOWN when `id` is not an integer in 1..50,000
 */
export function birthCell(id: number): Cell {
  return cellOf(id - FIRST_PARCEL_ID)
}

/** Id of the parcel that is minted on a cell; undefined for the square and for what lies outside. */
export function bornAt(cell: Cell): number | undefined {
  const serial = parcelAt(cell)
  return serial === undefined ? undefined : parcelIdOf(serial)
}

/**
 * Share of a parcel. Serials go in runs of a hundred, each a strip of cells along a row, 1 km long; of ten runs three
 * are public, three are given away and four are auctioned, and the order turns by one from each ten to the next, so
 * that no quarter of the city goes short of any. Whatever is minted after the first city is auctioned.
 * @throws PARCEL_UNKNOWN when no parcel can have this id
 */
export function shareOf(id: number): LandShare {
  if (!isParcelId(id))
    throw new AppError('PARCEL_UNKNOWN', `No parcel ${id}: ids run from 1 to ${MAX_PARCEL_ID}.`)
  const serial = id - FIRST_PARCEL_ID
  if (serial >= PARCEL_COUNT) return 'auction'
  const run = Math.floor(serial / RUN)
  const turn = (run + 9 * Math.floor(run / 10)) % 10
  if (turn < 3) return 'public'
  return turn < 6 ? 'giveaway' : 'auction'
}

/** Whether a cell belongs to the first city, the central square excepted: 50,000 cells. */
export function isMainland(cell: Cell): boolean {
  return parcelAt(cell) !== undefined
}

/** Whether a parcel could ever lie on a cell: on the grid, off the square. */
export function isSettleable(cell: Cell): boolean {
  return isOnGrid(cell) && !isSquare(cell)
}
