import { expect, test } from 'vitest'
import type { ParcelBuild } from '#api/types.ts'
import { landCells, PARCEL_COUNT } from '#core/land.ts'
import { centreOf } from '#world/frame.ts'
import {
  CELL_RECORD_BYTES,
  CELL_RECORDS,
  createLandRecords,
  KIND,
  updateLandRecords,
} from '#world/land-data.ts'
import { clayShade, meadowShade } from '#world/palette.ts'

function build(parcel: number, mine = false): ParcelBuild {
  return {
    parcel,
    cell: landCells()[parcel] as ParcelBuild['cell'],
    root: 'Qm',
    placement: { x: 0, y: 0, z: 0, yawDegrees: 0, scale: 1 },
    neuron: '0x0',
    time: 0,
    mine,
  }
}

function recordAt(buffer: ArrayBuffer, index: number) {
  const view = new DataView(buffer, index * CELL_RECORD_BYTES, CELL_RECORD_BYTES)
  return {
    x: view.getFloat32(0, true),
    z: view.getFloat32(4, true),
    colour: [view.getUint8(8), view.getUint8(9), view.getUint8(10)],
    kind: view.getUint8(12),
  }
}

test('[WO1] one record for each of 50,000 parcels and each cell of the square', () => {
  const records = createLandRecords()
  expect(records.byteLength).toBe(CELL_RECORDS * CELL_RECORD_BYTES)
  expect(CELL_RECORDS).toBe(50_000 + 62 * 62)
  for (const serial of [0, 1, 24_999, PARCEL_COUNT - 1]) {
    const cell = landCells()[serial] as ParcelBuild['cell']
    const { x, z } = centreOf(cell)
    expect(recordAt(records, serial)).toEqual({
      x,
      z,
      colour: [...meadowShade(serial, cell)],
      kind: KIND.meadow,
    })
  }
  expect(recordAt(records, PARCEL_COUNT)).toMatchObject({ x: -305, z: 305, kind: KIND.square })
})

test('north is -z: a cell to the north has a smaller z', () => {
  expect(centreOf({ x: 0, y: 5 })).toEqual({ x: 5, z: -55 })
})

test('[WO1] a build is clay, mine has its own kind, and what is cleared is meadow again', () => {
  const records = createLandRecords()
  const before = createLandRecords()
  const none = new Map<number, ParcelBuild>()
  const built = new Map([
    [7, build(7)],
    [90, build(90, true)],
  ])
  expect(updateLandRecords(records, none, built)).toEqual({ first: 7, last: 90 })
  expect(recordAt(records, 7)).toMatchObject({ kind: KIND.built, colour: [...clayShade(7)] })
  expect(recordAt(records, 90)).toMatchObject({ kind: KIND.mine })
  expect(updateLandRecords(records, built, new Map(built))).toBeUndefined()
  expect(updateLandRecords(records, built, none)).toEqual({ first: 7, last: 90 })
  expect(Buffer.from(records).equals(Buffer.from(before))).toBe(true)
})

test('neighbouring plots differ, the same plot never does', () => {
  const cells = landCells()
  const shades = new Set(cells.slice(0, 400).map((cell, serial) => meadowShade(serial, cell).join()))
  expect(shades.size).toBeGreaterThan(20)
  expect(meadowShade(5, { x: 1, y: 2 })).toEqual(meadowShade(5, { x: 1, y: 2 }))
})
