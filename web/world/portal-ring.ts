/** A portal is a ring that stands on the ground, to walk through from north or south. Pure; metres as in frame.ts. */
import type { Cell } from '#core/land.ts'
import { centreOf, type GroundPoint } from './frame.ts'

/** of the ring's middle line */
export const RING_RADIUS = 1.45
export const RING_TUBE = 0.13
/** Who is this high up jumps over nothing: the ring is higher. */
const RING_TOP = 2 * RING_RADIUS
/** From the middle of a parcel: at its south-eastern corner, where the address leads one to, and beside most models. */
const ON_PARCEL: GroundPoint = { x: 3.2, z: 4.4 }

/** Where the ring of a parcel's portal stands. */
export function ringOfParcel(cell: Cell): GroundPoint {
  const { x, z } = centreOf(cell)
  return { x: x + ON_PARCEL.x, z: z + ON_PARCEL.z }
}

/** Feet of a walker. */
export interface Feet extends GroundPoint {
  readonly y: number
}

/** Does a step lead through the ring? */
export function stepsThrough(ring: GroundPoint, from: Feet, to: Feet): boolean {
  const [before, after] = [from.z - ring.z, to.z - ring.z]
  if (before === after || before * after > 0 || before === 0) return false
  const part = before / (before - after)
  const x = from.x + part * (to.x - from.x)
  return Math.abs(x - ring.x) < RING_RADIUS && Math.min(from.y, to.y) < RING_TOP
}

/** Is somebody so near that they may have come out of it just now? */
export function isBeside(ring: GroundPoint, { x, z }: GroundPoint): boolean {
  return Math.hypot(x - ring.x, z - ring.z) < 1.5 * RING_RADIUS
}
