import { computed, effect, untracked } from '@preact/signals'
import type { Session } from './session.ts'

type Followed = Pick<
  Session,
  'navigation' | 'files' | 'search' | 'panel' | 'card' | 'showResult' | 'open' | 'closePanel' | 'runSearch'
>

/** Opens what the address names beside a place, a panel, a search, a content, a link; and names there what is open. */
export function followRoute({
  navigation,
  files,
  search,
  panel,
  card,
  showResult,
  open,
  closePanel,
  runSearch,
}: Followed): () => void {
  const namedPanel = computed(() => navigation.route.value.panel)
  const namedSearch = computed(() => navigation.route.value.search)
  const namedLink = computed(() => navigation.route.value.link)
  const stopPanels = effect(() => {
    const [named, query, link] = [namedPanel.value, namedSearch.value, namedLink.value]
    untracked(() => {
      // first: an open panel names what is open in it
      if (link !== undefined && link !== files.opened.value?.link) void files.open(link)
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
  const query = computed(() => search.view.value.query)
  const link = computed(() => files.opened.value?.link)
  const stopNaming = effect(() => {
    const [opened, content] = [panel.value, { search: query.value, link: link.value }]
    untracked(() => navigation.showPanel(opened, content))
  })
  let shown: string | undefined
  const stopForgetting = effect(() => {
    const before = shown
    shown = card.value?.kind === 'result' ? card.value.cid : undefined
    if (before !== undefined && before !== shown) untracked(() => navigation.closeContent(before))
  })
  return () => {
    stopPanels()
    stopOpening()
    stopNaming()
    stopForgetting()
  }
}
