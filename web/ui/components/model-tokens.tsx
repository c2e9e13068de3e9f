import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { ModelFacts, ParcelFacts } from '#api/chain-types.ts'
import type { Failure, ModelPlacement, ParcelBuild } from '#api/types.ts'
import type { WriteIntent } from '#api/wallet-types.ts'
import { parcelIdOf } from '#core/land-rule.ts'
import { BIRTH_PLACES, plotAt } from '#core/plots.ts'
import { shorten } from '../format.ts'
import { modelTexts } from '../model-texts.ts'
import { readCell, tryCellOf } from '../parcels.ts'
import { type Session, useSession } from '../session.ts'
import { startWrite } from '../start-write.ts'
import { AddressForm } from './address-form.tsx'
import { Button } from './button.tsx'
import { CellFields, type TypedCell } from './cell-fields.tsx'
import { type ChainRead, useChainRead } from './chain-read.ts'
import { Copyable } from './copy.tsx'
import { FailureNote } from './failure-note.tsx'
import { Icon } from './icon.tsx'
import { MoneyFailure } from './money-failure.tsx'
import { Section } from './panel.tsx'
import { Unlock } from './unlock.tsx'
import { Waiting } from './waiting.tsx'

type Write = (intent: WriteIntent) => void

/** Each is proved by itself, and others seldom mint or place. */
const REFRESH_MS = 30_000

/** Model tokens on a parcel (its id), or those of the wallet in use. */
function useModels(parcel?: number): readonly [ChainRead<readonly ModelFacts[]>, () => void] {
  return useChainRead(({ wallet }) => wallet.models(parcel === undefined ? undefined : [parcel]), {
    key: String(parcel),
    refreshMs: REFRESH_MS,
    blockOf: ([model]) => model?.proof.block,
  })
}

/** Runs a write, and keeps what kept it from being asked. */
function useWrite(): readonly [Failure | undefined, Write] {
  const session = useSession()
  const [failure, setFailure] = useState<Failure>()
  const write: Write = (intent) => {
    setFailure(undefined)
    void startWrite(session, intent).then(setFailure)
  }
  return [failure, write]
}

function placeLine({ place }: ModelFacts): string {
  if (place === undefined) return modelTexts.nowhere
  return place.on === 'parcel' ? modelTexts.onPlot(place.parcel) : modelTexts.onPlanet(place.parcel)
}

/** What a token shows, in the files panel: there it opens for whoever may see it. */
function openObject({ open, files }: Session, object: string | undefined): void {
  if (object === undefined) return
  open('files')
  void files.open(object)
}

/** What a token is and whose, by the chain. */
function TokenFacts({ model }: { readonly model: ModelFacts }): JSX.Element {
  const session = useSession()
  const { id, mine, holder, royalty, root, isRestricted } = model
  const failure = session.world.view.value?.tokenFailures.value.get(id)
  return (
    <>
      <p class="file-name">
        <Icon name="model" size={16} />
        <span>{modelTexts.name(id)}</span>
      </p>
      <p class="caption">
        {`${placeLine(model)} · ${modelTexts.held(mine ? modelTexts.you : shorten(holder))} · ${modelTexts.royalty(royalty)}`}
      </p>
      {root === undefined ? (
        <p class="caption">{modelTexts.noFile}</p>
      ) : (
        <p class="caption">
          <Copyable value={root} what={modelTexts.file} />
        </p>
      )}
      {failure === undefined ? null : (
        <>
          <p>{modelTexts.notShown}</p>
          <FailureNote failure={failure} />
        </>
      )}
      {isRestricted ? <p class="caption">{modelTexts.restricted}</p> : null}
      {isRestricted && !mine && model.object !== undefined ? (
        <Unlock
          object={model.object}
          author={model.author}
          onOpen={() => openObject(session, model.object)}
        />
      ) : null}
      {mine && !model.isAccepted ? <p class="notice">{modelTexts.gift}</p> : null}
    </>
  )
}

interface TokenProps {
  readonly model: ModelFacts
  readonly write: Write
}

