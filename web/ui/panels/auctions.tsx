import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import type { ParcelFacts } from '#api/chain-types.ts'
import { birthCell } from '#core/land-rule.ts'
import { formatCybr } from '#core/money.ts'
import { Button } from '../components/button.tsx'
import { useChainRead } from '../components/chain-read.ts'
import { Icon } from '../components/icon.tsx'
import { MoneyFailure } from '../components/money-failure.tsx'
import { useNow } from '../components/now.ts'
import { Section } from '../components/panel.tsx'
import { useOnSale } from '../components/use-on-sale.ts'
import { Waiting } from '../components/waiting.tsx'
import { formatCell } from '../format.ts'
import { nearestSold } from '../nearest-sold.ts'
import { ownershipTexts } from '../ownership-texts.ts'
import { cellAtPosition } from '../parcels.ts'
import { useSession } from '../session.ts'

function Auction({ facts, now }: { readonly facts: ParcelFacts; readonly now: number }): JSX.Element | null {
  const session = useSession()
  const { auction, id } = facts
  if (auction === undefined) return null
  // what was never minted will lie where it is born
  const cell = birthCell(id)
  const when = auction.isOver ? ownershipTexts.over : ownershipTexts.endsIn(auction.endsAt, now)
  const mine = auction.isOver ? ownershipTexts.won : `${ownershipTexts.leading} · ${when}`
  const standing = auction.mine ? mine : when
  return (
    <li>
      <button type="button" class="list-item" onClick={() => session.goTo(cell)}>
        <Icon name="land" size={18} />
        <span class="list-text">
          <span>{`${formatCell(cell)} · ${formatCybr(auction.bidWei)} CYBR`}</span>
          <span class="caption">{standing}</span>
        </span>
      </button>
    </li>
  )
}

/** The way to what is sold at auction, also for those who do not use the map. */
function NoAuctions(): JSX.Element {
  const session = useSession()
  const { x, y } = cellAtPosition(session.position.value)
  const sold = useOnSale()
  // who walks passes many frames within a cell
  const cell = useMemo(() => nearestSold({ x: x + 0.5, y: y + 0.5 }, sold ?? []), [x, y, sold])
  return (
    <>
      <p class="caption">{ownershipTexts.noAuctions}</p>
      {cell === undefined ? null : (
        <Button kind="quiet" icon="land" onClick={() => session.goTo(cell)}>
          {ownershipTexts.nearestSold(formatCell(cell))}
        </Button>
      )}
    </>
  )
}

function AuctionList(): JSX.Element {
  const now = useNow()
  const [read, again] = useChainRead(({ land }) => land.auctions(), {
    blockOf: (found) => found[0]?.proof.block,
  })
  return (
    <Section title={ownershipTexts.auctions}>
      {read.kind === 'reading' ? (
        <Waiting what={ownershipTexts.reading} slow={ownershipTexts.readingSlow} />
      ) : read.kind === 'failed' ? (
        <MoneyFailure failure={read.failure} onRetry={again} />
      ) : read.value.length === 0 ? (
        <NoAuctions />
      ) : (
        <ul class="list">
          {read.value.map((facts) => (
            <Auction key={facts.id} facts={facts} now={now} />
          ))}
        </ul>
      )}
    </Section>
  )
}

/** Auctions that run, and those that wait to be ended; nothing where no chain is configured. */
export function Auctions(): JSX.Element | null {
  const { purse } = useSession().state
  return purse.value.chain === undefined ? null : <AuctionList />
}
