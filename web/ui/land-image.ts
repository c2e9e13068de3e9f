import type { ParcelBuild } from '#api/types.ts'
import { type Cell, isSquare, LAND_RADIUS, landCells } from '#core/land.ts'

/** One pixel for each cell from −131 to 130, both ways; north is up. */
export const LAND_IMAGE_SIDE = 2 * LAND_RADIUS

type Rgb = readonly [r: number, g: number, b: number]

// the tokens of spec/look.md, as bytes: a canvas does not read custom properties
const MEADOW: Rgb = [0x8f, 0xb5, 0x73]
const SAND: Rgb = [0xe6, 0xd9, 0xb8]
const CLAY: Rgb = [0xc8, 0x71, 0x4a]
const GOLD: Rgb = [0xe2, 0xb2, 0x3a]
const STRAW: Rgb = [0xc6, 0xc3, 0x74]

const NONE: ReadonlySet<number> = new Set()

/** The pixel of a cell, counted from the top left, row by row. */
function pixelOf({ x, y }: Cell): number {
  return (LAND_RADIUS - 1 - y) * LAND_IMAGE_SIDE + (x + LAND_RADIUS)
}

/** Free land: each plot a shade of its own, from its serial, within ±10 of the meadow's green, or of what is on sale. */
function shadeOf(serial: number, [r, g, b]: Rgb): Rgb {
  // the golden ratio spreads neighbours apart: low-discrepancy, no pattern to see
  const shift = Math.round((((serial * 0.618034) % 1) - 0.5) * 20)
  return [r + shift, g + shift, b + shift]
}

/**
 * The mainland from above: RGBA, row-major, LAND_IMAGE_SIDE squared; the sea is transparent.
 *
 * @param onSale serials of what is sold at auction @default none
 */
export function paintLand(
  builds: ReadonlyMap<number, ParcelBuild>,
  onSale: ReadonlySet<number> = NONE,
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * LAND_IMAGE_SIDE * LAND_IMAGE_SIDE)
  const put = (cell: Cell, [r, g, b]: Rgb): void => {
    pixels.set([r, g, b, 255], 4 * pixelOf(cell))
  }
  for (let y = -LAND_RADIUS; y < LAND_RADIUS; y++) {
    for (let x = -LAND_RADIUS; x < LAND_RADIUS; x++) {
      if (isSquare({ x, y })) put({ x, y }, SAND)
    }
  }
  landCells().forEach((cell, serial) => {
    const build = builds.get(serial)
    const free = shadeOf(serial, onSale.has(serial) ? STRAW : MEADOW)
    put(cell, build === undefined ? free : build.mine ? GOLD : CLAY)
  })
  return pixels
}

/** A canvas of the land, one pixel for each cell. */
export function createLandCanvas(pixels: Uint8ClampedArray<ArrayBuffer>): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.width = LAND_IMAGE_SIDE
  canvas.height = LAND_IMAGE_SIDE
  canvas.getContext('2d')?.putImageData(new ImageData(pixels, LAND_IMAGE_SIDE), 0, 0)
  return canvas
}

/** Draws the land with a seam around every plot, `plotPixels` of the canvas for each cell. */
export function drawQuilt(
  canvas: HTMLCanvasElement,
  pixels: Uint8ClampedArray<ArrayBuffer>,
  plotPixels: number,
): void {
  const side = LAND_IMAGE_SIDE * plotPixels
  canvas.width = side
  canvas.height = side
  const context = canvas.getContext('2d')
  if (context === null) return
  context.imageSmoothingEnabled = false
  context.drawImage(createLandCanvas(pixels), 0, 0, side, side)
  // seams only where there is land
  context.globalCompositeOperation = 'source-atop'
  context.fillStyle = 'rgb(22 32 42 / 0.13)'
  for (let at = 0; at < side; at += plotPixels) {
    context.fillRect(at, 0, 1, side)
    context.fillRect(0, at, side, 1)
  }
}
