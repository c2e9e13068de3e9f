import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { ParcelFacts } from '#api/chain-types.ts'
import type { Failure, ParcelBuild } from '#api/types.ts'
import type { BuildStep, Draft } from '../build-store.ts'
import { buildTexts } from '../build-texts.ts'
import { Button } from '../components/button.tsx'
import { CellFields, type TypedCell } from '../components/cell-fields.tsx'
import { useChainRead } from '../components/chain-read.ts'
import { Icon } from '../components/icon.tsx'
import { HeldModels } from '../components/model-tokens.tsx'
import { MoneyFailure } from '../components/money-failure.tsx'
import { Panel, Row, Section } from '../components/panel.tsx'
import { Bar, usePatience, Waiting } from '../components/waiting.tsx'
import { failureOf } from '../failure.ts'
import { formatBytes, formatCell, formatCount, shortenQuery } from '../format.ts'
import { landTexts } from '../land-texts.ts'
import { readCell, tryCellOf } from '../parcels.ts'
import { extentOf } from '../placement.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'
import { PlacementControls } from './placement-controls.tsx'

function ChooseFile({ again }: { readonly again: boolean }): JSX.Element {
  const { build } = useSession()
  const input = useRef<HTMLInputElement>(null)
  return (
    <div class="drop-target">
      <Icon name="model" size={32} />
      <input
        ref={input}
        type="file"
        accept=".glb,model/gltf-binary"
        class="visually-hidden"
        tabIndex={-1}
        aria-hidden="true"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0]
          event.currentTarget.value = ''
          if (file !== undefined) void build.take(file)
        }}
      />
      <Button kind="primary" icon="upload" onClick={() => input.current?.click()}>
        {again ? buildTexts.another : buildTexts.choose}
      </Button>
      <p>{buildTexts.drop}</p>
      <p class="caption">{texts.dropToBuildHow}</p>
    </div>
  )
}

function Report({ draft }: { readonly draft: Draft }): JSX.Element {
  const { build } = useSession()
  const { triangles, bytes, bounds } = draft.checked.report
  const { x, y, z } = extentOf(bounds, build.placement.value.scale)
  const metres = (value: number): string => value.toFixed(value < 10 ? 1 : 0)
  return (
    <dl class="rows">
      <Row name={buildTexts.reportSize}>{formatBytes(bytes)}</Row>
      <Row name={buildTexts.reportTriangles}>{formatCount(triangles)}</Row>
      <Row name={buildTexts.reportExtent}>{`${metres(x)} × ${metres(z)} × ${metres(y)} m`}</Row>
    </dl>
  )
}

/**
 * Whose the plot is, or what stands on it already, in a sentence; `facts` are of the chain, undefined while it says
 * nothing.
 */
export function plotLine(
  parcel: number | undefined,
  standing: ParcelBuild | undefined,
  facts?: Pick<ParcelFacts, 'owner' | 'mayBuild'>,
): string | undefined {
  if (parcel === undefined) return buildTexts.plotNone
  if (facts?.mayBuild === false)
    return facts.owner === undefined ? buildTexts.plotUnowned : buildTexts.plotForeign
  if (standing === undefined) return undefined
  return standing.mine ? buildTexts.plotMine : buildTexts.plotTaken
}

/** Where the chain says nothing, publishing finds out. */
export function isBuildable(parcel: number | undefined, facts?: Pick<ParcelFacts, 'mayBuild'>): boolean {
  return parcel !== undefined && facts?.mayBuild !== false
}

/** What the chain says of the plot of the draft; undefined while it says nothing, or without one. */
function usePlotFacts(): ParcelFacts | undefined {
  const { build, state } = useSession()
  const cell = tryCellOf(build.parcel.value)
  const hasChain = state.purse.value.chain !== undefined
  const [read] = useChainRead(
    async ({ land }) => (cell === undefined || !hasChain ? undefined : land.show(cell.x, cell.y)),
    { key: `${hasChain} ${cell?.x},${cell?.y}`, blockOf: (facts) => facts?.proof.block },
  )
  return read.kind === 'read' ? read.value : undefined
}

