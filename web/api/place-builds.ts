import type { Cell } from '#core/land.ts'
import { type ParcelPlaces, plotAt } from '#core/plots.ts'
import type { ParcelBuild } from './types.ts'

/**
 * What stands where, by the number of the plot, from what stands on the parcels, by their serials: a parcel that moved
 * takes its build along, and one without a place shows none ([CH4]).
 */
export function placeBuilds(
  bySerial: ReadonlyMap<number, ParcelBuild>,
  places: ParcelPlaces,
): ReadonlyMap<number, ParcelBuild> {
  const builds = new Map<number, ParcelBuild>()
  for (const [serial, build] of bySerial) {
    const cell = places.cellOf(serial)
    const standing = cell === undefined ? undefined : standOn(build, cell)
    if (standing !== undefined) builds.set(standing.parcel, standing)
  }
  return builds
}

/** A build on this cell: the same object where it stands there already. */
export function standOn(build: ParcelBuild, cell: Cell): ParcelBuild {
  const parcel = plotAt(cell)
  return parcel === undefined || parcel === build.parcel ? build : { ...build, parcel, cell }
}
