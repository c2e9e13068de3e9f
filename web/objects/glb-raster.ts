/**
 * Numbers of a triangle's corner: x and y in samples (y down), depth (greater is nearer), normal xyz, texture uv,
 * linear colour rgba. All but the place is what `Paint` sees, in this order.
 */
export const CORNER_NUMBERS = 12
const PLACE_NUMBERS = 3

/** Colour of one sample: `at` has the corner's numbers from the normal on, `out` takes linear rgba; alpha 0 = nothing. */
export type Paint = (at: Float64Array, out: Float64Array) => void

/** Smaller triangles, in samples², hold no sample worth drawing. */
const MIN_AREA = 1e-9

/** Samples with depth and colour, drawn on triangle by triangle. */
export class Raster {
  readonly width: number
  readonly height: number
  /** linear rgba, multiplied by alpha */
  readonly colors: Float32Array
  readonly #depths: Float32Array
  readonly #at = new Float64Array(CORNER_NUMBERS - PLACE_NUMBERS)
  readonly #out = new Float64Array(4)

  constructor(width: number, height: number) {
    this.width = width
    this.height = height
    this.colors = new Float32Array(4 * width * height)
    this.#depths = new Float32Array(width * height).fill(-Infinity)
  }

  /** Samples of the box around a triangle: what drawing it costs. */
  cost(corners: Float64Array): number {
    const { left, right, top, bottom } = this.#box(corners)
    return Math.max(0, right - left + 1) * Math.max(0, bottom - top + 1)
  }

  /** Draws three corners. `blends`: lies over what is there, and hides nothing that comes later. */
  draw(corners: Float64Array, paint: Paint, blends: boolean): void {
    const [ax = 0, ay = 0, az = 0] = corners
    const [bx = 0, by = 0, bz = 0] = corners.subarray(CORNER_NUMBERS)
    const [cx = 0, cy = 0, cz = 0] = corners.subarray(2 * CORNER_NUMBERS)
    const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    if (!(Math.abs(area) > MIN_AREA)) return
    const { left, right, top, bottom } = this.#box(corners)
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) {
        const [x, y] = [column + 0.5 - ax, row + 0.5 - ay]
        const b = (x * (cy - ay) - y * (cx - ax)) / area
        const c = ((bx - ax) * y - (by - ay) * x) / area
        const a = 1 - b - c
        if (a < 0 || b < 0 || c < 0) continue
        const sample = row * this.width + column
        const depth = a * az + b * bz + c * cz
        if (depth <= (this.#depths[sample] as number)) continue
        this.#mix(corners, a, b, c)
        paint(this.#at, this.#out)
        if ((this.#out[3] as number) <= 0) continue
        if (!blends) this.#depths[sample] = depth
        this.#put(sample)
      }
    }
  }

  #box(corners: Float64Array) {
    const xs = [0, 1, 2].map((i) => corners[i * CORNER_NUMBERS] as number)
    const ys = [0, 1, 2].map((i) => corners[i * CORNER_NUMBERS + 1] as number)
    return {
      left: Math.max(0, Math.floor(Math.min(...xs))),
      right: Math.min(this.width - 1, Math.ceil(Math.max(...xs))),
      top: Math.max(0, Math.floor(Math.min(...ys))),
      bottom: Math.min(this.height - 1, Math.ceil(Math.max(...ys))),
    }
  }

  #mix(corners: Float64Array, a: number, b: number, c: number): void {
    for (let k = 0; k < this.#at.length; k++) {
      const at = PLACE_NUMBERS + k
      this.#at[k] =
        a * (corners[at] as number) +
        b * (corners[CORNER_NUMBERS + at] as number) +
        c * (corners[2 * CORNER_NUMBERS + at] as number)
    }
  }

  /** "Over" of Porter and Duff (1984); with alpha 1 it replaces. */
  #put(sample: number): void {
    const alpha = Math.min(1, this.#out[3] as number)
    for (let k = 0; k < 4; k++) {
      const value = k === 3 ? alpha : alpha * (this.#out[k] as number)
      this.colors[4 * sample + k] = value + (1 - alpha) * (this.colors[4 * sample + k] as number)
    }
  }
}
