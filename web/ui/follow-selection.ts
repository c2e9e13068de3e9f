import { effect, type ReadonlySignal, untracked } from '@preact/signals'
import type { WorldView } from '#api/world.ts'
import type { WorldStore } from './world-store.ts'

/** Takes over what is selected in the world; what was selected before the world came is selected in it first. */
export function followSelection(
  world: WorldStore,
  selected: ReadonlySignal<number | undefined>,
  select: (parcel: number | undefined) => void,
): () => void {
  let known: WorldView | undefined
  return effect(() => {
    const view = world.view.value
    if (view === undefined) return
    const before = selected.peek()
    if (view !== known && before !== undefined) untracked(() => view.select(before))
    known = view
    const serial = view.selected.value
    // another card may lie over that of the plot
    if (serial !== selected.peek()) untracked(() => select(serial))
  })
}
