import type { JSX } from 'preact'
import type { GraphState } from '#api/search-types.ts'
import { Button } from '../components/button.tsx'
import { FailureNote } from '../components/failure-note.tsx'
import { ProofLine } from '../components/late-proofs.ts'
import { useNow } from '../components/now.ts'
import { Panel } from '../components/panel.tsx'
import { Skeleton, usePatience, Waiting } from '../components/waiting.tsx'
import { shortenQuery } from '../format.ts'
import type { SearchView } from '../search-store.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'
import { LinkForm } from './link-form.tsx'
import { ResultCard } from './result-card.tsx'

function Words({ words }: { readonly words: readonly string[] }): JSX.Element {
  const session = useSession()
  return (
    <div class="words">
      {words.map((word) => (
        <Button key={word} kind="quiet" onClick={() => session.runSearch(word)}>
          {shortenQuery(word)}
        </Button>
      ))}
    </div>
  )
}

function Intro(): JSX.Element {
  return (
    <>
      <p>{texts.search.intro}</p>
      <p class="caption">{texts.search.examples}</p>
      <Words words={texts.search.exampleWords} />
    </>
  )
}

function Loading({ query }: { readonly query: string }): JSX.Element {
  const patience = usePatience(true, query)
  return (
    <>
      <Waiting what={texts.search.searching(shortenQuery(query))} slow={texts.search.searchingSlow} />
      {patience === 'quiet' ? null : [0, 1, 2].map((card) => <Skeleton key={card} lines={3} />)}
    </>
  )
}

function Empty({ view }: { readonly view: SearchView }): JSX.Element {
  return (
    <div class="empty">
      <p>{texts.search.nothing(shortenQuery(view.query))}</p>
      {view.nearest.length === 0 ? null : (
        <>
          <p class="caption">{texts.search.nearest}</p>
          <Words words={view.nearest} />
        </>
      )}
      <p>{texts.search.nothingMore}</p>
    </div>
  )
}

function Results({ view }: { readonly view: SearchView }): JSX.Element {
  const { search } = useSession()
  const now = useNow()
  return (
    <>
      <p class="caption" role="status">
        {texts.search.found(view.total)}
        {view.shown === undefined
          ? null
          : ` ${texts.search.shown(shortenQuery(view.query), shortenQuery(view.shown))}`}
      </p>
      <ol class="results">
        {view.results.map((result) => (
          <ResultCard key={result.cid} result={result} query={view.query} now={now} />
        ))}
      </ol>
      {view.loadingMore ? (
        <Waiting what={texts.search.moreLoading} slow={texts.search.searchingSlow} />
      ) : view.cursor === undefined ? null : (
        <Button onClick={() => void search.more()}>{texts.search.more}</Button>
      )}
    </>
  )
}

function Body({ view }: { readonly view: SearchView }): JSX.Element {
  const { search } = useSession()
  switch (view.status) {
    case 'idle':
      return <Intro />
    case 'loading':
      return <Loading query={view.query} />
    case 'failed':
      return (
        <FailureNote
          failure={view.failure ?? { code: 'UNKNOWN', message: texts.failureTitle }}
          onRetry={() => void search.run(view.query)}
        />
      )
    case 'done':
      return (
        <>
          {view.particle === undefined ? null : <ProofLine particle={view.particle} total={view.total} />}
          {view.results.length === 0 ? <Empty view={view} /> : <Results view={view} />}
        </>
      )
  }
}

/** What of the links is still on its way, how many of how many. */
function Progress(): JSX.Element | null {
  const { sync, index } = useSession().state.graph.value
  const line =
    sync === undefined
      ? indexLine(index)
      : texts.search[sync.source === 'peers' ? 'syncing' : 'reading'](sync.done, sync.total)
  return line === undefined ? null : <p class="caption">{line}</p>
}

function indexLine({ isOn, done, total }: GraphState['index']): string | undefined {
  if (!isOn) return texts.search.indexOff
  return done < total ? texts.search.indexing(done, total) : undefined
}

/** Results of a query, ranked, with the form that links something to it. */
export function SearchPanel(): JSX.Element {
  const session = useSession()
  const view = session.search.view.value
  return (
    <Panel
      place="panel"
      title={view.query === '' ? texts.search.title : shortenQuery(view.query)}
      takesFocus={false}
      onClose={session.closePanel}
    >
      <Progress />
      <Body view={view} />
      {view.status === 'done' ? <LinkForm key={view.query} query={view.shown ?? view.query} /> : null}
    </Panel>
  )
}
