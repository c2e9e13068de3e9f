import type { ParcelToken } from '#api/access-types.ts'
import type { LandState, ParcelBuild } from '#api/types.ts'
import { CELL_SIZE_M, type Cell, isInCityBounds, isOnGrid, landCells, parcelAt } from '#core/land.ts'
import { cellOfPlot, type ParcelPlaces, plotOn } from '#core/plots.ts'

/** What one needs of a position to find a plot near it, in cells. */
export interface Near {
  readonly x: number
  readonly y: number
}

/** The cell that a fractional position stands in. */
export function cellAtPosition({ x, y }: Near): Cell {
  return { x: Math.floor(x), y: Math.floor(y) }
}

function squaredDistance(cell: Cell, near: Near): number {
  return (cell.x + 0.5 - near.x) ** 2 + (cell.y + 0.5 - near.y) ** 2
}

/** Metres between a position and the middle of a cell, rounded. */
export function metresTo(cell: Cell, near: Near): number {
  return Math.round(Math.sqrt(squaredDistance(cell, near)) * CELL_SIZE_M)
}

/** Serial of the free plot nearest to a position, or undefined when all 50,000 are built on. */
export function freeParcelNear(near: Near, builds: ReadonlyMap<number, ParcelBuild>): number | undefined {
  let best: number | undefined
  let bestDistance = Number.POSITIVE_INFINITY
  landCells().forEach((cell, serial) => {
    const distance = squaredDistance(cell, near)
    if (distance < bestDistance && !builds.has(serial)) {
      best = serial
      bestDistance = distance
    }
  })
  return best
}

/**
 * Where a new build goes: the selected plot; else the one under the visitor, when it is free; else the nearest
 * free one.
 */
export function chooseParcel(
  selected: number | undefined,
  near: Near,
  builds: ReadonlyMap<number, ParcelBuild>,
): number | undefined {
  if (selected !== undefined) return selected
  const standing = parcelAt(cellAtPosition(near))
  return standing !== undefined && !builds.has(standing) ? standing : freeParcelNear(near, builds)
}

/** What stands on plots, builds and tokens, nearest first. */
export function standingNear(
  { builds, tokens = [] }: LandState,
  near: Near,
  limit: number,
): readonly (ParcelBuild | ParcelToken)[] {
  return [...builds.values(), ...tokens]
    .sort((a, b) => squaredDistance(a.cell, near) - squaredDistance(b.cell, near) || a.parcel - b.parcel)
    .slice(0, limit)
}

/** The newest build that shows a model, if any does. */
export function buildOfRoot(builds: ReadonlyMap<number, ParcelBuild>, root: string): ParcelBuild | undefined {
  let newest: ParcelBuild | undefined
  for (const build of builds.values()) {
    if (build.root === root && (newest === undefined || build.time > newest.time)) newest = build
  }
  return newest
}

/** Why two typed numbers name no cell, or one that is `far` from all land. */
export type CellMistake = 'missing' | 'fractional' | 'beyond' | 'far'

/**
 * The cell that two typed numbers name, or what is wrong with them; `{x: '12', y: '-7'}` is a cell.
 *
 * @param land where a plot must lie beyond the city's square; without it any cell that a plot can move to will do
 */
export function readCell(
  typed: { readonly x: string; readonly y: string },
  land?: { readonly places?: ParcelPlaces },
): Cell | CellMistake {
  if (typed.x.trim() === '' || typed.y.trim() === '') return 'missing'
  // + 0 turns "-0" into 0
  const x = Number(typed.x) + 0
  const y = Number(typed.y) + 0
  if (!Number.isInteger(x) || !Number.isInteger(y)) return 'fractional'
  const cell = { x, y }
  if (!isOnGrid(cell)) return 'beyond'
  // plots may be moved beyond the first city ([CH4])
  return land === undefined || isInCityBounds(cell) || plotOn(land, cell) !== undefined ? cell : 'far'
}

/** The cell of a plot, or undefined when no plot has this number. */
export function tryCellOf(plot: number | undefined): Cell | undefined {
  return plot === undefined ? undefined : cellOfPlot(plot)
}
