import type { Failure, ModelPlacement } from '#api/types.ts'
import { isAppError } from '#core/errors.ts'
import type { Cell } from '#core/land.ts'
import { type Bounds, checkModel } from '#objects/glb.ts'
import { centreOf, type GroundPoint } from './frame.ts'
import { failureOf } from './model-assets.ts'

/** What builds stand on: parcels of the land, or a planet. */
export interface BuildGround {
  /** what placements are measured from */
  centreOf(cell: Cell): GroundPoint
  /** where one that is not there yet is thought to stand */
  middleOf(cell: Cell, placement: ModelPlacement): GroundPoint
  /** a model's box, as far as it may reach */
  crop(bounds: Bounds, centre: GroundPoint): Bounds
  /** why a model may not stand so */
  refuse(shape: Bounds, placement: ModelPlacement): Failure | undefined
}

/** Each on its own parcel. */
export const PARCELS: BuildGround = {
  centreOf,
  middleOf: centreOf,
  crop: cropToParcel,
  refuse: fitFailure,
}

function fitFailure(bounds: Bounds, placement: ModelPlacement): Failure | undefined {
  try {
    checkModel({ bounds }, placement)
    return undefined
  } catch (error) {
    if (!isAppError(error)) throw error
    return failureOf(error)
  }
}

/** A box that is too large is shown as far as its own parcel and 20 m of height go. */
function cropToParcel({ min, max }: Bounds, { x, z }: { readonly x: number; readonly z: number }): Bounds {
  const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value))
  return {
    min: [clamp(min[0], x - 5, x + 5), clamp(min[1], -20, 20), clamp(min[2], z - 5, z + 5)],
    max: [clamp(max[0], x - 5, x + 5), clamp(max[1], -20, 20), clamp(max[2], z - 5, z + 5)],
  }
}
