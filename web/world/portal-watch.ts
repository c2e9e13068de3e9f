import type { GroundPoint } from './frame.ts'
import { type Feet, isBeside, stepsThrough } from './portal-ring.ts'

/** Where somebody stands, and looks. */
export interface Stand extends GroundPoint {
  readonly headingDegrees: number
}

/** Metres before a ring where one is put down who comes back through it. */
const BEFORE_RING = 1.2
/** Who is this far from the ring that they walked through came to the planet in another way. */
const NEAR_RING = 20

/** Notices who walks through a ring, and knows where they come out again. Pure. */
export class PortalWatch {
  /** one came out of a ring, and stands beside it still: it does not lead back at once */
  #isOut = false
  #through: Stand | undefined

  /** @returns which ring a step leads through, by its place in the list; undefined for none */
  step(rings: readonly GroundPoint[], from: Feet, to: Feet): number | undefined {
    this.#isOut &&= rings.some((ring) => isBeside(ring, to))
    if (this.#isOut) return undefined
    const at = rings.findIndex((ring) => stepsThrough(ring, from, to))
    const ring = rings[at]
    if (ring === undefined) return undefined
    const side = Math.sign(from.z - ring.z)
    this.#through = { x: ring.x, z: ring.z + side * BEFORE_RING, headingDegrees: side > 0 ? 180 : 0 }
    return at
  }

  /** One is somewhere else now. */
  arrive(): void {
    this.#isOut = true
  }

  /** Where one who left the land at a place comes back to: out of the ring, away from it; else to where one was. */
  wayBack(left: Stand): Stand {
    const ring = this.#through
    this.#through = undefined
    return ring !== undefined && Math.hypot(left.x - ring.x, left.z - ring.z) < NEAR_RING ? ring : left
  }
}
