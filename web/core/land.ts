import { concat, utf8 } from './bytes.ts'
import { AppError } from './errors.ts'

/**
 * The first city ([CH2]): its cells and their order, which contract, tabs and tests share. Cells are integers x, y from
 * -131 to 130 with centre (x+½, y+½); a serial counts the parcels by y, then x, ascending.
 */
export const LAND_RADIUS = 131
export const SQUARE_MIN = -31
export const SQUARE_MAX = 30
export const LEFT_OUT = 80
export const PARCEL_COUNT = 50_000
/** Coordinates have 12 bits on chain ([CH4]): no parcel lies beyond, whatever is moved. */
export const GRID_MIN = -2_048
export const GRID_MAX = 2_047
export const GRID_SIDE = GRID_MAX - GRID_MIN + 1
/** metres */
export const CELL_SIZE_M = 10

export interface Cell {
  readonly x: number
  readonly y: number
}

const SIDE = 2 * LAND_RADIUS

/** 4 · squared distance of the cell's centre from the origin: an integer, so no rounding decides a border. */
function distance4({ x, y }: Cell): number {
  return (2 * x + 1) ** 2 + (2 * y + 1) ** 2
}

export function isSquare({ x, y }: Cell): boolean {
  return x >= SQUARE_MIN && x <= SQUARE_MAX && y >= SQUARE_MIN && y <= SQUARE_MAX
}

function isDisc(cell: Cell): boolean {
  return distance4(cell) <= (2 * LAND_RADIUS) ** 2
}

/** Does a cell lie in the smallest square around the first city? The central square is `isSquare`'s. */
export function isInCityBounds({ x, y }: Cell): boolean {
  return Math.min(x, y) >= -LAND_RADIUS && Math.max(x, y) < LAND_RADIUS
}

/** Is this an integer cell that a coordinate on chain can name? */
export function isOnGrid({ x, y }: Cell): boolean {
  const inGrid = (value: number): boolean => Number.isInteger(value) && value >= GRID_MIN && value <= GRID_MAX
  return inGrid(x) && inGrid(y)
}

function indexOf({ x, y }: Cell): number {
  return (y + LAND_RADIUS) * SIDE + (x + LAND_RADIUS)
}

interface Land {
  readonly cells: readonly Cell[]
  /** serial + 1 by cell index; 0 where no parcel is */
  readonly serials: Uint16Array
}

let land: Land | undefined

function build(): Land {
  const candidates: Cell[] = []
  for (let y = -LAND_RADIUS; y < LAND_RADIUS; y++) {
    for (let x = -LAND_RADIUS; x < LAND_RADIUS; x++) {
      if (isDisc({ x, y }) && !isSquare({ x, y })) candidates.push({ x, y })
    }
  }
  const farthest = [...candidates].sort((a, b) => distance4(b) - distance4(a) || a.y - b.y || a.x - b.x)
  const leftOut = new Set(farthest.slice(0, LEFT_OUT).map(indexOf))
  const cells = candidates.filter((cell) => !leftOut.has(indexOf(cell)))
  const serials = new Uint16Array(SIDE * SIDE)
  cells.forEach((cell, serial) => {
    serials[indexOf(cell)] = serial + 1
  })
  return { cells, serials }
}

function getLand(): Land {
  land ??= build()
  return land
}

/** The cells of all parcels in serial order. */
export function landCells(): readonly Cell[] {
  return getLand().cells
}

/** Serial of the parcel at a cell, or undefined for the square, the sea and everything that is no integer cell. */
export function parcelAt(cell: Cell): number | undefined {
  const { x, y } = cell
  if (!Number.isInteger(x) || !Number.isInteger(y)) return undefined
  if (!isInCityBounds(cell)) return undefined
  const serial = getLand().serials[indexOf(cell)] ?? 0
  return serial === 0 ? undefined : serial - 1
}

/** @throws PARCEL_UNKNOWN when `serial` is not an integer in 0..49,999 */
export function cellOf(serial: number): Cell {
  const cell = getLand().cells[serial]
  if (cell !== undefined) return cell
  throw new AppError('PARCEL_UNKNOWN', `No parcel ${serial}: serials run from 0 to ${PARCEL_COUNT - 1}.`)
}

/** The rule as text, `x,y\n` in serial order: what its published hash is taken over. */
export function landRuleBytes(): Uint8Array {
  return concat(...landCells().map(({ x, y }) => utf8(`${x},${y}\n`)))
}
