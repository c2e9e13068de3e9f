import type { ModelPlacement } from '#api/types.ts'
import { CELL_SIZE_M } from '#core/land.ts'
import { MAX_MODEL_HEIGHT_M } from '#core/limits.ts'

type Point = readonly [x: number, y: number, z: number]

export interface Bounds {
  readonly min: Point
  readonly max: Point
}

/** metres from the parcel's centre, both ways */
export const MAX_OFFSET_M = CELL_SIZE_M / 2
export const MIN_SCALE = 0.001
export const MAX_SCALE = 1_000
/** Smaller than this in all directions, a model would be overlooked: it opens at SMALL_FIT_M. */
const TOO_SMALL_M = 0.5
const SMALL_FIT_M = 2

/** Size of a bounding box in metres at a scale. */
export function extentOf({ min, max }: Bounds, scale = 1): { x: number; y: number; z: number } {
  return { x: (max[0] - min[0]) * scale, y: (max[1] - min[1]) * scale, z: (max[2] - min[2]) * scale }
}

function fitScale(bounds: Bounds): number {
  const { x, y, z } = extentOf(bounds)
  const largest = Math.max(x, y, z)
  if (largest <= 0) return 1
  if (largest < TOO_SMALL_M) return SMALL_FIT_M / largest
  // the diagonal, so that it fits however it is turned
  const diagonal = Math.max(Math.hypot(x, z), Number.EPSILON)
  return Math.min(1, CELL_SIZE_M / diagonal, MAX_MODEL_HEIGHT_M / Math.max(y, Number.EPSILON))
}

/** Two significant digits, rounded down: a scale that a person can read and type, and that still fits. */
function readable(scale: number): number {
  const unit = 10 ** (Math.floor(Math.log10(scale)) - 1)
  // the small push undoes what binary fractions take away: 0.29 / 0.01 is 28.999…
  return Number((Math.floor(scale / unit + 1e-9) * unit).toPrecision(2))
}

function round2(value: number): number {
  return Math.round(value * 100) / 100 + 0
}

/** Where a new model opens: whole on its plot, in the middle, standing on the ground. */
export function initialPlacement(bounds: Bounds): ModelPlacement {
  const scale = readable(fitScale(bounds))
  const { min, max } = bounds
  return {
    x: round2((-(min[0] + max[0]) / 2) * scale),
    y: round2(-min[1] * scale),
    z: round2((-(min[2] + max[2]) / 2) * scale),
    yawDegrees: 0,
    scale,
  }
}

/** A scale's place on a slider that runs by factors: log₁₀. */
export function scaleToSlider(scale: number): number {
  return Math.log10(Math.min(MAX_SCALE, Math.max(MIN_SCALE, scale)))
}

export function sliderToScale(slider: number): number {
  return readable(10 ** slider)
}
