import type { Bounds } from './glb-meshes.ts'

/** Column-major 4×4, as glTF stores it. */
export type Matrix = readonly number[]

export const IDENTITY: Matrix = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]

export function multiply(a: Matrix, b: Matrix): Matrix {
  const out = new Array<number>(16).fill(0)
  for (let column = 0; column < 4; column++) {
    for (let row = 0; row < 4; row++) {
      let sum = 0
      for (let k = 0; k < 4; k++) sum += (a[4 * k + row] as number) * (b[4 * column + k] as number)
      out[4 * column + row] = sum
    }
  }
  return out
}

export interface Trs {
  readonly translation: readonly number[]
  /** quaternion x, y, z, w; normalised here */
  readonly rotation: readonly number[]
  readonly scale: readonly number[]
}

export function compose({ translation, rotation, scale }: Trs): Matrix {
  const length = Math.hypot(...rotation) || 1
  const [x, y, z, w] = rotation.map((part) => part / length) as [number, number, number, number]
  const [sx, sy, sz] = scale as [number, number, number]
  const [tx, ty, tz] = translation as [number, number, number]
  return [
    (1 - 2 * (y * y + z * z)) * sx,
    2 * (x * y + z * w) * sx,
    2 * (x * z - y * w) * sx,
    0,
    2 * (x * y - z * w) * sy,
    (1 - 2 * (x * x + z * z)) * sy,
    2 * (y * z + x * w) * sy,
    0,
    2 * (x * z + y * w) * sz,
    2 * (y * z - x * w) * sz,
    (1 - 2 * (x * x + y * y)) * sz,
    0,
    tx,
    ty,
    tz,
    1,
  ]
}

/** Point (x, y, z, 1) through an affine matrix, into `out`. */
export function transformPoint(m: Matrix, point: readonly number[], out: number[]): void {
  const [x, y, z] = point as [number, number, number]
  for (let row = 0; row < 3; row++) {
    out[row] =
      (m[row] as number) * x +
      (m[4 + row] as number) * y +
      (m[8 + row] as number) * z +
      (m[12 + row] as number)
  }
}

/** The box around a transformed box (its eight corners). */
export function transformBounds(m: Matrix, { min, max }: Bounds): Bounds {
  const box = new BoundsBuilder()
  const point: number[] = [0, 0, 0]
  for (let corner = 0; corner < 8; corner++) {
    const at = [0, 1, 2].map((k) => ((corner >> k) & 1 ? max[k] : min[k]) as number)
    transformPoint(m, at, point)
    box.add(point)
  }
  return box.bounds()
}

/** Grows around points. */
export class BoundsBuilder {
  readonly #min: [number, number, number] = [Infinity, Infinity, Infinity]
  readonly #max: [number, number, number] = [-Infinity, -Infinity, -Infinity]

  get isEmpty(): boolean {
    return this.#min[0] > this.#max[0]
  }

  add(point: readonly number[]): void {
    for (let k = 0; k < 3; k++) {
      const value = point[k] as number
      if (value < (this.#min[k] as number)) this.#min[k] = value
      if (value > (this.#max[k] as number)) this.#max[k] = value
    }
  }

  bounds(): Bounds {
    return { min: [...this.#min], max: [...this.#max] }
  }
}
