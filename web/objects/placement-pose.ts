import { CELL_SIZE_M } from '#core/land.ts'
import { MAX_MODEL_HEIGHT_M } from '#core/limits.ts'
import { placementError } from './placement-errors.ts'

/** Where a model stands within its parcel, in integers, so that every engine reads the same. */
export interface FixedPose {
  /** millimetres from the parcel's centre, east */
  readonly x: number
  /** millimetres above the ground */
  readonly y: number
  /** millimetres from the parcel's centre */
  readonly z: number
  /** thousandths of a degree, 0..359,999 */
  readonly yaw: number
  /** millionths, above 0: models in millimetres need a thousandth, and fractions of it */
  readonly scale: number
}

/** The same in the units of people: metres, degrees, a factor. `web/api/types.ts` has it as ModelPlacement. */
export interface Pose {
  readonly x: number
  readonly y: number
  readonly z: number
  readonly yawDegrees: number
  readonly scale: number
}

const MILLIMETRES = 1_000
const MILLIDEGREES = 1_000
const FULL_TURN = 360 * MILLIDEGREES
const MILLIONTHS = 1_000_000
/** half a cell to each side */
const MAX_SIDE_MM = (CELL_SIZE_M * MILLIMETRES) / 2
/** [CH6] to each side of a planet's middle, up and down: 5 km */
const MAX_PLANET_MM = 5_000 * MILLIMETRES
const MAX_HEIGHT_MM = MAX_MODEL_HEIGHT_M * MILLIMETRES
/** A model of a millimetre grows to a metre. */
export const MAX_SCALE = 1_000
/** of a cleared parcel */
export const NO_POSE: FixedPose = { x: 0, y: 0, z: 0, yaw: 0, scale: 0 }

/**
 * @throws PLACEMENT_POSE when the model would leave its parcel: 5 m to each side, 20 m up or down, scale to 1,000
 */
export function toFixedPose(given: Pose): FixedPose {
  const pose = fixPose(given)
  assertPose(pose)
  return pose
}

/** @throws PLACEMENT_POSE when the model would leave its planet: 5 km to each side, up or down, scale to 1,000 */
export function toPlanetPose(given: Pose): FixedPose {
  const pose = fixPose(given)
  if (isPose(pose, MAX_PLANET_MM, MAX_PLANET_MM)) return pose
  throw placementError(
    'PLACEMENT_POSE',
    `A model stands within ${MAX_PLANET_MM / MILLIMETRES} m of its planet's middle, with a scale up to ${MAX_SCALE}; got ${JSON.stringify(given)}. Move it back.`,
  )
}

function fixPose({ x, y, z, yawDegrees, scale }: Pose): FixedPose {
  const turned = Math.round(yawDegrees * MILLIDEGREES) % FULL_TURN
  return {
    x: whole(x * MILLIMETRES),
    y: whole(y * MILLIMETRES),
    z: whole(z * MILLIMETRES),
    yaw: turned < 0 ? turned + FULL_TURN : Math.abs(turned),
    scale: Math.round(scale * MILLIONTHS),
  }
}

/** Without −0, which no integer on the wire can be. */
function whole(value: number): number {
  return Math.round(value) + 0
}

export function fromFixedPose({ x, y, z, yaw, scale }: FixedPose): Pose {
  return {
    x: x / MILLIMETRES,
    y: y / MILLIMETRES,
    z: z / MILLIMETRES,
    yawDegrees: yaw / MILLIDEGREES,
    scale: scale / MILLIONTHS,
  }
}

/** @throws PLACEMENT_POSE */
export function assertPose(pose: FixedPose): void {
  if (isPose(pose, MAX_SIDE_MM, MAX_HEIGHT_MM)) return
  const { x, y, z, yaw, scale } = pose
  throw placementError(
    'PLACEMENT_POSE',
    `A model stands within ${MAX_SIDE_MM / MILLIMETRES} m of its parcel's centre, ${MAX_MODEL_HEIGHT_M} m up or down, with a scale up to ${MAX_SCALE}; got x ${x}, y ${y}, z ${z} mm, yaw ${yaw}, scale ${scale} millionths. Move it back.`,
  )
}

function isPose({ x, y, z, yaw, scale }: FixedPose, side: number, height: number): boolean {
  return (
    within(x, -side, side) &&
    within(z, -side, side) &&
    within(y, -height, height) &&
    within(yaw, 0, FULL_TURN - 1) &&
    within(scale, 1, MAX_SCALE * MILLIONTHS)
  )
}

function within(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max
}
