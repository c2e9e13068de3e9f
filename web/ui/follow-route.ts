import { computed, effect, untracked } from '@preact/signals'
import type { Session } from './session.ts'

type Followed = Pick<
  Session,
  'navigation' | 'files' | 'search' | 'panel' | 'showResult' | 'open' | 'closePanel' | 'runSearch'
>

/** Opens what the address names beside a place: a panel, a search, a content, a link. */
export function followRoute({
  navigation,
  files,
  search,
  panel,
  showResult,
  open,
  closePanel,
  runSearch,
}: Followed): () => void {
  const namedPanel = computed(() => navigation.route.value.panel)
  const namedSearch = computed(() => navigation.route.value.search)
  const stopPanels = effect(() => {
    const [named, query] = [namedPanel.value, namedSearch.value]
    untracked(() => {
      if (query !== undefined && query !== search.view.value.query) runSearch(query)
      else if (named === panel.value) return
      else if (named === undefined) closePanel()
      else open(named)
    })
  })
  // a card lies over the panel
  const content = computed(() => navigation.route.value.content)
  const stopOpening = effect(() => {
    const cid = content.value
    if (cid !== undefined) untracked(() => showResult(cid, ''))
  })
  const link = computed(() => navigation.route.value.link)
  const stopFollowingLinks = effect(() => {
    const text = link.value
    if (text !== undefined) untracked(() => void files.open(text))
  })
  return () => {
    stopPanels()
    stopOpening()
    stopFollowingLinks()
  }
}
