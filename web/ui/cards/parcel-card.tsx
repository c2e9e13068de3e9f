import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Failure, ParcelBuild } from '#api/types.ts'
import { parcelIdOf } from '#core/land-rule.ts'
import { BIRTH_PLACES } from '#core/plots.ts'
import { Button } from '../components/button.tsx'
import { Copyable, copyText } from '../components/copy.tsx'
import { FailureNote } from '../components/failure-note.tsx'
import { useNow } from '../components/now.ts'
import { Panel, Row } from '../components/panel.tsx'
import { useSnippet } from '../components/snippet-view.tsx'
import { Waiting } from '../components/waiting.tsx'
import { failureOf, isAbort } from '../failure.ts'
import { formatAgo, formatBytes, formatCell, shortenQuery } from '../format.ts'
import { landTexts, parcelTexts } from '../land-texts.ts'
import { tryCellOf } from '../parcels.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'
import { ParcelDistrict } from './parcel-district.tsx'
import { ParcelHistorySection } from './parcel-history.tsx'
import { ParcelOwnership } from './parcel-ownership.tsx'
import { ParcelPortal } from './parcel-portal.tsx'

/** Words shown beside a model. */
const MAX_WORDS = 6

/** The texts that lead to a model; empty until they are known. */
function useWords(root: string): readonly string[] {
  const session = useSession()
  const [words, setWords] = useState<readonly string[]>([])
  const links = session.state.graph.value.links
  useEffect(() => {
    const stopping = new AbortController()
    const { signal } = stopping
    const read = async (): Promise<void> => {
      const { graph } = await session.tabland
      const page = await graph.backlinks(root, { limit: MAX_WORDS, signal })
      const found = await Promise.all(page.results.map(({ cid }) => graph.text(cid)))
      if (!signal.aborted) setWords(found.filter((word) => word !== undefined))
    }
    read().catch((error: unknown) => {
      // the words are an extra: the card is whole without them
      if (!isAbort(error)) setWords([])
    })
    return () => stopping.abort()
  }, [session, root, links])
  return words
}

function ModelSize({ root }: { readonly root: string }): JSX.Element {
  const state = useSnippet(root)
  const size = state.status === 'done' ? state.snippet.size : undefined
  return <>{size === undefined ? parcelTexts.sizeUnknown : formatBytes(size)}</>
}

function Words({ root }: { readonly root: string }): JSX.Element | null {
  const session = useSession()
  const words = useWords(root)
  if (words.length === 0) return null
  return (
    <Row name={parcelTexts.words}>
      <span class="examples">
        {words.map((word) => (
          <Button key={word} kind="quiet" onClick={() => session.runSearch(word)}>
            {shortenQuery(word)}
          </Button>
        ))}
      </span>
    </Row>
  )
}

type ClearStep =
  | { readonly kind: 'idle' | 'asking' | 'clearing' }
  | { readonly kind: 'failed'; readonly failure: Failure }

function TakeDown({ build }: { readonly build: ParcelBuild }): JSX.Element {
  const session = useSession()
  const [step, setStep] = useState<ClearStep>({ kind: 'idle' })
  const clear = async (): Promise<void> => {
    setStep({ kind: 'clearing' })
    try {
      await (await session.tabland).land.clear(build.cell.x, build.cell.y)
      session.toasts.show('done', parcelTexts.cleared)
      setStep({ kind: 'idle' })
    } catch (error) {
      setStep({ kind: 'failed', failure: failureOf(error) })
    }
  }
  switch (step.kind) {
    case 'idle':
      return (
        <Button icon="remove" onClick={() => setStep({ kind: 'asking' })}>
          {parcelTexts.clear}
        </Button>
      )
    case 'asking':
      return (
        <div class="stack">
          <p class="notice">{parcelTexts.clearConfirm}</p>
          <div class="buttons">
            <Button kind="danger" icon="remove" onClick={() => void clear()}>
              {parcelTexts.clearYes}
            </Button>
            <Button onClick={() => setStep({ kind: 'idle' })}>{texts.common.cancel}</Button>
          </div>
        </div>
      )
    case 'clearing':
      return <Waiting what={parcelTexts.clearing} slow={texts.search.linkSlow} />
    case 'failed':
      return <FailureNote failure={step.failure} onRetry={() => void clear()} />
  }
}

