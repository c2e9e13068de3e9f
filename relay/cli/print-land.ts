import type { LandParcel } from '#chain/land/land-table.ts'
import { aliveUntil, ownerCount, parcelIds, readParcel } from '#chain/land/land-table.ts'
import { isInCityBounds, LAND_RADIUS } from '#core/land.ts'
import { usageError } from './command.ts'
import { type FoundLand, parseAddress } from './read-land.ts'

export type LandAction = 'verify' | 'show' | 'owned'

/**
 * What a question prints of the land, once that is here.
 *
 * @throws COMMAND_USAGE at once when the question is none
 */
export function printLand(action: LandAction, rest: readonly string[]): (found: FoundLand) => object {
  const [subject, surplus] = rest
  if (action !== 'verify' && subject === undefined) {
    throw usageError('land', `Expected \`tabland land ${action} ${action === 'show' ? 'X,Y' : 'ADDRESS'}\``)
  }
  const unexpected = action === 'verify' ? subject : surplus
  if (unexpected !== undefined) throw usageError('land', `Unexpected argument "${unexpected.slice(0, 80)}"`)
  switch (action) {
    case 'verify':
      return describeAll
    case 'show':
      return describeCell(parseCell(subject!))
    case 'owned':
      return describeOwner(parseAddress(subject!))
  }
}

function parcelsOf({ table }: FoundLand): readonly LandParcel[] {
  return Array.from(parcelIds(table), (id) => readParcel(table, id)!)
}

function verifiedAt({ header, root, told, source }: FoundLand): object {
  return { block: header.number, blockHash: header.hash, time: header.timestamp, root, told, source }
}

function describeAll(found: FoundLand): object {
  const parcels = parcelsOf(found)
  return {
    parcels: parcels.length,
    placed: parcels.filter(({ cell }) => cell !== undefined).length,
    owners: new Set(parcels.map(({ owner }) => owner)).size,
    aliveOwners: ownerCount(found.table),
    ...verifiedAt(found),
    ...found.times,
  }
}

function describeCell({ x, y }: { readonly x: number; readonly y: number }): (found: FoundLand) => object {
  return (found) => {
    const parcel = parcelsOf(found).find(({ cell }) => cell?.x === x && cell.y === y)
    // plots may be moved beyond the first city: what lies there is told
    if (parcel === undefined && !isInCityBounds({ x, y })) {
      throw usageError(
        'land',
        `No plot lies at ${x},${y}. The land reaches from −${LAND_RADIUS} to ${LAND_RADIUS - 1}, both ways`,
      )
    }
    return {
      cell: { x, y },
      parcel: parcel === undefined ? null : withLife(found, parcel),
      ...verifiedAt(found),
    }
  }
}

function describeOwner(owner: string): (found: FoundLand) => object {
  return (found) => ({
    owner,
    parcels: parcelsOf(found)
      .filter((parcel) => parcel.owner === owner)
      .map((parcel) => withLife(found, parcel)),
    ...verifiedAt(found),
  })
}

function withLife({ table }: FoundLand, parcel: LandParcel): object {
  return { ...parcel, cell: parcel.cell ?? null, aliveUntil: aliveUntil(table, parcel.owner) }
}

/** @throws COMMAND_USAGE */
function parseCell(text: string): { readonly x: number; readonly y: number } {
  const parts = /^(-?\d{1,4}),(-?\d{1,4})$/.exec(text)
  if (parts !== null) return { x: Number(parts[1]), y: Number(parts[2]) }
  throw usageError('land', `Expected a cell X,Y, such as 40,-12, got "${text.slice(0, 80)}"`)
}