function Plot({ facts }: { readonly facts: ParcelFacts | undefined }): JSX.Element {
  const { build, state } = useSession()
  const parcel = build.parcel.value
  const known = tryCellOf(parcel)
  // what names no plot yet stays as it was typed
  const [typed, setTyped] = useState<TypedCell>()
  const shown = typed ?? { x: String(known?.x ?? ''), y: String(known?.y ?? '') }
  const change = (next: TypedCell): void => {
    const cell = readCell(next, state.land.value)
    build.moveToCell(typeof cell === 'string' ? undefined : cell)
    setTyped(build.parcel.peek() === undefined ? next : undefined)
  }
  const read = typed === undefined ? undefined : readCell(typed, state.land.value)
  const line =
    typeof read === 'string'
      ? landTexts.cellMistakes[read]
      : plotLine(parcel, parcel === undefined ? undefined : state.land.value.builds.get(parcel), facts)
  return (
    <Section title={buildTexts.plot}>
      <div class="inline">
        <CellFields typed={shown} onType={change} />
      </div>
      <Button
        kind="quiet"
        icon="here"
        onClick={() => {
          setTyped(undefined)
          build.moveToFree()
        }}
      >
        {buildTexts.plotNear}
      </Button>
      {line === undefined ? null : <p class="notice">{line}</p>}
    </Section>
  )
}

function Ready({
  draft,
  failure,
}: {
  readonly draft: Draft
  readonly failure: Failure | undefined
}): JSX.Element {
  const { build } = useSession()
  const misfit = build.misfit.value
  const facts = usePlotFacts()
  const canBuild = isBuildable(build.parcel.value, facts)
  return (
    <>
      <p class="file-name">
        <Icon name="model" size={18} />
        <span>{draft.name}</span>
        <Button kind="quiet" onClick={build.discard}>
          {buildTexts.remove}
        </Button>
      </p>
      <Report draft={draft} />
      <Plot facts={facts} />
      <PlacementControls />
      {misfit === undefined ? null : <MoneyFailure failure={misfit} />}
      {failure === undefined ? null : <MoneyFailure failure={failure} onRetry={() => void build.publish()} />}
      <div class="sticky">
        <Button
          kind="primary"
          icon="upload"
          disabled={!canBuild || misfit !== undefined}
          onClick={() => void build.publish()}
        >
          {buildTexts.publish}
        </Button>
        <p class="caption">
          {`${buildTexts.preview} ${buildTexts.publishCost(formatBytes(draft.checked.report.bytes))}`}
        </p>
      </div>
    </>
  )
}

function Publishing({ step }: { readonly step: Extract<BuildStep, { kind: 'publishing' }> }): JSX.Element {
  const patience = usePatience(true)
  const { bytes, total = step.draft.model.length } = step.progress
  const stored = bytes >= total
  const what = stored ? buildTexts.announcing : buildTexts.storing(formatBytes(bytes), formatBytes(total))
  return (
    <div class="waiting" role="status">
      <p>{what}</p>
      <Bar value={total === 0 ? 1 : bytes / total} label={buildTexts.publish} />
      {patience === 'slow' ? <p class="caption">{buildTexts.publishSlow}</p> : null}
    </div>
  )
}

