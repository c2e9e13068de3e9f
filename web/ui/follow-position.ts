import { effect, type ReadonlySignal } from '@preact/signals'
import type { WorldView } from '#api/world.ts'
import type { Navigation } from './navigation.ts'
import { cellAtPosition, type Near } from './parcels.ts'
import type { Route } from './route.ts'

/** The address follows a walk this often: browsers refuse more than about 100 changes in 30 s. */
export const FOLLOW_MS = 500
/** A jump ends up to this far from its cell: one stops in front of what is built. In cells. */
const ARRIVAL = 2
/** Who is farther from a jump's cell than ever since, by this many cells, walks away from it. */
const AWAY = 1

function distanceTo({ x, y }: Near, at: Near): number {
  return Math.hypot(at.x - x, at.y - y)
}

/** Decides whether the address still names the place that one jumped to, or the walk after it. */
function createArrival(): (cell: Route['cell'], at: Near) => boolean {
  let jump: Route['cell']
  let opened: Near | undefined
  let nearest = Number.POSITIVE_INFINITY
  return (cell, at) => {
    if (cell !== jump) {
      jump = cell
      nearest = Number.POSITIVE_INFINITY
    }
    if (cell === undefined) {
      // where the world opens is not a walk: the address stays as it was given
      opened ??= cellAtPosition(at)
      const { x, y } = cellAtPosition(at)
      return x === opened.x && y === opened.y
    }
    const distance = distanceTo({ x: cell.x + 0.5, y: cell.y + 0.5 }, at)
    nearest = Math.min(nearest, distance)
    return distance <= Math.max(nearest + AWAY, ARRIVAL)
  }
}

/**
 * Writes the visitor's cell into the address while walking, at most every FOLLOW_MS; a stop writes the last one.
 * After a jump the address keeps the cell that was asked for until the visitor walks away from it.
 */
export function followPosition(
  view: ReadonlySignal<WorldView | undefined>,
  navigation: Pick<Navigation, 'route' | 'follow'>,
): () => void {
  const isThere = createArrival()
  // cells as the address has them: a panel that is opened there changes nothing
  let own: Route['cell']
  let pending: { readonly at: Near; readonly since: Route['cell'] } | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const flush = (): void => {
    timer = undefined
    // a jump meanwhile has said where one is
    if (pending !== undefined && pending.since === navigation.route.peek().cell) {
      navigation.follow(cellAtPosition(pending.at))
      own = navigation.route.peek().cell
    }
    pending = undefined
  }
  const stop = effect(() => {
    const at = view.value?.position.value
    if (at === undefined) return
    const since = navigation.route.peek().cell
    if ((since === undefined || since !== own) && isThere(since, at)) return
    pending = { at, since }
    timer ??= setTimeout(flush, FOLLOW_MS)
  })
  return () => {
    stop()
    clearTimeout(timer)
  }
}
