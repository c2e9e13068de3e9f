import { effect, type ReadonlySignal } from '@preact/signals'
import type { BuildStep } from './build-store.ts'

/** Lets the browser ask before the page is left while a model is placed or published: it is kept nowhere yet. */
export function guardDraft(
  step: ReadonlySignal<BuildStep>,
  window: Pick<Window, 'addEventListener' | 'removeEventListener'>,
): () => void {
  const ask = (event: Event): void => event.preventDefault()
  return effect(() => {
    const { kind } = step.value
    if (kind !== 'ready' && kind !== 'publishing') return
    // only while needed: pages that listen to this are not kept for "back"
    window.addEventListener('beforeunload', ask)
    return () => window.removeEventListener('beforeunload', ask)
  })
}
