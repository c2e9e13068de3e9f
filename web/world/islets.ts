/** Ground under plots that lie in the sea, beyond the land's picture: a low block of sand, the plot on top of it. */
import { Entity, type GraphicsDevice } from 'playcanvas'
import type { ParcelToken } from '#api/access-types.ts'
import type { ParcelBuild } from '#api/types.ts'
import { CELL_SIZE_M, type Cell } from '#core/land.ts'
import { cellOfPlot } from '#core/plots.ts'
import type { Bounds } from '#objects/glb.ts'
import { createBoxes, MAX_BOXES } from './boxes.ts'
import { centreOf, type GroundPoint } from './frame.ts'
import { isOnBlocks } from './land-data.ts'
import { clayShade, GOLD, meadowShade, type Rgb, SAND } from './palette.ts'

/** metres of sand around a plot */
const BEACH = 2
/** The sea lies 0.9 m below; blocks reach into it. */
const BOTTOM = -2
/** Sand lies a little lower than the plot that it surrounds. */
const SAND_TOP = -0.15

/** Boxes hold so many: sand and the plot for each. */
export const MAX_ISLETS = MAX_BOXES / 2
/** Metres that the eye moves before others of too many get ground: little of what is seen from so high. */
const STEP = 200

export interface Islets {
  readonly entity: Entity
  triangles(): number
  /** What stands, by plots and as tokens: plots in the sea get ground. */
  setStanding(builds: ReadonlyMap<number, ParcelBuild>, tokens?: readonly ParcelToken[]): void
  /** The selected plot gets ground too: its owner may not have built yet. */
  setSelected(plot: number | undefined): void
  /** Where one looks from, metres: of more than can be drawn the nearest are. */
  setEye(x: number, z: number): void
  destroy(): void
}

interface Islet {
  readonly cell: Cell
  readonly colour: Rgb
}

export function createIslets(device: GraphicsDevice): Islets {
  const boxes = createBoxes(device)
  // boxes show and hide themselves: what is around them is hidden on planets
  const entity = new Entity('islets')
  entity.addChild(boxes.entity)
  let standing: ReadonlyMap<number, Islet> = new Map()
  let selected: number | undefined
  const eye = { x: 0, z: 0 }
  const drawnFrom = { x: 0, z: 0 }
  const draw = (): void => {
    Object.assign(drawnFrom, eye)
    boxes.begin()
    for (const { cell, colour } of isletsOf(standing, selected, eye)) {
      boxes.add(block(cell, CELL_SIZE_M / 2 + BEACH, SAND_TOP), SAND, 1)
      boxes.add(block(cell, CELL_SIZE_M / 2, 0), colour, 1)
    }
    boxes.end()
  }
  return {
    entity,
    triangles: () => boxes.triangles(),
    setStanding(builds, tokens = []) {
      standing = standingInSea(builds, tokens)
      draw()
    },
    setSelected(plot) {
      selected = plot
      draw()
    },
    setEye(x, z) {
      eye.x = x
      eye.z = z
      if (standing.size > MAX_ISLETS && Math.hypot(x - drawnFrom.x, z - drawnFrom.z) > STEP) draw()
    },
    destroy() {
      boxes.destroy()
      entity.destroy()
    },
  }
}

/** A plot has one ground, whatever stands on it. Nearly all of what stands is not in the sea. */
function standingInSea(
  builds: ReadonlyMap<number, ParcelBuild>,
  tokens: readonly ParcelToken[],
): ReadonlyMap<number, Islet> {
  const found = new Map<number, Islet>()
  const add = (plot: number, { cell, mine }: Pick<ParcelBuild, 'cell' | 'mine'>): void => {
    if (!isOnBlocks(cell)) found.set(plot, { cell, colour: mine ? GOLD : clayShade(plot) })
  }
  for (const token of tokens) add(token.parcel, token)
  for (const [plot, build] of builds) add(plot, build)
  return found
}

/** What gets ground: the selected plot, and of what stands as many as boxes hold, the nearest to the eye. */
export function isletsOf(
  standing: ReadonlyMap<number, Islet>,
  selected: number | undefined,
  eye: GroundPoint,
): readonly Islet[] {
  const first = selected === undefined ? undefined : (standing.get(selected) ?? emptyIslet(selected))
  const all = [...standing.values()].filter((islet) => islet !== first)
  if (standing.size > MAX_ISLETS) all.sort((a, b) => distance(a, eye) - distance(b, eye))
  return [...(first === undefined ? [] : [first]), ...all].slice(0, MAX_ISLETS)
}

function emptyIslet(plot: number): Islet | undefined {
  const cell = cellOfPlot(plot)
  return cell === undefined || isOnBlocks(cell) ? undefined : { cell, colour: meadowShade(plot, cell) }
}

function distance({ cell }: Islet, eye: GroundPoint): number {
  const { x, z } = centreOf(cell)
  return Math.hypot(x - eye.x, z - eye.z)
}

function block(cell: Cell, half: number, top: number): Bounds {
  const { x, z } = centreOf(cell)
  return { min: [x - half, BOTTOM, z - half], max: [x + half, top, z + half] }
}
