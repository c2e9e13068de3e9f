import type { Cell } from '#core/land.ts'

/** Colours of the land (spec/look.md), as sRGB bytes. */
export type Rgb = readonly [number, number, number]

export const MEADOW: Rgb = [0x8f, 0xb5, 0x73]
export const SAND: Rgb = [0xe6, 0xd9, 0xb8]
export const CLAY: Rgb = [0xc8, 0x71, 0x4a]
export const GOLD: Rgb = [0xe2, 0xb2, 0x3a]
export const SEA: Rgb = [0x1f, 0x5a, 0x7a]
export const DANGER: Rgb = [0xb3, 0x37, 0x2f]
export const PAPER: Rgb = [0xf7, 0xf5, 0xef]

/** Greens that a meadow may be: fresh, plain, dry and shaded, all around the token. */
const MEADOWS: readonly Rgb[] = [
  MEADOW,
  [0x9b, 0xbb, 0x71],
  [0x80, 0xab, 0x70],
  [0xa9, 0xbe, 0x7c],
  [0x78, 0xa3, 0x69],
  [0x8d, 0xb6, 0x80],
  [0xb4, 0xc2, 0x80],
  [0x86, 0xae, 0x66],
]

/** A well-mixed 32-bit number of a 32-bit number (Wellons' lowbias32, https://nullprogram.com/blog/2018/07/31/). */
export function mix32(value: number): number {
  let x = value >>> 0
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad)
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97)
  return (x ^ (x >>> 15)) >>> 0
}

/**
 * The shade that a plot of free land has of its own; the same in every tab. Plots between the same public ways
 * are of one family, which makes the quilt that one sees from above.
 */
export function meadowShade(serial: number, { x, y }: Cell): Rgb {
  const block = mix32((Math.floor(x / 10) & 0xff) * 256 + (Math.floor(y / 10) & 0xff))
  const hash = mix32(serial + 1)
  // One plot in four is of another family than its block.
  const family = (hash & 3) === 0 ? hash >>> 4 : block
  const base = MEADOWS[family % MEADOWS.length] as Rgb
  return jitter(base, ((hash >>> 8) & 255) / 255 - 0.5, 10)
}

/** Sand of the square: nearly even, so that it reads as one place. */
export function sandShade(index: number): Rgb {
  return jitter(SAND, (mix32(index ^ 0x5a5a) & 255) / 255 - 0.5, 6)
}

export function clayShade(serial: number): Rgb {
  return jitter(CLAY, (mix32(serial ^ 0xc1a1) & 255) / 255 - 0.5, 14)
}

/** `amount` in -0.5..0.5 of `range` bytes lighter or darker. */
function jitter([r, g, b]: Rgb, amount: number, range: number): Rgb {
  const shift = Math.round(amount * range)
  return [clampByte(r + shift), clampByte(g + shift), clampByte(b + shift)]
}

function clampByte(value: number): number {
  return Math.min(255, Math.max(0, value))
}

/** sRGB byte as a linear value in 0..1, by the power that the renderer's shaders use. */
export function linear(byte: number): number {
  return (byte / 255) ** 2.2
}
