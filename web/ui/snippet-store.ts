import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { Failure, Snippet, Tabland } from '#api/types.ts'
import { failureOf, isAbort } from './failure.ts'

/** Snippets kept: several searches' worth; each holds at most a small picture. */
export const MAX_SNIPPETS = 256
/** Fetched at once: most of a page of results, so that one whose holder is away does not hold up the rest. */
export const MAX_FETCHES = 8

export type SnippetState =
  | { readonly status: 'loading' }
  | { readonly status: 'done'; readonly snippet: Snippet }
  | { readonly status: 'failed'; readonly failure: Failure }

export interface SnippetStore {
  /** The beginning of a content, fetched on the first call; the same signal for the same CID while it is kept. */
  get(cid: string): ReadonlySignal<SnippetState>
  retry(cid: string): void
  stop(): void
}

/** Fetches snippets a few at a time, first asked first, and keeps the latest ones. */
export function createSnippetStore(tabland: Promise<Pick<Tabland, 'snippet'>>): SnippetStore {
  const kept = new Map<string, Signal<SnippetState>>()
  const waiting: string[] = []
  const stopping = new AbortController()
  let fetching = 0

  const fetchOne = async (cid: string): Promise<void> => {
    const state = kept.get(cid)
    if (state === undefined) return
    try {
      const snippet = await (await tabland).snippet(cid, { signal: stopping.signal })
      state.value = { status: 'done', snippet }
    } catch (error) {
      if (!isAbort(error)) state.value = { status: 'failed', failure: failureOf(error) }
    }
  }

  const pump = (): void => {
    while (fetching < MAX_FETCHES && !stopping.signal.aborted) {
      const cid = waiting.shift()
      if (cid === undefined) return
      fetching++
      void fetchOne(cid).finally(() => {
        fetching--
        pump()
      })
    }
  }

  const enqueue = (cid: string): void => {
    waiting.push(cid)
    pump()
  }

  return {
    get(cid) {
      const known = kept.get(cid)
      if (known !== undefined) return known
      const state = signal<SnippetState>({ status: 'loading' })
      kept.set(cid, state)
      if (kept.size > MAX_SNIPPETS) {
        const [oldest] = kept.keys()
        if (oldest !== undefined) kept.delete(oldest)
      }
      enqueue(cid)
      return state
    },

    retry(cid) {
      const state = kept.get(cid)
      if (state === undefined || state.value.status !== 'failed') return
      state.value = { status: 'loading' }
      enqueue(cid)
    },

    stop() {
      stopping.abort()
      waiting.length = 0
    },
  }
}
