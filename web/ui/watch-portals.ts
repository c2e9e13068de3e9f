import { effect, untracked } from '@preact/signals'
import { cellAtPosition } from './parcels.ts'
import type { Session } from './session.ts'

/** Cells that one walks before the portals around are read anew: half of how far they are drawn. */
const STEP_CELLS = 2
/** What others change shows within this; what oneself does at once. */
const REFRESH_MS = 30_000

/**
 * Keeps the portals around the visitor in the world, and goes through the one that they walk through.
 *
 * @returns the function that ends it
 */
export function watchPortals(session: Session): () => void {
  const { tabland, world, state, position } = session
  let read: { readonly x: number; readonly y: number; readonly of: string } | undefined
  /** what the world was told last: a still one draws nothing for the same again */
  let shown: string | undefined
  let isReading = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let isOver = false

  /** What the portals depend on besides the place: our own writes, and the land that is known. */
  const dependsOn = (): string => {
    const { transactions } = state.purse.value
    const newest = Math.max(0, ...transactions.map(({ block = 0 }) => block))
    return `${newest} ${state.chain.value.kind} ${state.chain.value.parcels}`
  }

  async function look(of: string): Promise<void> {
    const { x, y } = cellAtPosition(position.peek())
    isReading = true
    read = { x, y, of }
    clearTimeout(timer)
    try {
      const portals = await (await tabland).land.portals(x, y)
      const cells = portals.map(({ cell }) => cell)
      const said = JSON.stringify(cells)
      if (!isOver && said !== shown) world.view.peek()?.setPortals(cells)
      shown = said
    } catch {
      // no endpoint answers: those that are drawn stay, and entering tells why it does not go on
    }
    isReading = false
    if (isOver) return
    timer = setTimeout(() => void look(dependsOn()), REFRESH_MS)
    lookIfMoved()
  }

  function lookIfMoved(): void {
    const of = dependsOn()
    const { x, y } = position.value
    const isNear = read !== undefined && Math.hypot(x - read.x, y - read.y) < STEP_CELLS
    if (world.view.value === undefined || isReading || (isNear && read?.of === of)) return
    untracked(() => void look(of))
  }

  const stopLooking = effect(lookIfMoved)
  const stopStepping = effect(() => {
    const step = world.view.value?.stepped.value
    if (step === undefined) return
    untracked(() => (step.to === 'land' ? session.leavePlanet() : session.enter(step.cell)))
  })
  return () => {
    isOver = true
    clearTimeout(timer)
    stopLooking()
    stopStepping()
  }
}
