import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { OfferFacts, PlanetFacts, PortalFacts } from '#api/access-types.ts'
import type { Failure } from '#api/types.ts'
import type { WriteIntent } from '#api/wallet-types.ts'
import type { Cell } from '#core/land.ts'
import { Button } from '../components/button.tsx'
import { CellFields, type TypedCell } from '../components/cell-fields.tsx'
import { useChainRead } from '../components/chain-read.ts'
import { MoneyFailure } from '../components/money-failure.tsx'
import { Row, Section } from '../components/panel.tsx'
import { PriceForm } from '../components/price-form.tsx'
import { failureOf } from '../failure.ts'
import { landTexts } from '../land-texts.ts'
import { readCell } from '../parcels.ts'
import { portalTexts } from '../portal-texts.ts'
import { useSession } from '../session.ts'
import { startWrite } from '../start-write.ts'
import { formatTerms, formatUntil } from '../terms.ts'

type Write = (intent: WriteIntent) => Promise<void>

function useWrite(): readonly [Failure | undefined, Write] {
  const session = useSession()
  const [failure, setFailure] = useState<Failure>()
  const write = async (intent: WriteIntent): Promise<void> => {
    setFailure(undefined)
    setFailure(await startWrite(session, intent))
  }
  return [failure, write]
}

function letInLine({ entry, paidUntil }: OfferFacts): string | undefined {
  if (entry === 'owner') return portalTexts.yours
  return entry === 'paid' && paidUntil !== undefined
    ? `${portalTexts.letIn} ${formatUntil(paidUntil)}.`
    : undefined
}

function Enter({ planet, cell }: { readonly planet: PlanetFacts; readonly cell: Cell }): JSX.Element {
  const session = useSession()
  const { priceWei, durationMs, entry } = planet.offer
  const terms = formatTerms(priceWei, durationMs / 1_000)
  const line = letInLine(planet.offer)
  return (
    <>
      {line === undefined ? null : <p class="caption">{line}</p>}
      <Button kind="primary" icon="here" onClick={() => session.enter(cell)}>
        {entry === 'unpaid' ? portalTexts.enterFor(terms) : portalTexts.enter}
      </Button>
    </>
  )
}

/** Asks for another plot's planet. */
function ConnectForm({ parcel, write }: { readonly parcel: number; readonly write: Write }): JSX.Element {
  const session = useSession()
  const [typed, setTyped] = useState<TypedCell>({ x: '', y: '' })
  const [trouble, setTrouble] = useState<Failure | string>()
  const connect = async (): Promise<void> => {
    const cell = readCell(typed)
    setTrouble(typeof cell === 'string' ? landTexts.cellMistakes[cell] : undefined)
    if (typeof cell === 'string') return
    try {
      const other = await (await session.tabland).land.portal(cell.x, cell.y)
      if (other === undefined) setTrouble(portalTexts.noPlot)
      else if (!other.hasPlanet) setTrouble(portalTexts.noPlanet)
      else await write({ kind: 'want-portal', parcel, planet: other.parcel })
    } catch (error) {
      setTrouble(failureOf(error))
    }
  }
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void connect()
      }}
    >
      <span>{portalTexts.connect}</span>
      <div class="inline">
        <CellFields typed={typed} onType={setTyped} />
        <Button type="submit">{portalTexts.enterConnect}</Button>
      </div>
      {trouble === undefined ? null : typeof trouble === 'string' ? (
        <p class="notice" role="alert">
          {trouble}
        </p>
      ) : (
        <MoneyFailure failure={trouble} />
      )}
      <p class="caption">{portalTexts.connectHow}</p>
    </form>
  )
}

/** What the plot's owner does about its planet and its portal. */
function Manage({ facts, write }: { readonly facts: PortalFacts; readonly write: Write }): JSX.Element {
  const [open, setOpen] = useState(false)
  const { parcel, hasPlanet, wanted, leadsTo } = facts
  if (!open) {
    return (
      <Button kind="quiet" onClick={() => setOpen(true)}>
        {portalTexts.manage}
      </Button>
    )
  }
  return (
    <div class="stack">
      {hasPlanet ? null : (
        <Button onClick={() => void write({ kind: 'create-planet', parcel })}>
          {portalTexts.makePlanet}
        </Button>
      )}
      {leadsTo?.id === parcel ? (
        <PriceForm
          key={`${leadsTo.offer.priceWei} ${leadsTo.offer.durationMs}`}
          offer={leadsTo.offer}
          action={portalTexts.setPrice}
          onSet={(terms) => void write({ kind: 'set-offer', thing: 'planet', id: parcel, ...terms })}
        />
      ) : null}
      {wanted === undefined ? null : (
        <Button onClick={() => void write({ kind: 'want-portal', parcel, planet: 0 })}>
          {portalTexts.disconnect}
        </Button>
      )}
      <ConnectForm parcel={parcel} write={write} />
      <Button kind="quiet" onClick={() => setOpen(false)}>
        {portalTexts.hide}
      </Button>
    </div>
  )
}

/** The owner of the planet that a plot wants to lead to agrees, or no more. */
function Consent({
  facts,
  write,
}: {
  readonly facts: PortalFacts
  readonly write: Write
}): JSX.Element | null {
  const { parcel, wanted } = facts
  if (wanted === undefined) return null
  if (!wanted.mine) return wanted.agreed ? null : <p class="caption">{portalTexts.asks(wanted.planet)}</p>
  const agrees = !wanted.agreed
  const intent = { kind: 'agree-portal', planet: wanted.planet, parcel, agrees } as const
  return (
    <div class="stack">
      <p>{agrees ? portalTexts.asksYou : portalTexts.agreed}</p>
      <Button onClick={() => void write(intent)}>{agrees ? portalTexts.agree : portalTexts.disagree}</Button>
    </div>
  )
}

/** Where a plot leads, what entering takes, and what its owner and the planet's can do about it ([CH5], [CH7]). */
export function ParcelPortal({ cell }: { readonly cell: Cell }): JSX.Element | null {
  const [read] = useChainRead(({ land }) => land.portal(cell.x, cell.y), {
    key: `${cell.x},${cell.y}`,
    blockOf: (found) => found?.proof.block,
  })
  const [failure, write] = useWrite()
  // the card says above why the chain tells nothing
  const facts = read.kind === 'read' ? read.value : undefined
  if (facts === undefined) return null
  const { leadsTo, parcel, mine, wanted } = facts
  if (leadsTo === undefined && !mine && wanted === undefined) return null
  return (
    <Section title={portalTexts.title}>
      {leadsTo === undefined ? null : (
        <>
          <dl class="rows">
            <Row name={portalTexts.leadsTo}>
              {leadsTo.id === parcel ? portalTexts.ownPlanet : portalTexts.planetOf(leadsTo.id)}
            </Row>
            <Row name={portalTexts.entrance}>
              {formatTerms(leadsTo.offer.priceWei, leadsTo.offer.durationMs / 1_000)}
            </Row>
          </dl>
          <Enter planet={leadsTo} cell={cell} />
        </>
      )}
      <Consent facts={facts} write={write} />
      {mine ? <Manage facts={facts} write={write} /> : null}
      {failure === undefined ? null : <MoneyFailure failure={failure} />}
    </Section>
  )
}
