/** Where the visitor is and looks: body, eye and flights, moved by an intent. Pure: time comes as `dt`. */
import type { Bounds } from '#objects/glb.ts'
import {
  clampPose,
  createFlight,
  FLY_MAX_DISTANCE,
  FLY_MIN_DISTANCE,
  type Flight,
  flightSeconds,
  type Pose,
  stepFlight,
  viewDirection,
} from './camera-rig.ts'
import { RADIANS, wrapDegrees } from './frame.ts'
import type { Intent } from './input.ts'
import type { ViewCamera } from './view-ray.ts'
import { type Body, createBody, EYE_HEIGHT, RUN_SPEED, reachFrom, stepBody, WALK_SPEED } from './walker.ts'

export type Movement = 'walk' | 'fly'

/** degrees per second */
const TURN_SPEED = 110
/** degrees per CSS pixel of a drag: a third of a turn across a laptop's screen */
const LOOK_SPEED = 0.16
/** How much of its distance the view changes per second of a held zoom key. */
const ZOOM_SPEED = 1.6
/** Flying one crosses what one sees in about two seconds. */
const FLY_SPEED_PER_METRE = 0.9
export const FOV_DEGREES = 58
const WALK_PITCH = -3
const FLY_POSE = { distance: 1_700, pitchDegrees: -48 } as const
const OPENING_POSE = { distance: 2_350, pitchDegrees: -47 } as const
const OPENING_SECONDS = 4.5
/** Whoever takes over in flight is soon where they wanted to go, without a jump. */
const HURRY = 6

export class Visitor {
  readonly pose: Pose
  readonly body: Body
  #flight: Flight | undefined
  #movement: Movement = 'walk'
  /** how much faster the flight goes since somebody wanted to take over */
  #hurry = 1
  readonly #wish = { vx: 0, vz: 0, jump: false }
  readonly #direction = new Float64Array(3)
  readonly camera: { -readonly [K in keyof ViewCamera]: ViewCamera[K] } = {
    x: 0,
    y: 0,
    z: 0,
    headingDegrees: 0,
    pitchDegrees: 0,
    fovDegrees: FOV_DEGREES,
    aspect: 1,
  }

  constructor(x: number, z: number, headingDegrees: number) {
    this.body = createBody(x, z)
    this.pose = { x, z, distance: 0, headingDegrees, pitchDegrees: WALK_PITCH }
    this.#placeCamera()
  }

  get movement(): Movement {
    return this.#movement
  }

  /** on foot, and brought nowhere */
  get walks(): boolean {
    return this.#movement === 'walk' && this.#flight === undefined
  }

  get isFlying(): boolean {
    return this.#flight !== undefined
  }

  /** Begins above the land and settles down to walking height. */
  open(): void {
    const to = { ...this.pose }
    const from: Pose = { ...to, ...OPENING_POSE, x: 0, z: 0, headingDegrees: to.headingDegrees - 28 }
    Object.assign(this.pose, from)
    this.#flight = createFlight(from, to, OPENING_SECONDS)
    this.#placeCamera()
  }

  /** Goes to a point, facing `headingDegrees` when given; `seconds` of zero is at once. */
  goTo(x: number, z: number, seconds?: number, headingDegrees = this.#target().headingDegrees): void {
    this.body.reach = reachFrom(x, z)
    this.#flyTo({ ...this.#target(), x, z, headingDegrees }, seconds)
  }

  /** Is somewhere else at once, on foot, and stays within `reach` metres of the middle there. */
  appear({ x, z, headingDegrees }: Pick<Pose, 'x' | 'z' | 'headingDegrees'>, reach: number): void {
    this.#flight = undefined
    this.#movement = 'walk'
    Object.assign(this.pose, { x, z, headingDegrees, distance: 0, pitchDegrees: WALK_PITCH })
    this.body.reach = reach
    this.#standAtPose()
    this.#placeCamera()
  }

