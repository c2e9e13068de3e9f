import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { ParcelFacts } from '#api/chain-types.ts'
import type { Failure } from '#api/types.ts'
import type { WriteIntent } from '#api/wallet-types.ts'
import type { Cell } from '#core/land.ts'
import { formatCybr, parseAmount } from '#core/money.ts'
import { AddressForm } from '../components/address-form.tsx'
import { Button } from '../components/button.tsx'
import { CellFields, type TypedCell } from '../components/cell-fields.tsx'
import { useChainRead } from '../components/chain-read.ts'
import { Copyable } from '../components/copy.tsx'
import { Icon } from '../components/icon.tsx'
import { PlotModels } from '../components/model-tokens.tsx'
import { MoneyFailure } from '../components/money-failure.tsx'
import { useNow } from '../components/now.ts'
import { Row, Section } from '../components/panel.tsx'
import { Waiting } from '../components/waiting.tsx'
import { failureOf } from '../failure.ts'
import { landTexts } from '../land-texts.ts'
import { ownershipTexts } from '../ownership-texts.ts'
import { readCell } from '../parcels.ts'
import { useSession } from '../session.ts'
import { startWrite } from '../start-write.ts'
import { ClaimForm } from './claim-form.tsx'
import { KeptParcel } from './kept-parcel.tsx'

function Proof({ facts }: { readonly facts: ParcelFacts }): JSX.Element {
  const { block, agreeing, sources } = facts.proof
  return (
    <p class="verified-at">
      <Icon name="verified" size={16} />
      <span title={ownershipTexts.verifiedHow}>{ownershipTexts.verifiedAt(block)}</span>
      <span class="caption">{ownershipTexts.sources(agreeing, sources)}</span>
    </p>
  )
}

function Rows({ facts }: { readonly facts: ParcelFacts }): JSX.Element {
  const now = useNow()
  const { owner, mine, share, state, aliveUntil, isSilent, warnings, auction, leastBidWei } = facts
  return (
    <dl class="rows">
      <Row name={ownershipTexts.owner}>
        {mine ? (
          landTexts.you
        ) : owner === undefined ? (
          ownershipTexts.nobody
        ) : (
          <Copyable value={owner} what={ownershipTexts.ownerAddress} />
        )}
      </Row>
      <Row name={ownershipTexts.share}>{ownershipTexts.shares[share]}</Row>
      {state === 'inactive' ? <Row name={ownershipTexts.state}>{ownershipTexts.inactive}</Row> : null}
      {state === 'active' && aliveUntil > 0 ? (
        <Row name={ownershipTexts.life}>
          {isSilent ? ownershipTexts.silent : ownershipTexts.aliveUntil(aliveUntil)}
        </Row>
      ) : null}
      {warnings === 0 ? null : <Row name={ownershipTexts.warnings}>{String(warnings)}</Row>}
      {auction === undefined ? null : (
        <Row name={ownershipTexts.highest}>
          {`${formatCybr(auction.bidWei)} CYBR · `}
          {auction.mine ? landTexts.you : <Copyable value={auction.bidder} what={ownershipTexts.bidder} />}
          {` · ${auction.isOver ? ownershipTexts.over : ownershipTexts.endsIn(auction.endsAt, now)}`}
        </Row>
      )}
      {leastBidWei === undefined || auction?.isOver ? null : (
        <Row name={ownershipTexts.least}>{`${formatCybr(leastBidWei)} CYBR`}</Row>
      )}
    </dl>
  )
}

/** Runs a write, and keeps what kept it from being asked. */
function useWrite(): readonly [Failure | undefined, (intent: WriteIntent) => Promise<void>] {
  const session = useSession()
  const [failure, setFailure] = useState<Failure>()
  const write = async (intent: WriteIntent): Promise<void> => {
    setFailure(undefined)
    setFailure(await startWrite(session, intent))
  }
  return [failure, write]
}

type Write = (intent: WriteIntent) => Promise<void>

function BidForm({ facts, write }: { readonly facts: ParcelFacts; readonly write: Write }): JSX.Element {
  const [amount, setAmount] = useState(formatCybr(facts.leastBidWei ?? 0n, 18).replaceAll(',', ''))
  const [failure, setFailure] = useState<Failure>()
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault()
        try {
          setFailure(undefined)
          void write({ kind: 'bid', parcel: facts.id, amountWei: parseAmount(amount) })
        } catch (error) {
          setFailure(failureOf(error))
        }
      }}
    >
      <div class="inline">
        <input
          type="text"
          class="field"
          inputMode="decimal"
          aria-label={ownershipTexts.bidAmount}
          value={amount}
          onInput={(event) => setAmount(event.currentTarget.value)}
        />
        <Button type="submit" kind="primary">
          {facts.auction === undefined ? ownershipTexts.bidFirst : ownershipTexts.bid}
        </Button>
      </div>
      {failure === undefined ? null : <MoneyFailure failure={failure} />}
      <p class="caption">{ownershipTexts.bidHow}</p>
    </form>
  )
}

