import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { SearchPage, SearchResult } from '#api/search-types.ts'
import type { Failure } from '#api/types.ts'
import { Button } from '../components/button.tsx'
import { Copyable } from '../components/copy.tsx'
import { FailureNote } from '../components/failure-note.tsx'
import { useNow } from '../components/now.ts'
import { Panel, Row, Section } from '../components/panel.tsx'
import { Proof } from '../components/proof.tsx'
import { SnippetView, useSnippet } from '../components/snippet-view.tsx'
import { Waiting } from '../components/waiting.tsx'
import { failureOf, isAbort } from '../failure.ts'
import { formatAgo, formatBytes, formatShare, shorten, shortenQuery } from '../format.ts'
import { landTexts } from '../land-texts.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'

/** Backlinks and links listed: enough to see what a thing is known for. */
const MAX_LISTED = 12
/** Longest text that makes a good next query ([KG2]: what a person types). */
const MAX_FOLLOW_LENGTH = 120

type Backlinks =
  | { readonly kind: 'loading' }
  | { readonly kind: 'done'; readonly page: SearchPage; readonly names: ReadonlyMap<string, string> }
  | { readonly kind: 'failed'; readonly failure: Failure }

function useBacklinks(cid: string, attempt: number): Backlinks {
  const session = useSession()
  const [state, setState] = useState<Backlinks>({ kind: 'loading' })
  useEffect(() => {
    const stopping = new AbortController()
    const { signal } = stopping
    setState({ kind: 'loading' })
    const read = async (): Promise<void> => {
      const { graph } = await session.tabland
      const page = await graph.backlinks(cid, { limit: MAX_LISTED, signal })
      const texts = await Promise.all(page.results.map((result) => graph.text(result.cid)))
      const names = new Map<string, string>()
      page.results.forEach((result, index) => {
        const text = texts[index]
        if (text !== undefined) names.set(result.cid, text)
      })
      if (!signal.aborted) setState({ kind: 'done', page, names })
    }
    read().catch((error: unknown) => {
      if (!signal.aborted && !isAbort(error)) setState({ kind: 'failed', failure: failureOf(error) })
    })
    return () => stopping.abort()
  }, [session, cid, attempt])
  return state
}

function BacklinkItem({
  result,
  name,
}: {
  readonly result: SearchResult
  readonly name: string | undefined
}): JSX.Element {
  const session = useSession()
  const follow = (): void => {
    if (name === undefined) session.showResult(result.cid, '')
    else session.runSearch(name)
  }
  return (
    <li>
      <button type="button" class="list-item" onClick={follow}>
        <span class="list-text">{name === undefined ? shorten(result.cid) : shortenQuery(name)}</span>
        <span class="caption">{formatShare(result.share)}</span>
      </button>
    </li>
  )
}

function BacklinkList({ cid }: { readonly cid: string }): JSX.Element {
  const [attempt, setAttempt] = useState(0)
  const state = useBacklinks(cid, attempt)
  if (state.kind === 'loading') {
    return <Waiting what={texts.result.backlinksLoading} slow={texts.search.searchingSlow} />
  }
  if (state.kind === 'failed') {
    return <FailureNote failure={state.failure} onRetry={() => setAttempt(attempt + 1)} />
  }
  if (state.page.results.length === 0) return <p>{texts.result.noBacklinks}</p>
  return (
    <ul class="list">
      {state.page.results.map((result) => (
        <BacklinkItem key={result.cid} result={result} name={state.names.get(result.cid)} />
      ))}
    </ul>
  )
}

function Facts({
  cid,
  result,
}: {
  readonly cid: string
  readonly result: SearchResult | undefined
}): JSX.Element {
  const state = useSnippet(cid)
  return (
    <dl class="rows">
      <Row name={texts.result.cid}>
        <Copyable value={cid} what={texts.result.cid} />
      </Row>
      {state.status === 'done' ? (
        <>
          <Row name={texts.result.kind}>{texts.result.kinds[state.snippet.kind]}</Row>
          {state.snippet.size === undefined ? null : (
            <Row name={texts.result.size}>{formatBytes(state.snippet.size)}</Row>
          )}
        </>
      ) : null}
      {result === undefined ? null : (
        <Row name={texts.result.rank}>{texts.search.shareOf(formatShare(result.share))}</Row>
      )}
    </dl>
  )
}

function Linkers({ links }: { readonly links: SearchResult['links'] }): JSX.Element {
  const { state } = useSession()
  const now = useNow()
  const mine = state.wallet.value?.address
  const newest = [...links].sort((a, b) => b.time - a.time).slice(0, MAX_LISTED)
  return (
    <ul class="list">
      {newest.map(({ neuron, time }) => (
        <li key={`${neuron}-${time}`} class="list-row">
          <span class="list-text">
            {neuron === mine ? landTexts.you : <Copyable value={neuron} what={texts.result.linkerAddress} />}
          </span>
          <span class="caption">{formatAgo(time, now)}</span>
        </li>
      ))}
    </ul>
  )
}

export interface ResultDetailsProps {
  readonly cid: string
  readonly query: string
}

/** Everything known of one result: its content whole, how it is known, who linked it, what leads to it. */
export function ResultDetails({ cid, query }: ResultDetailsProps): JSX.Element {
  const session = useSession()
  const state = useSnippet(cid)
  const result = session.search.view.value.results.find((candidate) => candidate.cid === cid)
  const text = state.status === 'done' && state.snippet.kind === 'text' ? state.snippet.text : undefined
  const follows =
    text !== undefined && text !== '' && text.length <= MAX_FOLLOW_LENGTH && !text.includes('\n')
  return (
    <Panel place="card" title={texts.result.title} subtitle={shortenQuery(query)} onClose={session.closeCard}>
      <SnippetView cid={cid} query={query} whole />
      {state.status === 'done' ? (
        <div class="result-foot caption">
          <Proof how={texts.search.verifiedHow} />
        </div>
      ) : null}
      <div class="buttons">
        {follows ? (
          <Button icon="arrow" onClick={() => session.runSearch(text)}>
            {texts.result.follow}
          </Button>
        ) : null}
        <Button icon="graph" onClick={() => session.showGraph(cid)}>
          {texts.result.graph}
        </Button>
      </div>
      <Facts cid={cid} result={result} />
      {result === undefined ? null : (
        <Section title={texts.result.links}>
          <Linkers links={result.links} />
        </Section>
      )}
      <Section title={texts.result.backlinks}>
        <BacklinkList cid={cid} />
      </Section>
    </Panel>
  )
}
