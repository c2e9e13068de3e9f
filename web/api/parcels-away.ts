import type { Cell } from '#core/land.ts'
import type { LandState } from './types.ts'

export interface ParcelsAwayInit {
  readonly land: () => LandState
  /** of the visitor, in cells; undefined while no world is drawn */
  readonly position: () => Cell | undefined
}

/** How many parcels lie between the visitor and the nearest build that shows a content; undefined: no build does. */
export function createParcelsAway({ land, position }: ParcelsAwayInit): (cid: string) => number | undefined {
  let builds: LandState['builds'] | undefined
  let cells: ReadonlyMap<string, readonly Cell[]> = new Map()
  return (cid) => {
    const visitor = position()
    if (visitor === undefined) return
    const now = land().builds
    // a new map for each change
    if (now !== builds) {
      builds = now
      cells = cellsByRoot(now)
    }
    const distances = cells.get(cid)?.map(({ x, y }) => Math.hypot(x + 0.5 - visitor.x, y + 0.5 - visitor.y))
    return distances === undefined ? undefined : Math.min(...distances)
  }
}

function cellsByRoot(builds: LandState['builds']): ReadonlyMap<string, readonly Cell[]> {
  const cells = new Map<string, Cell[]>()
  for (const { root, cell } of builds.values()) {
    const known = cells.get(root)
    if (known === undefined) cells.set(root, [cell])
    else known.push(cell)
  }
  return cells
}
