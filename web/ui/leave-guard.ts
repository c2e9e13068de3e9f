import { effect, type ReadonlySignal } from '@preact/signals'
import type { BuildStep } from './build-store.ts'

/** Pages whose person agreed to leave: they are not asked twice. */
const leaving = new WeakSet<object>()

/** Lets the browser ask before the page is left while a model is placed or published: it is kept nowhere yet. */
export function guardDraft(
  step: ReadonlySignal<BuildStep>,
  window: Pick<Window, 'addEventListener' | 'removeEventListener'>,
): () => void {
  const ask = (event: Event): void => {
    if (!leaving.has(window)) event.preventDefault()
  }
  return effect(() => {
    const { kind } = step.value
    if (kind !== 'ready' && kind !== 'publishing') return
    // only while needed: pages that listen to this are not kept for "back"
    window.addEventListener('beforeunload', ask)
    return () => window.removeEventListener('beforeunload', ask)
  })
}

/**
 * Asks what the browser would ask at a reload, for those who must drop something before it. Once the person agreed,
 * the reload asks no more.
 */
export function mayLeave(window: Pick<Window, 'dispatchEvent' | 'confirm'>, question: string): boolean {
  const isGuarded = !window.dispatchEvent(new Event('beforeunload', { cancelable: true }))
  if (!isGuarded) return true
  if (!window.confirm(question)) return false
  leaving.add(window)
  return true
}
