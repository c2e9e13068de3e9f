import { computed, effect, untracked } from '@preact/signals'
import type { Session } from './session.ts'

/** Opens what the address names beside a place: a content, the graph around a particle, a link. */
export function followRoute({
  navigation,
  files,
  showResult,
  open,
}: Pick<Session, 'navigation' | 'files' | 'showResult' | 'open'>): () => void {
  const content = computed(() => navigation.route.value.content)
  const stopOpening = effect(() => {
    const cid = content.value
    if (cid !== undefined) untracked(() => showResult(cid, ''))
  })
  const graph = computed(() => navigation.route.value.graph)
  const stopDrawing = effect(() => {
    if (graph.value !== undefined) untracked(() => open('graph'))
  })
  const link = computed(() => navigation.route.value.link)
  const stopFollowingLinks = effect(() => {
    const text = link.value
    if (text === undefined) return
    untracked(() => {
      open('files')
      void files.open(text)
    })
  })
  return () => {
    stopOpening()
    stopDrawing()
    stopFollowingLinks()
  }
}
