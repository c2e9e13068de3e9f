import { NullGraphicsDevice } from 'playcanvas'
import { expect, test, vi } from 'vitest'
import type { ParcelToken } from '#api/access-types.ts'
import type { ParcelBuild } from '#api/types.ts'
import { CELL_SIZE_M, type Cell, landCells } from '#core/land.ts'
import { plotAt } from '#core/plots.ts'
import { createIslets, isletsOf, MAX_ISLETS } from '#world/islets.ts'
import { createApp } from '#world/world-app.ts'

const COLOUR = [0, 0, 0] as const

/** Rows of plots in the sea, from west to east. */
function inSea(count: number): readonly Cell[] {
  return Array.from({ length: count }, (_, at) => ({
    x: 300 + (at % 1_500),
    y: 300 + Math.floor(at / 1_500),
  }))
}

function byPlot<T>(cells: readonly Cell[], make: (cell: Cell) => T): Map<number, T> {
  return new Map(cells.map((cell) => [plotAt(cell) as number, make(cell)]))
}

test('[CH4] of more plots in the sea than can be drawn the selected one and the nearest get ground', () => {
  const cells = inSea(MAX_ISLETS + 100)
  const standing = byPlot(cells, (cell) => ({ cell, colour: COLOUR }))
  const [west, east] = [cells[0] as Cell, cells[1_499] as Cell]
  const drawn = (selected: Cell | undefined, eye: Cell) =>
    isletsOf(standing, selected && plotAt(selected), { x: eye.x * CELL_SIZE_M, z: -eye.y * CELL_SIZE_M }).map(
      ({ cell }) => cell,
    )
  expect(drawn(undefined, west)).toHaveLength(MAX_ISLETS)
  expect(drawn(undefined, west)).toContain(west)
  expect(drawn(undefined, west)).not.toContain(east)
  expect(drawn(undefined, east)).toContain(east)
  expect(drawn(east, west)[0]).toBe(east)
  const empty = { x: -900, y: 900 }
  expect(drawn(empty, west)[0]).toEqual(empty)
  expect(drawn({ x: 40, y: 1 }, west)[0]).toBe(west)
})

function createScene() {
  const canvas = { id: 'world', width: 8, height: 8 } as unknown as HTMLCanvasElement
  const app = createApp(canvas, new NullGraphicsDevice(canvas))
  return { app, islets: createIslets(app.graphicsDevice) }
}

function build(cell: Cell): ParcelBuild {
  const placement = { x: 0, y: 0, z: 0, yawDegrees: 0, scale: 1 }
  return { parcel: plotAt(cell) as number, cell, root: 'Qm', placement, neuron: '0x0', time: 0, mine: false }
}

test('[CH4] a selection walks through what stands in the sea, and not through all of the land', () => {
  const { app, islets } = createScene()
  const builds = byPlot([...landCells().slice(0, 5_000), ...inSea(2)], build)
  islets.setStanding(builds, [{ ...build({ x: 900, y: 900 }), id: 1, holder: '0x0' } as ParcelToken])
  expect(islets.triangles()).toBe(3 * 2 * 12)
  const walk = vi.spyOn(Map.prototype, 'values')
  islets.setSelected(plotAt({ x: 40, y: 1 }))
  const sizes = walk.mock.contexts.map((map) => (map as Map<unknown, unknown>).size)
  walk.mockRestore()
  expect(Math.max(...sizes)).toBe(3)
  islets.destroy()
  app.destroy()
})

test('[CH4] who walks on sees ground under what is near then', () => {
  const { app, islets } = createScene()
  islets.setStanding(byPlot(inSea(MAX_ISLETS + 100), build))
  const walk = vi.spyOn(Map.prototype, 'values')
  islets.setEye(10, 10)
  expect(walk).not.toHaveBeenCalled()
  islets.setEye(9_000, -9_000)
  expect(walk).toHaveBeenCalled()
  walk.mockRestore()
  islets.destroy()
  app.destroy()
})