  setMovement(movement: Movement, seconds?: number): void {
    if (movement === this.#movement) return
    this.#movement = movement
    const to =
      movement === 'fly'
        ? { ...this.#target(), ...FLY_POSE }
        : { ...this.#target(), distance: 0, pitchDegrees: WALK_PITCH }
    this.#flyTo(to, seconds)
  }

  /** A drag: the view is held like a map. */
  look(dx: number, dy: number): void {
    if (this.#flight !== undefined) {
      this.#hurry = HURRY
      return
    }
    this.pose.headingDegrees -= dx * LOOK_SPEED
    this.pose.pitchDegrees += dy * LOOK_SPEED
    clampPose(this.pose)
    this.#placeCamera()
  }

  /** Nearer or farther by a factor; out of walking one rises, near the ground one lands. */
  zoom(factor: number): void {
    if (this.#movement === 'walk') {
      if (factor > 1) this.setMovement('fly')
      return
    }
    if (this.#flight !== undefined) return
    const distance = this.pose.distance * factor
    if (distance < FLY_MIN_DISTANCE && factor < 1) {
      this.setMovement('walk')
      return
    }
    this.pose.distance = Math.min(FLY_MAX_DISTANCE, Math.max(FLY_MIN_DISTANCE, distance))
    clampPose(this.pose)
    this.#placeCamera()
  }

  /**
   * One step of time.
   * @returns whether anything still moves
   */
  step(intent: Intent, boxes: readonly Bounds[], dt: number): boolean {
    const wants =
      intent.moveX !== 0 || intent.moveY !== 0 || intent.turn !== 0 || intent.jump || intent.zoom !== 0
    if (wants) this.#hurry = HURRY
    const moving =
      this.#flight === undefined ? this.#move(intent, boxes, dt) : this.#stepFlight(dt * this.#hurry)
    this.#placeCamera()
    return moving || wants
  }

  #move(intent: Intent, boxes: readonly Bounds[], dt: number): boolean {
    this.pose.headingDegrees = wrapDegrees(this.pose.headingDegrees + intent.turn * TURN_SPEED * dt)
    if (intent.zoom !== 0) this.zoom(Math.exp(intent.zoom * ZOOM_SPEED * dt))
    const flying = this.#movement === 'fly'
    const speed = flying
      ? Math.max(RUN_SPEED, this.pose.distance * FLY_SPEED_PER_METRE) * (intent.run ? 2.5 : 1)
      : intent.run
        ? RUN_SPEED
        : WALK_SPEED
    const length = Math.max(1, Math.hypot(intent.moveX, intent.moveY))
    const heading = this.pose.headingDegrees * RADIANS
    const right = (intent.moveX / length) * speed
    const forward = (intent.moveY / length) * speed
    this.#wish.vx = Math.cos(heading) * right + Math.sin(heading) * forward
    this.#wish.vz = Math.sin(heading) * right - Math.cos(heading) * forward
    this.#wish.jump = intent.jump && !flying
    const moving = stepBody(this.body, this.#wish, flying ? NO_BOXES : boxes, dt)
    this.pose.x = this.body.x
    this.pose.z = this.body.z
    return moving
  }

  #stepFlight(dt: number): boolean {
    const flight = this.#flight as Flight
    if (!stepFlight(flight, this.pose, dt)) this.#flight = undefined
    this.#standAtPose()
    return this.#flight !== undefined
  }

  #flyTo(to: Pose, seconds = flightSeconds(this.pose, to)): void {
    clampPose(to)
    this.#flight = createFlight(this.pose, to, seconds)
    this.#hurry = 1
    if (seconds === 0) this.#stepFlight(0)
    this.#placeCamera()
  }

  /** Where a flight under way would end. */
  #target(): Pose {
    return this.#flight === undefined ? this.pose : this.#flight.to
  }

  #standAtPose(): void {
    const { body, pose } = this
    body.x = pose.x
    body.z = pose.z
    body.y = 0
    body.vx = 0
    body.vy = 0
    body.vz = 0
    body.grounded = true
  }

  #placeCamera(): void {
    const { pose, body, camera } = this
    viewDirection(pose.headingDegrees, pose.pitchDegrees, this.#direction)
    camera.x = pose.x - (this.#direction[0] as number) * pose.distance
    camera.y = Math.max(0.4, body.y + EYE_HEIGHT - (this.#direction[1] as number) * pose.distance)
    camera.z = pose.z - (this.#direction[2] as number) * pose.distance
    camera.headingDegrees = pose.headingDegrees
    camera.pitchDegrees = pose.pitchDegrees
  }
}

const NO_BOXES: readonly Bounds[] = []
