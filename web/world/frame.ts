/**
 * The world's frame: metres, y up, x east, z south (so north, the land's +y, is -z), origin at the land's centre.
 * Headings are degrees clockwise from north, pitches degrees above the horizon.
 */
import { CELL_SIZE_M, type Cell } from '#core/land.ts'

export interface GroundPoint {
  /** metres east */
  readonly x: number
  /** metres south */
  readonly z: number
}

/** A place in (fractional) cells as metres. */
export function groundOf(cellX: number, cellY: number): GroundPoint {
  return { x: cellX * CELL_SIZE_M, z: -cellY * CELL_SIZE_M }
}

/** The middle of a cell. */
export function centreOf({ x, y }: Cell): GroundPoint {
  return groundOf(x + 0.5, y + 0.5)
}

/** Whole numbers name a cell and mean its middle, others an exact place: an address may hold either. */
export function placeOf(x: number, y: number): GroundPoint {
  const isCell = Number.isInteger(x) && Number.isInteger(y)
  return isCell ? centreOf({ x, y }) : groundOf(x, y)
}

/** The cell that holds a point. */
export function cellAtGround(x: number, z: number): Cell {
  return { x: Math.floor(x / CELL_SIZE_M), y: Math.floor(-z / CELL_SIZE_M) }
}

export const RADIANS = Math.PI / 180

/** `angle` within [0, 360). */
export function wrapDegrees(angle: number): number {
  const wrapped = angle % 360
  return wrapped < 0 ? wrapped + 360 : wrapped
}

/** The shortest turn from one heading to another, within (-180, 180]. */
export function turnBetween(from: number, to: number): number {
  const turn = wrapDegrees(to - from)
  return turn > 180 ? turn - 360 : turn
}