function Built({ build }: { readonly build: ParcelBuild }): JSX.Element {
  const { world } = useSession()
  const now = useNow()
  const failure = world.view.value?.failures.value.get(build.parcel)
  return (
    <>
      <dl class="rows">
        <Row name={parcelTexts.builder}>
          {build.mine ? landTexts.you : <Copyable value={build.neuron} what={parcelTexts.builderAddress} />}
        </Row>
        <Row name={parcelTexts.when}>{formatAgo(build.time, now)}</Row>
        <Row name={parcelTexts.model}>
          <ModelSize root={build.root} />
          {' · '}
          <Copyable value={build.root} what={texts.result.cid} />
        </Row>
        <Words root={build.root} />
      </dl>
      {failure === undefined ? null : (
        <>
          <p>{parcelTexts.notShown}</p>
          <FailureNote failure={failure} />
        </>
      )}
    </>
  )
}

function Actions({
  parcel,
  build,
}: {
  readonly parcel: number
  readonly build: ParcelBuild | undefined
}): JSX.Element {
  const session = useSession()
  const cell = tryCellOf(parcel)
  const copyLink = async (): Promise<void> => {
    if (cell === undefined) return
    if (await copyText(session, session.navigation.linkTo(cell))) {
      session.toasts.show('done', parcelTexts.linkCopied)
    }
  }
  return (
    <div class="buttons">
      <Button kind="primary" icon="here" onClick={() => cell !== undefined && session.goTo(cell)}>
        {texts.common.goThere}
      </Button>
      <Button icon="link" onClick={() => void copyLink()}>
        {parcelTexts.copyLink}
      </Button>
      <Button
        icon="build"
        onClick={() => {
          session.build.moveTo(parcel)
          session.open('build')
        }}
      >
        {build === undefined ? parcelTexts.buildHere : parcelTexts.replace}
      </Button>
    </div>
  )
}

/** What stands on a plot, who built it and when, and what one can do with it. */
export function ParcelCard({ parcel }: { readonly parcel: number }): JSX.Element | null {
  const session = useSession()
  const cell = tryCellOf(parcel)
  if (cell === undefined) return null
  const { builds, tokens, places = BIRTH_PLACES } = session.state.land.value
  const build = builds.get(parcel)
  const serial = places.parcelOn(cell)
  const hasChain = session.state.purse.value.chain !== undefined
  const hasToken = tokens?.some((token) => token.parcel === parcel) === true
  const none = hasToken ? parcelTexts.token : hasChain ? parcelTexts.empty : parcelTexts.free
  const state = build === undefined ? none : build.mine ? parcelTexts.mine : parcelTexts.built
  return (
    <Panel
      place="card"
      title={parcelTexts.title(formatCell(cell))}
      subtitle={serial === undefined ? state : `${state} · ${parcelTexts.serial(parcelIdOf(serial))}`}
      takesFocus={false}
      onClose={session.closeCard}
    >
      {build !== undefined ? <Built build={build} /> : hasChain ? null : <p>{parcelTexts.freeHow}</p>}
      <ParcelDistrict cell={cell} />
      {hasChain ? <ParcelOwnership cell={cell} /> : null}
      {hasChain ? <ParcelPortal key={parcel} cell={cell} /> : null}
      {hasChain ? <ParcelHistorySection key={parcel} cell={cell} /> : null}
      <Actions parcel={parcel} build={build} />
      {build?.mine ? <TakeDown key={parcel} build={build} /> : null}
    </Panel>
  )
}
