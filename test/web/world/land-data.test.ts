import { expect, test } from 'vitest'
import type { ParcelBuild } from '#api/types.ts'
import { equalBytes } from '#core/bytes.ts'
import { CELL_SIZE_M, type Cell, cellOf, landCells, PARCEL_COUNT } from '#core/land.ts'
import { plotAt } from '#core/plots.ts'
import { centreOf } from '#world/frame.ts'
import {
  BLOCK_CELLS,
  createLandPixels,
  isOnBlocks,
  KIND,
  LAND_PIXELS,
  landBlocks,
  readLandPixel,
  updateLandPixels,
} from '#world/land-data.ts'
import { clayShade, meadowShade } from '#world/palette.ts'

/** metres from the origin to the border of the picture */
const EDGE = (LAND_PIXELS / 2) * CELL_SIZE_M

function build(parcel: number, mine = false): ParcelBuild {
  return {
    parcel,
    cell: cellOf(parcel),
    root: 'Qm',
    placement: { x: 0, y: 0, z: 0, yawDegrees: 0, scale: 1 },
    neuron: '0x0',
    time: 0,
    mine,
  }
}

function countKinds(pixels: Uint8Array): Record<number, number> {
  const counts: Record<number, number> = {}
  for (let i = 3; i < pixels.length; i += 4)
    counts[pixels[i] as number] = (counts[pixels[i] as number] ?? 0) + 1
  return counts
}

test('[WO1] one pixel for each of 50,000 parcels and each cell of the square', () => {
  const pixels = createLandPixels()
  expect(countKinds(pixels)).toEqual({
    [KIND.none]: LAND_PIXELS ** 2 - PARCEL_COUNT - 62 * 62,
    [KIND.meadow]: PARCEL_COUNT,
    [KIND.square]: 62 * 62,
  })
  for (const serial of [0, 1, 24_999, PARCEL_COUNT - 1]) {
    const cell = cellOf(serial)
    expect(readLandPixel(pixels, cell)).toEqual({ colour: meadowShade(serial, cell), kind: KIND.meadow })
  }
  // The shader finds a cell's pixel by its place: rows go south, columns east.
  const { x, z } = centreOf({ x: 40, y: 7 })
  const column = Math.floor((x / 2640 + 0.5) * LAND_PIXELS)
  const row = Math.floor((z / 2640 + 0.5) * LAND_PIXELS)
  pixels[4 * (row * LAND_PIXELS + column) + 3] = 1
  expect(readLandPixel(pixels, { x: 40, y: 7 }).kind).toBe(1)
})

test('[CH4] a parcel moved off the mainland is drawn there, and is sea again when it goes; far out nothing is drawn', () => {
  const pixels = createLandPixels()
  const shore = { x: 131, y: 2 }
  const at = (cell: Cell): ParcelBuild => ({ ...build(7), parcel: plotAt(cell)!, cell })
  const builds = new Map([shore, { x: 400, y: 0 }].map((cell) => [plotAt(cell)!, at(cell)]))
  expect(updateLandPixels(pixels, new Map(), builds)).toBe(true)
  expect(readLandPixel(pixels, shore).kind).toBe(KIND.built)
  updateLandPixels(pixels, builds, new Map())
  expect(equalBytes(pixels, createLandPixels())).toBe(true)
})

test('the blocks cover every cell, none twice', () => {
  const side = BLOCK_CELLS * CELL_SIZE_M
  const keys = landBlocks().map(({ x, z }) => `${x},${z}`)
  const covered = new Set(keys)
  expect(covered.size).toBe(keys.length)
  const middleOf = (metres: number) => (Math.floor((metres + EDGE) / side) + 0.5) * side - EDGE
  const outside = landCells().filter((cell) => {
    const { x, z } = centreOf(cell)
    return !covered.has(`${middleOf(x)},${middleOf(z)}`)
  })
  expect(outside).toEqual([])
})

test('north is -z: a cell to the north has a smaller z', () => {
  expect(centreOf({ x: 0, y: 5 })).toEqual({ x: 5, z: -55 })
})

test('[WO1] a build is clay, mine has its own kind, and what is cleared is meadow again', () => {
  const pixels = createLandPixels()
  const before = createLandPixels()
  const none = new Map<number, ParcelBuild>()
  const built = new Map([
    [7, build(7)],
    [90, build(90, true)],
  ])
  expect(updateLandPixels(pixels, none, built)).toBe(true)
  expect(readLandPixel(pixels, cellOf(7))).toEqual({ kind: KIND.built, colour: clayShade(7) })
  expect(readLandPixel(pixels, cellOf(90)).kind).toBe(KIND.mine)
  expect(updateLandPixels(pixels, built, new Map(built))).toBe(false)
  expect(updateLandPixels(pixels, built, none)).toBe(true)
  expect(Buffer.from(pixels).equals(Buffer.from(before))).toBe(true)
})

test('neighbouring plots differ, the same plot never does', () => {
  const cells = landCells()
  const shades = new Set(cells.slice(0, 400).map((cell, serial) => meadowShade(serial, cell).join()))
  expect(shades.size).toBeGreaterThan(20)
  expect(meadowShade(5, { x: 1, y: 2 })).toEqual(meadowShade(5, { x: 1, y: 2 }))
})

test('a cell is drawn with the land where one of its blocks is', () => {
  const half = (BLOCK_CELLS * CELL_SIZE_M) / 2
  const blocks = landBlocks()
  for (let y = -140; y < 140; y += 3) {
    for (let x = -140; x < 140; x += 3) {
      const at = centreOf({ x, y })
      const isCovered = blocks.some(
        (block) => Math.abs(block.x - at.x) < half && Math.abs(block.z - at.z) < half,
      )
      expect(isOnBlocks({ x, y }), `${x}, ${y}`).toBe(isCovered)
    }
  }
  expect(isOnBlocks({ x: 131, y: 131 })).toBe(false)
  expect(isOnBlocks({ x: 2_047, y: 0 })).toBe(false)
})
