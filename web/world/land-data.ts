/** What the GPU knows of the land: a picture with one pixel for each cell, and the blocks of cells that are drawn. */
import type { ParcelBuild } from '#api/types.ts'
import {
  CELL_SIZE_M,
  type Cell,
  LAND_RADIUS,
  landCells,
  parcelAt,
  SQUARE_MAX,
  SQUARE_MIN,
} from '#core/land.ts'
import type { GroundPoint } from './frame.ts'
import { clayShade, meadowShade, type Rgb, sandShade } from './palette.ts'

/** Cells along one side of a block; a block is one instance of the land's mesh. */
export const BLOCK_CELLS = 24
/** Pixels along one side: whole blocks around the 262 cells of the land. */
export const LAND_PIXELS = 264
const ORIGIN = LAND_PIXELS / 2

/** Alpha of a pixel: what its cell is drawn as. Far apart, since the picture is averaged with distance. */
export const KIND = { none: 0, meadow: 96, square: 160, built: 208, mine: 255 } as const

export type LandPixels = Uint8Array<ArrayBuffer>

/** Pixel of a cell: columns go east, rows south. */
function offsetOf({ x, y }: Cell): number {
  return 4 * ((ORIGIN - 1 - y) * LAND_PIXELS + (x + ORIGIN))
}

function isInPicture({ x, y }: Cell): boolean {
  return [x, y].every((value) => value >= -ORIGIN && value < ORIGIN)
}

/** The whole land with nothing built: sRGB colour and kind of each cell. */
export function createLandPixels(): LandPixels {
  const pixels = new Uint8Array(LAND_PIXELS * LAND_PIXELS * 4)
  landCells().forEach((cell, serial) => {
    write(pixels, cell, { kind: KIND.meadow, colour: meadowShade(serial, cell) })
  })
  for (let y = SQUARE_MIN; y <= SQUARE_MAX; y++) {
    for (let x = SQUARE_MIN; x <= SQUARE_MAX; x++) {
      write(pixels, { x, y }, { kind: KIND.square, colour: sandShade(x * 64 + y) })
    }
  }
  return pixels
}

/**
 * Brings the pixels from one set of builds to another.
 * @returns whether any changed
 */
export function updateLandPixels(
  pixels: LandPixels,
  before: ReadonlyMap<number, ParcelBuild>,
  after: ReadonlyMap<number, ParcelBuild>,
): boolean {
  let changed = false
  for (const [plot, { cell }] of before) {
    if (after.has(plot)) continue
    write(pixels, cell, groundOf(plot, cell))
    changed = true
  }
  for (const [plot, { cell, mine }] of after) {
    if (before.get(plot)?.mine === mine) continue
    write(pixels, cell, { kind: mine ? KIND.mine : KIND.built, colour: clayShade(plot) })
    changed = true
  }
  return changed
}

/** A plot with nothing on it: outside of the mainland that is the sea. */
function groundOf(plot: number, cell: Cell): { readonly kind: number; readonly colour: Rgb } {
  if (parcelAt(cell) === undefined) return { kind: KIND.none, colour: [0, 0, 0] }
  return { kind: KIND.meadow, colour: meadowShade(plot, cell) }
}

/** What a pixel says. */
export function readLandPixel(
  pixels: LandPixels,
  cell: Cell,
): { readonly colour: Rgb; readonly kind: number } {
  const [red, green, blue, kind] = pixels.subarray(
    offsetOf(cell),
    offsetOf(cell) + 4,
  ) as unknown as readonly [number, number, number, number]
  return { colour: [red, green, blue], kind }
}

function write(
  pixels: LandPixels,
  cell: Cell,
  { kind, colour: [r, g, b] }: { readonly kind: number; readonly colour: Rgb },
): void {
  // a parcel may have been moved beyond the picture, where the sea is drawn alone
  if (!isInPicture(cell)) return
  pixels.set([r, g, b, kind], offsetOf(cell))
}

/** Centres of the blocks that have land, metres. */
export function landBlocks(): readonly GroundPoint[] {
  const side = BLOCK_CELLS * CELL_SIZE_M
  const blocks: GroundPoint[] = []
  for (let z = -ORIGIN * CELL_SIZE_M; z < ORIGIN * CELL_SIZE_M; z += side) {
    for (let x = -ORIGIN * CELL_SIZE_M; x < ORIGIN * CELL_SIZE_M; x += side) {
      if (isBlock(x, z)) blocks.push({ x: x + side / 2, z: z + side / 2 })
    }
  }
  return blocks
}

/** Is a cell drawn with the land? In the sea beyond its blocks nothing is. */
export function isOnBlocks({ x, y }: Cell): boolean {
  return isInPicture({ x, y }) && isBlock(blockStart(x), blockStart(-1 - y))
}

/** Where the block begins that a column or row of cells is in, metres. */
function blockStart(column: number): number {
  return (Math.floor((column + ORIGIN) / BLOCK_CELLS) * BLOCK_CELLS - ORIGIN) * CELL_SIZE_M
}

/** Does land reach into the block that begins here? */
function isBlock(x: number, z: number): boolean {
  const side = BLOCK_CELLS * CELL_SIZE_M
  return Math.hypot(nearestTo(x, x + side), nearestTo(z, z + side)) < LAND_RADIUS * CELL_SIZE_M
}

/** Distance of zero from an interval. */
function nearestTo(low: number, high: number): number {
  return Math.max(0, low, -high)
}
