/** What the GPU knows of the land: one record per cell, parcels first in serial order, then the square. */
import type { ParcelBuild } from '#api/types.ts'
import { type Cell, cellOf, landCells, PARCEL_COUNT, SQUARE_MAX, SQUARE_MIN } from '#core/land.ts'
import { centreOf } from './frame.ts'
import { clayShade, meadowShade, mix32, type Rgb, sandShade } from './palette.ts'

/** f32 x, f32 z of the centre; u8 red, green, blue, seed; u8 kind, three spare bytes. */
export const CELL_RECORD_BYTES = 16
const SQUARE_SIDE = SQUARE_MAX - SQUARE_MIN + 1
export const CELL_RECORDS = PARCEL_COUNT + SQUARE_SIDE * SQUARE_SIDE

/** What a cell is drawn as; the shader reads it as kind / 255. */
export const KIND = { meadow: 0, square: 64, built: 128, mine: 192 } as const

/** Records of the whole land with nothing built. */
export function createLandRecords(): ArrayBuffer {
  const buffer = new ArrayBuffer(CELL_RECORDS * CELL_RECORD_BYTES)
  const view = new DataView(buffer)
  let index = 0
  const add = (cell: Cell, kind: number, colour: Rgb) => {
    const at = index * CELL_RECORD_BYTES
    const { x, z } = centreOf(cell)
    view.setFloat32(at, x, true)
    view.setFloat32(at + 4, z, true)
    writeLook(view, index, kind, colour)
    view.setUint8(at + 11, mix32(index) & 255)
    index += 1
  }
  landCells().forEach((cell, serial) => {
    add(cell, KIND.meadow, meadowShade(serial, cell))
  })
  for (let y = SQUARE_MIN; y <= SQUARE_MAX; y++) {
    for (let x = SQUARE_MIN; x <= SQUARE_MAX; x++) add({ x, y }, KIND.square, sandShade(index))
  }
  return buffer
}

/**
 * Brings the records from one set of builds to another.
 * @returns the first and last record changed, or undefined when none was
 */
export function updateLandRecords(
  buffer: ArrayBuffer,
  before: ReadonlyMap<number, ParcelBuild>,
  after: ReadonlyMap<number, ParcelBuild>,
): { readonly first: number; readonly last: number } | undefined {
  const view = new DataView(buffer)
  let first = CELL_RECORDS
  let last = -1
  const touch = (serial: number) => {
    first = Math.min(first, serial)
    last = Math.max(last, serial)
  }
  for (const serial of before.keys()) {
    if (after.has(serial)) continue
    writeLook(view, serial, KIND.meadow, meadowShade(serial, cellOf(serial)))
    touch(serial)
  }
  for (const [serial, build] of after) {
    if (before.get(serial)?.mine === build.mine) continue
    writeLook(view, serial, build.mine ? KIND.mine : KIND.built, clayShade(serial))
    touch(serial)
  }
  return last < 0 ? undefined : { first, last }
}

function writeLook(view: DataView, index: number, kind: number, [r, g, b]: Rgb): void {
  const at = index * CELL_RECORD_BYTES + 8
  view.setUint8(at, r)
  view.setUint8(at + 1, g)
  view.setUint8(at + 2, b)
  view.setUint8(at + 4, kind)
}
