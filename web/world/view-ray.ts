/** Between points of the screen and points of the world, for a pinhole camera without roll. */
import type { Bounds } from '#objects/glb.ts'
import { RADIANS } from './frame.ts'

export interface ViewCamera {
  /** of the eye, metres */
  readonly x: number
  readonly y: number
  readonly z: number
  readonly headingDegrees: number
  readonly pitchDegrees: number
  /** vertical field of view */
  readonly fovDegrees: number
  /** width / height */
  readonly aspect: number
}

export type Vector = readonly [number, number, number]

interface Axes {
  readonly right: Vector
  readonly up: Vector
  readonly forward: Vector
}

function axesOf({ headingDegrees, pitchDegrees }: ViewCamera): Axes {
  const [sh, ch] = [Math.sin(headingDegrees * RADIANS), Math.cos(headingDegrees * RADIANS)]
  const [sp, cp] = [Math.sin(pitchDegrees * RADIANS), Math.cos(pitchDegrees * RADIANS)]
  return { right: [ch, 0, sh], up: [-sh * sp, cp, ch * sp], forward: [sh * cp, sp, -ch * cp] }
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/** Direction (not normalised) through a point of the view: x and y in -1..1, right and up. */
export function rayThrough(camera: ViewCamera, x: number, y: number): Vector {
  const { right, up, forward } = axesOf(camera)
  const tan = Math.tan((camera.fovDegrees * RADIANS) / 2)
  const [h, v] = [x * tan * camera.aspect, y * tan]
  return [0, 1, 2].map(
    (k) => (forward[k] as number) + h * (right[k] as number) + v * (up[k] as number),
  ) as unknown as Vector
}

/** Where a world point is seen: x and y in -1..1; undefined behind the eye. */
export function projectPoint(
  camera: ViewCamera,
  point: Vector,
): { readonly x: number; readonly y: number } | undefined {
  const { right, up, forward } = axesOf(camera)
  const offset: Vector = [point[0] - camera.x, point[1] - camera.y, point[2] - camera.z]
  const depth = dot(offset, forward)
  if (depth <= 0.01) return undefined
  const tan = Math.tan((camera.fovDegrees * RADIANS) / 2)
  return { x: dot(offset, right) / (depth * tan * camera.aspect), y: dot(offset, up) / (depth * tan) }
}

/** Way along a ray to the ground (y = 0) in lengths of `direction`; undefined when it never meets it. */
export function meetGround(origin: Vector, direction: Vector): number | undefined {
  if (direction[1] >= -1e-6) return undefined
  return -origin[1] / direction[1]
}

/** Way along a ray to a box in lengths of `direction` (slab method); undefined when it misses. */
export function meetBox(origin: Vector, direction: Vector, { min, max }: Bounds): number | undefined {
  let near = 0
  let far = Infinity
  for (let k = 0; k < 3; k++) {
    const inverse = 1 / (direction[k] as number)
    const a = ((min[k] as number) - (origin[k] as number)) * inverse
    const b = ((max[k] as number) - (origin[k] as number)) * inverse
    near = Math.max(near, Math.min(a, b))
    far = Math.min(far, Math.max(a, b))
  }
  return near <= far ? near : undefined
}
