import { computed, type ReadonlySignal, signal } from '@preact/signals'
import type { ProvenPage } from '#api/machine-types.ts'
import type { SearchPage, SearchResult } from '#api/search-types.ts'
import type { Failure, Tabland } from '#api/types.ts'
import { failureOf, isAbort } from './failure.ts'

/** Results on one page: about two screens of cards. */
export const PAGE_SIZE = 12
/** Suggestions under the field: what fits above a phone's keyboard. */
export const MAX_SUGGESTIONS = 6
/** Results kept in the list: beyond this a person refines the query. */
export const MAX_RESULTS = 240

export interface SearchView {
  /** the query that was run; empty before the first */
  readonly query: string
  readonly status: 'idle' | 'loading' | 'done' | 'failed'
  readonly particle?: string
  /** the text whose links these are, when it is not the query itself */
  readonly shown?: string
  readonly results: readonly SearchResult[]
  readonly total: number
  /** nearest texts, when there is no result */
  readonly nearest: readonly string[]
  readonly cursor?: string
  readonly loadingMore: boolean
  readonly failure?: Failure
}

const EMPTY: SearchView = {
  query: '',
  status: 'idle',
  results: [],
  total: 0,
  nearest: [],
  loadingMore: false,
}

export interface SearchStore {
  /** what stands in the field */
  readonly input: ReadonlySignal<string>
  readonly suggestions: ReadonlySignal<readonly string[]>
  readonly view: ReadonlySignal<SearchView>
  /** The person typed: new suggestions, for the latest text only. */
  type(text: string): void
  closeSuggestions(): void
  /** Looks a query up; a running one is cancelled. Failures are in `view`. */
  run(query: string): Promise<void>
  more(): Promise<void>
  /**
   * A signed block says what a particle links to: where all that this tab knows is shown, the block's results lead, in
   * its order and with its ranks, and what no block has yet follows. undefined: no block says so any more.
   */
  prove(page: Proven | undefined): void
  /** Looks again after the graph changed, as long as all that was found fits the first page. */
  refresh(): Promise<void>
  stop(): void
}

type Proven = Pick<ProvenPage, 'particle' | 'results' | 'total'>
type Commands = Pick<Tabland, 'search' | 'suggest'>

function firstView(query: string, page: SearchPage): SearchView {
  return {
    query,
    status: 'done',
    particle: page.particle,
    results: page.results,
    total: page.total,
    nearest: page.suggestions,
    loadingMore: false,
    ...(page.shown === undefined ? {} : { shown: page.shown }),
    ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
  }
}

function nextView(view: SearchView, page: SearchPage): SearchView {
  const { cursor: _, ...rest } = view
  const known = new Set(view.results.map(({ cid }) => cid))
  const results = [...view.results, ...page.results.filter(({ cid }) => !known.has(cid))].slice(
    0,
    MAX_RESULTS,
  )
  const more = page.cursor !== undefined && results.length < MAX_RESULTS
  return { ...rest, results, total: page.total, loadingMore: false, ...(more ? { cursor: page.cursor } : {}) }
}

/** Of results that this tab has no links of, a page at most: the others come with the links. */
function withProven(view: SearchView, proven: Proven | undefined): SearchView {
  if (proven === undefined || view.particle !== proven.particle) return view
  if (view.status !== 'done' || view.cursor !== undefined) return view
  const known = new Map(view.results.map((result) => [result.cid, result]))
  let strangers = 0
  const first = proven.results
    .filter(({ cid }) => known.has(cid) || strangers++ < PAGE_SIZE)
    .map(({ cid, rank, share }): SearchResult => ({ cid, rank, share, links: known.get(cid)?.links ?? [] }))
  const ordered = new Set(proven.results.map(({ cid }) => cid))
  const later = view.results.filter(({ cid }) => !ordered.has(cid))
  return { ...view, results: [...first, ...later], total: proven.total + later.length }
}

/** The search as the page holds it: one query at a time, its pages, and suggestions for what is typed. */
export function createSearchStore(tabland: Promise<Commands>): SearchStore {
  const input = signal('')
  const suggestions = signal<readonly string[]>([])
  const local = signal<SearchView>(EMPTY)
  const proven = signal<Proven>()
  const view = computed(() => withProven(local.value, proven.value))
  let typing = new AbortController()
  let running = new AbortController()

  const suggest = async (prefix: string, signal: AbortSignal): Promise<void> => {
    try {
      const found = await (await tabland).suggest(prefix, { signal })
      if (!signal.aborted) suggestions.value = found.slice(0, MAX_SUGGESTIONS)
    } catch {
      // suggestions are a help: without them the search works all the same, and says itself what is wrong
      if (!signal.aborted) suggestions.value = []
    }
  }

  const findFirst = async (query: string, signal: AbortSignal): Promise<SearchPage> =>
    (await tabland).search(query, { limit: PAGE_SIZE, signal })

  const cancelTyping = (): AbortSignal => {
    typing.abort()
    typing = new AbortController()
    return typing.signal
  }

  const fail = (error: unknown, signal: AbortSignal): void => {
    if (signal.aborted || isAbort(error)) return
    local.value = { ...local.value, status: 'failed', loadingMore: false, failure: failureOf(error) }
  }

  return {
    input,
    suggestions,
    view,

    type(text) {
      input.value = text
      const signal = cancelTyping()
      if (text.trim() === '') suggestions.value = []
      else void suggest(text, signal)
    },

    closeSuggestions() {
      cancelTyping()
      suggestions.value = []
    },

    async run(query) {
      const text = query.trim()
      cancelTyping()
      input.value = text
      suggestions.value = []
      running.abort()
      running = new AbortController()
      const { signal } = running
      if (text === '') {
        local.value = EMPTY
        return
      }
      local.value = { ...EMPTY, query: text, status: 'loading' }
      try {
        const page = await findFirst(text, signal)
        if (!signal.aborted) local.value = firstView(text, page)
      } catch (error) {
        fail(error, signal)
      }
    },

    async more() {
      const { cursor, query, loadingMore, status } = local.value
      if (cursor === undefined || loadingMore || status !== 'done') return
      const { signal } = running
      local.value = { ...local.value, loadingMore: true }
      try {
        const page = await (await tabland).search(query, { limit: PAGE_SIZE, cursor, signal })
        if (!signal.aborted) local.value = nextView(local.value, page)
      } catch (error) {
        fail(error, signal)
      }
    },

    prove(page) {
      proven.value = page
    },

    async refresh() {
      const { query, status, results, loadingMore } = local.value
      if (status !== 'done' || loadingMore || results.length >= PAGE_SIZE) return
      const { signal } = running
      try {
        const page = await findFirst(query, signal)
        if (!signal.aborted && local.value.query === query) local.value = firstView(query, page)
      } catch {
        // what was found before stays
      }
    },

    stop() {
      typing.abort()
      running.abort()
    },
  }
}