function WordForm({ root }: { readonly root: string }): JSX.Element {
  const session = useSession()
  const [word, setWord] = useState('')
  const [linking, setLinking] = useState(false)
  const [linked, setLinked] = useState<string>()
  const [failure, setFailure] = useState<Failure>()
  const link = async (): Promise<void> => {
    const text = word.trim()
    if (text === '' || linking) return
    setLinking(true)
    setFailure(undefined)
    try {
      await (await session.tabland).link(text, root)
      setLinked(text)
      setWord('')
    } catch (error) {
      setFailure(failureOf(error))
    } finally {
      setLinking(false)
    }
  }
  return (
    <Section title={buildTexts.wordTitle}>
      <p>{buildTexts.wordHow}</p>
      <form
        class="inline"
        onSubmit={(event) => {
          event.preventDefault()
          void link()
        }}
      >
        <input
          type="text"
          class="field"
          maxLength={256}
          aria-label={buildTexts.word}
          placeholder={buildTexts.wordPlaceholder}
          value={word}
          disabled={linking}
          onInput={(event) => setWord(event.currentTarget.value)}
        />
        <Button type="submit" kind="primary" icon="link" disabled={linking || word.trim() === ''}>
          {texts.search.link}
        </Button>
      </form>
      {linking ? <Waiting what={texts.search.linking} slow={texts.search.linkSlow} /> : null}
      {failure === undefined ? null : <MoneyFailure failure={failure} onRetry={() => void link()} />}
      {linked === undefined ? null : (
        <p class="done" role="status">
          <Icon name="check" size={16} />
          <span>{buildTexts.wordLinked(shortenQuery(linked))}</span>
          <Button kind="quiet" onClick={() => session.runSearch(linked)}>
            {texts.rail.search}
          </Button>
        </p>
      )}
    </Section>
  )
}

/** Does a build stand yet, now that others may have built there? */
export function standingLine(build: ParcelBuild, standing: ParcelBuild | undefined): string | undefined {
  const cell = formatCell(build.cell)
  if (standing === undefined) return buildTexts.takenDown(cell)
  const isOther = standing.root !== build.root || standing.neuron !== build.neuron
  return isOther && standing.time >= build.time ? buildTexts.replaced(cell) : undefined
}

function Published({ build }: { readonly build: ParcelBuild }): JSX.Element {
  const session = useSession()
  const gone = standingLine(build, session.state.land.value.builds.get(build.parcel))
  return (
    <>
      {gone === undefined ? (
        <p class="done" role="status">
          <Icon name="verified" size={18} />
          <span>{buildTexts.published(formatCell(build.cell))}</span>
        </p>
      ) : (
        <p class="notice" role="status">
          {gone}
        </p>
      )}
      <p class="caption">{buildTexts.publishedHow}</p>
      <div class="buttons">
        <Button icon="here" onClick={() => session.goTo(build.cell)}>
          {buildTexts.visit}
        </Button>
        <Button icon="plus" onClick={session.build.discard}>
          {buildTexts.again}
        </Button>
      </div>
      <WordForm root={build.root} />
    </>
  )
}

function Body({ step }: { readonly step: BuildStep }): JSX.Element {
  switch (step.kind) {
    case 'empty':
      return <ChooseFile again={false} />
    case 'checking':
      return <Waiting what={buildTexts.checking(step.name)} slow={buildTexts.checkingSlow} />
    case 'refused':
      return (
        <>
          <p class="file-name">
            <Icon name="file" size={18} />
            <span>{step.name}</span>
          </p>
          <MoneyFailure failure={step.failure} />
          <ChooseFile again />
        </>
      )
    case 'ready':
      return <Ready draft={step.draft} failure={step.failure} />
    case 'publishing':
      return <Publishing step={step} />
    case 'published':
      return <Published build={step.build} />
  }
}

/** From a .glb file to a model on the land: choose, see, place, publish, name. */
export function BuildPanel(): JSX.Element {
  const session = useSession()
  const step = session.build.step.value
  return (
    <Panel place="panel" title={buildTexts.title} onClose={session.closePanel}>
      <Body step={step} />
      {step.kind === 'published' ? null : (
        <p class="caption">
          {session.state.purse.value.chain === undefined ? buildTexts.rule : buildTexts.ruleOwned}
        </p>
      )}
      {step.kind === 'empty' || step.kind === 'published' ? <HeldModels /> : null}
    </Panel>
  )
}
