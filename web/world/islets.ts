/** Ground under plots that lie in the sea, beyond the land's picture: a low block of sand, the plot on top of it. */
import { Entity, type GraphicsDevice } from 'playcanvas'
import type { ParcelToken } from '#api/access-types.ts'
import type { ParcelBuild } from '#api/types.ts'
import { CELL_SIZE_M, type Cell } from '#core/land.ts'
import { cellOfPlot } from '#core/plots.ts'
import type { Bounds } from '#objects/glb.ts'
import { createBoxes } from './boxes.ts'
import { centreOf } from './frame.ts'
import { isOnBlocks } from './land-data.ts'
import { clayShade, GOLD, meadowShade, type Rgb, SAND } from './palette.ts'

/** metres of sand around a plot */
const BEACH = 2
/** The sea lies 0.9 m below; blocks reach into it. */
const BOTTOM = -2
/** Sand lies a little lower than the plot that it surrounds. */
const SAND_TOP = -0.15

export interface Islets {
  readonly entity: Entity
  triangles(): number
  /** What stands, by plots and as tokens: plots in the sea get ground. */
  setStanding(builds: ReadonlyMap<number, ParcelBuild>, tokens?: readonly ParcelToken[]): void
  /** The selected plot gets ground too: its owner may not have built yet. */
  setSelected(plot: number | undefined): void
  destroy(): void
}

interface Standing {
  readonly cell: Cell
  readonly colour: Rgb
}

export function createIslets(device: GraphicsDevice): Islets {
  const boxes = createBoxes(device)
  // boxes show and hide themselves: what is around them is hidden on planets
  const entity = new Entity('islets')
  entity.addChild(boxes.entity)
  let standing: ReadonlyMap<number, Standing> = new Map()
  let selected: number | undefined
  const add = (cell: Cell, colour: Rgb): void => {
    if (isOnBlocks(cell)) return
    boxes.add(block(cell, CELL_SIZE_M / 2 + BEACH, SAND_TOP), SAND, 1)
    boxes.add(block(cell, CELL_SIZE_M / 2, 0), colour, 1)
  }
  const draw = (): void => {
    boxes.begin()
    for (const { cell, colour } of standing.values()) add(cell, colour)
    const cell = selected === undefined || standing.has(selected) ? undefined : cellOfPlot(selected)
    if (selected !== undefined && cell !== undefined) add(cell, meadowShade(selected, cell))
    boxes.end()
  }
  return {
    entity,
    triangles: () => boxes.triangles(),
    setStanding(builds, tokens = []) {
      // a plot has one ground, whatever stands on it
      const plots = [...tokens.map((token) => [token.parcel, token] as const), ...builds]
      standing = new Map(
        plots.map(([plot, { cell, mine }]) => [plot, { cell, colour: mine ? GOLD : clayShade(plot) }]),
      )
      draw()
    },
    setSelected(plot) {
      selected = plot
      draw()
    },
    destroy() {
      boxes.destroy()
      entity.destroy()
    },
  }
}

function block(cell: Cell, half: number, top: number): Bounds {
  const { x, z } = centreOf(cell)
  return { min: [x - half, BOTTOM, z - half], max: [x + half, top, z + half] }
}
