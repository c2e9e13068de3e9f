/**
 * The eye: always at the visitor's head, drawn back from it by `distance` along its own view. Zero is walking;
 * a few hundred metres is flying over; two kilometres shows the whole quilt.
 */
import { RADIANS, turnBetween, wrapDegrees } from './frame.ts'

export interface Pose {
  /** the visitor's feet, metres */
  x: number
  z: number
  /** metres back from the head */
  distance: number
  headingDegrees: number
  /** above the horizon; negative looks down */
  pitchDegrees: number
}

export const FLY_MIN_DISTANCE = 25
export const FLY_MAX_DISTANCE = 2_600
const WALK_PITCH_LIMIT = 80
const FLY_PITCH_MIN = -88
const FLY_PITCH_MAX = -12

/** Keeps a pose within what its distance allows, in place: from above one never looks up through the ground. */
export function clampPose(pose: Pose): void {
  pose.distance = Math.min(FLY_MAX_DISTANCE, Math.max(0, pose.distance))
  // Between walking and flying the limit slides, so that a flight down levels out smoothly.
  const flown = Math.min(1, pose.distance / FLY_MIN_DISTANCE)
  const highest = WALK_PITCH_LIMIT + (FLY_PITCH_MAX - WALK_PITCH_LIMIT) * flown
  pose.pitchDegrees = Math.min(highest, Math.max(FLY_PITCH_MIN, pose.pitchDegrees))
  pose.headingDegrees = wrapDegrees(pose.headingDegrees)
}

/** Unit vector of a heading and pitch, into `out` (x, y, z). */
export function viewDirection(headingDegrees: number, pitchDegrees: number, out: Float64Array): void {
  const heading = headingDegrees * RADIANS
  const pitch = pitchDegrees * RADIANS
  out[0] = Math.sin(heading) * Math.cos(pitch)
  out[1] = Math.sin(pitch)
  out[2] = -Math.cos(heading) * Math.cos(pitch)
}

/** A flight from one pose to another. */
export interface Flight {
  readonly from: Pose
  readonly to: Pose
  readonly seconds: number
  /** metres that the middle of the way is farther back, for long ways */
  readonly arc: number
  elapsed: number
}

export function createFlight(from: Pose, to: Pose, seconds: number): Flight {
  const way = Math.hypot(to.x - from.x, to.z - from.z)
  return {
    from: { ...from },
    to: { ...to },
    seconds,
    arc: Math.min(900, 0.45 * Math.max(0, way - 30)),
    elapsed: 0,
  }
}

/** Seconds that a flight should take: short, a little longer for long ways. */
export function flightSeconds(from: Pose, to: Pose): number {
  const way = Math.hypot(to.x - from.x, to.z - from.z) + Math.abs(to.distance - from.distance)
  return Math.min(2.2, 0.35 + 0.25 * Math.log2(1 + way / 20))
}

/**
 * Moves `pose` along the flight, in place.
 * @returns whether the flight goes on
 */
export function stepFlight(flight: Flight, pose: Pose, dt: number): boolean {
  flight.elapsed = Math.min(flight.seconds, flight.elapsed + dt)
  const { from, to, arc } = flight
  const t = flight.seconds === 0 ? 1 : flight.elapsed / flight.seconds
  const eased = t * t * (3 - 2 * t)
  pose.x = from.x + (to.x - from.x) * eased
  pose.z = from.z + (to.z - from.z) * eased
  pose.distance = blendDistance(from.distance, to.distance, eased) + arc * 4 * eased * (1 - eased)
  pose.headingDegrees = wrapDegrees(
    from.headingDegrees + turnBetween(from.headingDegrees, to.headingDegrees) * eased,
  )
  // High up one looks down, whatever the ends look at.
  const lift = Math.min(1, (arc * 4 * eased * (1 - eased)) / 60)
  const level = from.pitchDegrees + (to.pitchDegrees - from.pitchDegrees) * eased
  pose.pitchDegrees = level + (Math.min(level, -38) - level) * lift
  return flight.elapsed < flight.seconds
}

/** Distances are felt by ratio: halving takes as long anywhere. One metre is added so that zero has a logarithm. */
function blendDistance(from: number, to: number, t: number): number {
  return Math.exp(Math.log(1 + from) * (1 - t) + Math.log(1 + to) * t) - 1
}