function OwnToken({ model, write }: TokenProps): JSX.Element {
  const [open, setOpen] = useState<'place' | 'give'>()
  const { id, holder, place, isAccepted } = model
  if (open === 'place') return <PlaceForm model={model} write={write} onClose={() => setOpen(undefined)} />
  if (open === 'give') {
    return (
      <div class="stack">
        <AddressForm
          label={modelTexts.heir}
          action={modelTexts.give}
          onGive={(to) => write({ kind: 'give-model', model: id, from: holder, to })}
        />
        <Button kind="quiet" onClick={() => setOpen(undefined)}>
          {modelTexts.cancel}
        </Button>
      </div>
    )
  }
  return (
    <div class="buttons">
      {isAccepted ? null : (
        <Button icon="check" onClick={() => write({ kind: 'accept-model', model: id })}>
          {modelTexts.accept}
        </Button>
      )}
      <Button icon="here" onClick={() => setOpen('place')}>
        {modelTexts.place}
      </Button>
      {place === undefined ? null : (
        <Button icon="remove" onClick={() => write({ kind: 'take-model', model: id })}>
          {modelTexts.take}
        </Button>
      )}
      <Button kind="quiet" onClick={() => setOpen('give')}>
        {modelTexts.give}
      </Button>
    </div>
  )
}

const STANDING: ModelPlacement = { x: 0, y: 0, z: 0, yawDegrees: 0, scale: 1 }
const FIELDS = ['x', 'z', 'y', 'yawDegrees', 'scale'] as const

function PlaceForm({ model, write, onClose }: TokenProps & { readonly onClose: () => void }): JSX.Element {
  const session = useSession()
  const { build, state } = session
  const { builds, places = BIRTH_PLACES } = state.land.value
  const start = tryCellOf(build.parcel.value ?? session.selected.value)
  const [typed, setTyped] = useState<TypedCell>({ x: String(start?.x ?? ''), y: String(start?.y ?? '') })
  const [on, setOn] = useState<'parcel' | 'planet'>('parcel')
  const [placement, setPlacement] = useState<ModelPlacement>(() => {
    const standing = [...builds.values()].find(({ root, mine }) => mine && root === model.root)
    return model.place?.placement ?? standing?.placement ?? STANDING
  })
  const cell = readCell(typed)
  const serial = typeof cell === 'string' ? undefined : places.parcelOn(cell)
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault()
        if (serial === undefined) return
        write({ kind: 'place-model', model: model.id, on, parcel: parcelIdOf(serial), placement })
      }}
    >
      <div class="inline">
        <CellFields typed={typed} onType={setTyped} />
      </div>
      <div class="inline">
        <label class="labelled">
          <span class="caption">{modelTexts.ground}</span>
          <select
            class="field"
            value={on}
            onChange={(event) => setOn(event.currentTarget.value === 'planet' ? 'planet' : 'parcel')}
          >
            <option value="parcel">{modelTexts.grounds.parcel}</option>
            <option value="planet">{modelTexts.grounds.planet}</option>
          </select>
        </label>
      </div>
      <PlacementFields placement={placement} onChange={setPlacement} />
      {typeof cell !== 'string' && serial === undefined ? <p class="notice">{modelTexts.noPlot}</p> : null}
      <div class="buttons">
        <Button type="submit" kind="primary" disabled={serial === undefined}>
          {modelTexts.placeDo}
        </Button>
        <Button kind="quiet" onClick={onClose}>
          {modelTexts.cancel}
        </Button>
      </div>
    </form>
  )
}

function PlacementFields({
  placement,
  onChange,
}: {
  readonly placement: ModelPlacement
  readonly onChange: (placement: ModelPlacement) => void
}): JSX.Element {
  return (
    <div class="inline token-fields">
      {FIELDS.map((field) => {
        // north is the model's −z
        const sign = field === 'z' ? -1 : 1
        return (
          <label key={field} class="labelled">
            <span class="caption">{modelTexts.fields[field]}</span>
            <input
              class="field"
              type="number"
              step="any"
              value={sign * placement[field] + 0}
              onChange={(event) => {
                const value = event.currentTarget.valueAsNumber
                if (Number.isFinite(value)) onChange({ ...placement, [field]: sign * value + 0 })
              }}
            />
          </label>
        )
      })}
    </div>
  )
}

