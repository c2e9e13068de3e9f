/** The visitor's body: walking, jumping, and what stops it. No renderer, no clock: time comes as `dt`. */
import { CELL_SIZE_M, GRID_MAX, LAND_RADIUS } from '#core/land.ts'
import type { Bounds } from '#objects/glb.ts'
import type { GroundPoint } from './frame.ts'

/** metres per second */
export const WALK_SPEED = 4
export const RUN_SPEED = 12
/** 1.1 m high: v² / 2g */
const JUMP_SPEED = 4.6
const GRAVITY = 9.8
/** metres */
export const EYE_HEIGHT = 1.7
const BODY_RADIUS = 0.35
const BODY_HEIGHT = 1.8
/** Steps up to this height are climbed without a jump. */
const STEP_HEIGHT = 0.4
/** Velocity closes on what is wanted by this rate per second: at rest within a third of a second. */
const RESPONSE = 12
/** metres per second under which the visitor stands */
const STILL_SPEED = 0.02
/** Longer steps would carry a runner through a wall; seconds. */
const MAX_BODY_STEP_S = 0.1
/** The beach ends here; beyond is sea. */
export const SHORE_RADIUS = LAND_RADIUS * CELL_SIZE_M + 20
/** Who was brought to a plot in the sea goes so much farther out, metres. */
const SEA_MARGIN = 20
/** Whoever stands here is still in a cell of the grid. */
const GRID_EDGE = (GRID_MAX + 1) * CELL_SIZE_M - BODY_RADIUS

export interface Body {
  x: number
  /** of the feet */
  y: number
  z: number
  vx: number
  vy: number
  vz: number
  grounded: boolean
  /** metres from the middle within which it stays */
  reach: number
}

export interface Wish {
  /** wanted velocity over the ground, metres per second */
  vx: number
  vz: number
  jump: boolean
}

export function createBody(x: number, z: number): Body {
  return { x, y: 0, z, vx: 0, vy: 0, vz: 0, grounded: true, reach: reachFrom(x, z) }
}

/** Metres from the middle within which one stays on the land, or in the sea, who was brought to a point. */
export function reachFrom(x: number, z: number): number {
  const away = Math.hypot(x, z)
  // a metre more: rounding leads nobody into the sea
  return away <= SHORE_RADIUS + 1 ? SHORE_RADIUS : away + SEA_MARGIN
}

/**
 * Moves the body by one step among boxes, in place.
 * @returns whether it still moves
 */
export function stepBody(body: Body, wish: Wish, boxes: readonly Bounds[], elapsed: number): boolean {
  const dt = Math.min(elapsed, MAX_BODY_STEP_S)
  const response = 1 - Math.exp(-RESPONSE * dt)
  body.vx += (wish.vx - body.vx) * response
  body.vz += (wish.vz - body.vz) * response
  if (wish.jump && body.grounded) {
    body.vy = JUMP_SPEED
    body.grounded = false
  }
  moveAcross(body, boxes, dt)
  keepWithin(body)
  moveDown(body, boxes, dt)
  const wanted = wish.vx !== 0 || wish.vz !== 0
  if (!wanted && Math.hypot(body.vx, body.vz) < STILL_SPEED) {
    body.vx = 0
    body.vz = 0
  }
  return wanted || body.vx !== 0 || body.vz !== 0 || !body.grounded
}

/** One axis after the other, so that one slides along walls. */
function moveAcross(body: Body, boxes: readonly Bounds[], dt: number): void {
  const { x, z } = body
  body.x = x + body.vx * dt
  if (isBlocked(body, boxes, x, z)) {
    body.x = x
    body.vx = 0
  }
  body.z = z + body.vz * dt
  if (isBlocked(body, boxes, body.x, z)) {
    body.z = z
    body.vz = 0
  }
}

/** A box blocks when it is too high to step on and not above the head. One already inside it may leave. */
function isBlocked(body: Body, boxes: readonly Bounds[], oldX: number, oldZ: number): boolean {
  for (const box of boxes) {
    if (box.max[1] <= body.y + STEP_HEIGHT || box.min[1] >= body.y + BODY_HEIGHT) continue
    if (overlaps(body.x, body.z, box, BODY_RADIUS) && !overlaps(oldX, oldZ, box, BODY_RADIUS)) return true
  }
  return false
}

function overlaps(x: number, z: number, { min, max }: Bounds, margin: number): boolean {
  return x > min[0] - margin && x < max[0] + margin && z > min[2] - margin && z < max[2] + margin
}

/** Runs at every step: it makes no objects. */
function keepWithin(body: Body): void {
  const part = body.reach / Math.hypot(body.x, body.z)
  if (part < 1) {
    body.x *= part
    body.z *= part
  }
  body.x = clampToGrid(body.x)
  body.z = clampToGrid(body.z)
}

function clampToGrid(value: number): number {
  return Math.min(GRID_EDGE, Math.max(-GRID_EDGE, value))
}

/** The nearest point that lies within `reach` metres of the middle, and on the grid. */
export function nearestWithin({ x, z }: GroundPoint, reach: number): GroundPoint {
  const part = Math.min(1, reach / Math.hypot(x, z))
  return { x: clampToGrid(x * part), z: clampToGrid(z * part) }
}

function moveDown(body: Body, boxes: readonly Bounds[], dt: number): void {
  const floor = floorUnder(body, boxes)
  body.vy -= GRAVITY * dt
  const next = body.y + body.vy * dt
  if (next > floor && (body.vy > 0 || body.y > floor + STEP_HEIGHT || !body.grounded)) {
    body.y = next
    body.grounded = false
    return
  }
  body.y = floor
  body.vy = 0
  body.grounded = true
}

/** The highest surface that the feet can be on. */
function floorUnder(body: Body, boxes: readonly Bounds[]): number {
  let floor = 0
  for (const box of boxes) {
    const top = box.max[1]
    if (top > floor && top <= body.y + STEP_HEIGHT && overlaps(body.x, body.z, box, 0)) floor = top
  }
  return floor
}
