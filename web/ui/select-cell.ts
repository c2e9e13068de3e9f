import { effect, type ReadonlySignal, untracked } from '@preact/signals'
import type { LandState } from '#api/types.ts'
import type { Cell } from '#core/land.ts'
import { plotOn } from '#core/plots.ts'

export interface CellSelection {
  /** Selects the plot on a cell, or none. */
  at(cell: Cell): void
  stop(): void
}

/**
 * Selects plots by their cells. One that was moved into the sea is known only once the chain's land is: it is selected
 * then, if it is still waited for.
 */
export function createCellSelection(
  land: ReadonlySignal<LandState>,
  select: (plot: number | undefined) => void,
  isWaitedFor: (cell: Cell) => boolean,
): CellSelection {
  let unknown: Cell | undefined
  const stop = effect(() => {
    const known = land.value
    const cell = unknown
    if (cell === undefined || known.places === undefined) return
    unknown = undefined
    const plot = plotOn(known, cell)
    untracked(() => {
      if (plot !== undefined && isWaitedFor(cell)) select(plot)
    })
  })
  return {
    at(cell) {
      const known = land.peek()
      const plot = plotOn(known, cell)
      unknown = plot === undefined && known.places === undefined ? cell : undefined
      select(plot)
    },
    stop,
  }
}