/** A token for what one built: its maker gets a share of later sales. */
function MintForm({ build, write }: { readonly build: ParcelBuild; readonly write: Write }): JSX.Element {
  const [percent, setPercent] = useState('5')
  const royalty = Math.round(Number(percent) * 100)
  const isPercent = percent.trim() !== '' && royalty >= 0 && royalty <= 2_500
  const { root, object } = build
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault()
        write({ kind: 'mint-model', root, royalty, ...(object === undefined ? {} : { object }) })
      }}
    >
      <p class="caption">{modelTexts.mintHow}</p>
      <div class="inline inline-end">
        <label class="labelled">
          <span class="caption">{modelTexts.royaltyField}</span>
          <input
            type="number"
            class="field"
            min={0}
            max={25}
            step="any"
            value={percent}
            onInput={(event) => setPercent(event.currentTarget.value)}
          />
        </label>
        <Button type="submit" icon="plus" disabled={!isPercent}>
          {modelTexts.mint}
        </Button>
      </div>
      {isPercent ? null : <p class="caption">{modelTexts.royaltyWrong}</p>}
    </form>
  )
}

/** Mints the token of what one built, or puts it where that stands. */
function TokenOfBuild({
  build,
  facts,
  write,
}: {
  readonly build: ParcelBuild
  readonly facts: ParcelFacts
  readonly write: Write
}): JSX.Element | null {
  const [held] = useModels()
  if (held.kind !== 'read') return null
  const own = held.value.filter(({ root }) => root === build.root)
  if (own.length === 0) return <MintForm build={build} write={write} />
  const isHere = own.some(({ place }) => place?.parcel === facts.id)
  const free = own.find(({ place }) => place === undefined)
  if (isHere || free === undefined) return null
  const { placement } = build
  return (
    <Button
      icon="here"
      onClick={() =>
        write({ kind: 'place-model', model: free.id, on: 'parcel', parcel: facts.id, placement })
      }
    >
      {modelTexts.placeHere}
    </Button>
  )
}

/** The model tokens that stand on a plot, and what its builder can do about them. Nothing where there are none. */
export function PlotModels({ facts }: { readonly facts: ParcelFacts }): JSX.Element | null {
  const session = useSession()
  const [read] = useModels(facts.id)
  const [failure, write] = useWrite()
  const plot = facts.cell === undefined ? undefined : plotAt(facts.cell)
  const build = plot === undefined ? undefined : session.state.land.value.builds.get(plot)
  const models = read.kind === 'read' ? read.value : []
  const isMine = build?.mine === true && facts.mayBuild
  if (models.length === 0 && !isMine) return null
  return (
    <Section title={modelTexts.title}>
      <TokenList models={models} write={write} />
      {build !== undefined && isMine ? (
        <TokenOfBuild key={build.root} build={build} facts={facts} write={write} />
      ) : null}
      {failure === undefined ? null : <MoneyFailure failure={failure} />}
    </Section>
  )
}

function TokenList({
  models,
  write,
}: {
  readonly models: readonly ModelFacts[]
  readonly write: Write
}): JSX.Element | null {
  if (models.length === 0) return null
  return (
    <ul class="tokens">
      {models.map((model) => (
        <li key={model.id} class="token">
          <TokenFacts model={model} />
          {model.mine ? <OwnToken model={model} write={write} /> : null}
        </li>
      ))}
    </ul>
  )
}

/** The model tokens of the wallet in use: to place, accept, take away and hand on. Nothing where no chain is configured. */
export function HeldModels(): JSX.Element | null {
  const session = useSession()
  const [read, again] = useModels()
  const [failure, write] = useWrite()
  // whoever has no wallet yet holds nothing
  if (session.state.purse.value.chain === undefined || session.state.wallet.value === undefined) return null
  return (
    <Section title={modelTexts.heldTitle}>
      {read.kind === 'reading' ? (
        <Waiting what={modelTexts.reading} slow={modelTexts.readingSlow} />
      ) : read.kind === 'failed' ? (
        <MoneyFailure failure={read.failure} onRetry={again} />
      ) : read.value.length === 0 ? (
        <p class="caption">{modelTexts.heldHow}</p>
      ) : (
        <TokenList models={read.value} write={write} />
      )}
      {failure === undefined ? null : <MoneyFailure failure={failure} />}
    </Section>
  )
}
