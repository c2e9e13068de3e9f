import { AppError } from './errors.ts'
import type { Cell } from './land.ts'

/**
 * Districts of the land ([CH8]): parts of the map with a category, by the same rule as `Districts.sol`. Where several
 * cover a cell the one with the highest number counts, and where none does it is general.
 */
export const DISTRICT_CATEGORIES = ['general', 'adult', 'gambling'] as const
/** `other`: one that this page does not know, and hides. */
export type DistrictCategory = (typeof DISTRICT_CATEGORIES)[number] | 'other'
/** Those that a visitor is shown after opting in to them alone. */
export const RESTRICTED_CATEGORIES = ['adult', 'gambling'] as const satisfies readonly DistrictCategory[]
export type RestrictedCategory = (typeof RESTRICTED_CATEGORIES)[number]

export type DistrictShape =
  /** in cells from the middle of the map: from `inner`, and less than `outer` */
  | { readonly kind: 'ring'; readonly inner: number; readonly outer: number }
  /** corners in order; a cell belongs to it when its middle does */
  | { readonly kind: 'polygon'; readonly corners: readonly Cell[] }

export interface DistrictPlan {
  readonly category: DistrictCategory
  readonly shape: DistrictShape
  readonly name: string
}

export interface District extends DistrictPlan {
  /** from 0 on */
  readonly number: number
}

/** As the contract bounds them. */
export const MAX_DISTRICTS = 64
export const MAX_DISTRICT_CORNERS = 64
export const MAX_DISTRICT_NAME_BYTES = 64
const MAX_RADIUS = 65_535
const MAX_COORDINATE = 2_048

export type DistrictErrorCode = 'DISTRICT_INVALID'

/** The category of a cell. */
export function categoryAt(districts: readonly District[], cell: Cell): DistrictCategory {
  return districtAt(districts, cell)?.category ?? 'general'
}

/** The district that counts on a cell; undefined where none covers it. */
export function districtAt(districts: readonly District[], cell: Cell): District | undefined {
  let found: District | undefined
  for (const district of districts) {
    if ((found === undefined || district.number > found.number) && covers(district.shape, cell))
      found = district
  }
  return found
}

/** In half cells, so that the middle of a cell is a whole number: (2x + 1, 2y + 1). */
function covers(shape: DistrictShape, { x, y }: Cell): boolean {
  const [px, py] = [2 * x + 1, 2 * y + 1]
  if (shape.kind === 'polygon') return isInside(shape.corners, px, py)
  const distance = px * px + py * py
  return distance >= (2 * shape.inner) ** 2 && distance < (2 * shape.outer) ** 2
}

/** Counts the edges to the right of the point. Corners lie between cells, so no edge ends at its height. */
function isInside(corners: readonly Cell[], px: number, py: number): boolean {
  let inside = false
  for (const [i, a] of corners.entries()) {
    const b = corners[(i + 1) % corners.length]!
    const [ax, ay, bx, by] = [2 * a.x, 2 * a.y, 2 * b.x, 2 * b.y]
    if (ay > py === by > py) continue
    const left = (px - ax) * (by - ay)
    const right = (py - ay) * (bx - ax)
    if (by > ay ? left < right : left > right) inside = !inside
  }
  return inside
}

/**
 * What the contract would take: a vote on anything else could be won and never be carried out.
 *
 * @throws DISTRICT_INVALID
 */
export function assertDistrict({ category, shape, name }: DistrictPlan): void {
  if (!DISTRICT_CATEGORIES.some((known) => known === category))
    throw invalid(
      `its category is ${String(category).slice(0, 20)}, one of ${DISTRICT_CATEGORIES.join(', ')} is expected`,
    )
  if (new TextEncoder().encode(name).length > MAX_DISTRICT_NAME_BYTES)
    throw invalid(`its name has more than ${MAX_DISTRICT_NAME_BYTES} bytes`)
  if (shape.kind === 'ring') {
    const isRing = [shape.inner, shape.outer].every(
      (radius) => Number.isInteger(radius) && radius >= 0 && radius <= MAX_RADIUS,
    )
    if (!isRing || shape.inner >= shape.outer)
      throw invalid('a ring begins at a whole number of cells from the middle and ends at a larger one')
    return
  }
  const { corners } = shape
  if (corners.length < 3 || corners.length > MAX_DISTRICT_CORNERS)
    throw invalid(`it has ${corners.length} corners, 3 to ${MAX_DISTRICT_CORNERS} are expected`)
  const isOnMap = (value: number) => Number.isInteger(value) && Math.abs(value) <= MAX_COORDINATE
  if (!corners.every(({ x, y }) => isOnMap(x) && isOnMap(y)))
    throw invalid(`its corners are whole numbers from −${MAX_COORDINATE} to ${MAX_COORDINATE}`)
}

function invalid(why: string): AppError<DistrictErrorCode> {
  return new AppError<DistrictErrorCode>('DISTRICT_INVALID', `This district cannot be drawn: ${why}.`)
}

/** Corners as a person writes them: `10,20 30,20 30,40`. @throws DISTRICT_INVALID */
export function parseCorners(text: string): readonly Cell[] {
  // a dash that was copied from a page may be a true minus
  const parts = text
    .replaceAll('−', '-')
    .trim()
    .split(/[;\s]+/)
  return parts.map((part) => {
    const match = /^(-?\d{1,4}),(-?\d{1,4})$/.exec(part)
    if (match === null)
      throw invalid(
        `"${part.slice(0, 20)}" is no corner, one is written as 12,-7 and corners are parted by spaces`,
      )
    return { x: Number(match[1]) + 0, y: Number(match[2]) + 0 }
  })
}