function Sale({ facts, write }: { readonly facts: ParcelFacts; readonly write: Write }): JSX.Element | null {
  if (facts.state !== 'unminted') return null
  if (facts.share === 'giveaway') return <ClaimForm parcel={facts.id} />
  if (facts.share === 'public') return <p class="caption">{ownershipTexts.publicHow}</p>
  if (facts.auction?.isOver) {
    const { mine } = facts.auction
    return (
      <Button kind="primary" onClick={() => void write({ kind: 'settle-auction', parcel: facts.id, mine })}>
        {mine ? ownershipTexts.collect : ownershipTexts.settle}
      </Button>
    )
  }
  if (facts.leastBidWei === undefined) return <p class="caption">{ownershipTexts.withheld}</p>
  // a new least bid is a new form
  return <BidForm key={String(facts.leastBidWei)} facts={facts} write={write} />
}

function MoveForm({ facts, write }: { readonly facts: ParcelFacts; readonly write: Write }): JSX.Element {
  const [typed, setTyped] = useState<TypedCell>({ x: '', y: '' })
  const cell = readCell(typed)
  return (
    <form
      class="inline"
      onSubmit={(event) => {
        event.preventDefault()
        if (typeof cell !== 'string') void write({ kind: 'move-parcel', parcel: facts.id, ...cell })
      }}
    >
      <CellFields typed={typed} onType={setTyped} />
      <Button type="submit" disabled={typeof cell === 'string'}>
        {ownershipTexts.move}
      </Button>
    </form>
  )
}

function Mine({ facts, write }: { readonly facts: ParcelFacts; readonly write: Write }): JSX.Element {
  const [more, setMore] = useState(false)
  const { id, owner = '' } = facts
  return (
    <div class="stack">
      <div class="buttons">
        <Button icon="check" onClick={() => void write({ kind: 'prove-life' })}>
          {ownershipTexts.proveLife}
        </Button>
        <Button kind="quiet" onClick={() => setMore(!more)}>
          {more ? ownershipTexts.less : ownershipTexts.more}
        </Button>
      </div>
      {more ? (
        <>
          <MoveForm facts={facts} write={write} />
          <AddressForm
            label={ownershipTexts.builder}
            action={ownershipTexts.allow}
            onGive={(builder) => void write({ kind: 'set-builder', parcel: id, builder, allowed: true })}
          />
          <AddressForm
            label={ownershipTexts.heir}
            action={ownershipTexts.give}
            onGive={(to) => void write({ kind: 'give-parcel', parcel: id, from: owner, to })}
          />
        </>
      ) : null}
    </div>
  )
}

function Facts({ facts }: { readonly facts: ParcelFacts }): JSX.Element {
  const [failure, write] = useWrite()
  return (
    <>
      <Rows facts={facts} />
      <Proof facts={facts} />
      <Sale facts={facts} write={write} />
      {facts.mine ? <Mine facts={facts} write={write} /> : null}
      {facts.isSilent && !facts.mine ? (
        <Button onClick={() => void write({ kind: 'free-parcels', parcels: [facts.id] })}>
          {ownershipTexts.free}
        </Button>
      ) : null}
      {failure === undefined ? null : <MoneyFailure failure={failure} />}
      {facts.state === 'active' ? <PlotModels facts={facts} /> : null}
    </>
  )
}

/** Who owns a plot by the chain, proved here, and what one can do about it. Nothing where no chain is configured. */
export function ParcelOwnership({ cell }: { readonly cell: Cell }): JSX.Element | null {
  const session = useSession()
  const [read, again] = useChainRead(({ land }) => land.show(cell.x, cell.y), {
    key: `${cell.x},${cell.y}`,
    blockOf: (facts) => facts?.proof.block,
  })
  if (session.state.purse.value.chain === undefined) return null
  return (
    <Section title={ownershipTexts.title}>
      {read.kind === 'reading' ? (
        <Waiting what={ownershipTexts.reading} slow={ownershipTexts.readingSlow} />
      ) : read.kind === 'failed' ? (
        <>
          <KeptParcel cell={cell} />
          <MoneyFailure failure={read.failure} onRetry={again} />
        </>
      ) : read.value === undefined ? (
        <p class="caption">{ownershipTexts.none}</p>
      ) : (
        <Facts key={read.value.id} facts={read.value} />
      )}
    </Section>
  )
}
