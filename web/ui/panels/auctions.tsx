import type { JSX } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { ParcelFacts } from '#api/chain-types.ts'
import type { Failure } from '#api/types.ts'
import { birthCell } from '#core/land-rule.ts'
import { formatCybr } from '#core/money.ts'
import { Button } from '../components/button.tsx'
import { Icon } from '../components/icon.tsx'
import { MoneyFailure } from '../components/money-failure.tsx'
import { useNow } from '../components/now.ts'
import { Section } from '../components/panel.tsx'
import { Waiting } from '../components/waiting.tsx'
import { failureOf } from '../failure.ts'
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
  return (
    <li>
      <button type="button" class="list-item" onClick={() => session.goTo(cell)}>
        <Icon name="land" size={18} />
        <span class="list-text">
          <span>{`${formatCell(cell)} · ${formatCybr(auction.bidWei)} CYBR`}</span>
          <span class="caption">{auction.mine ? `${ownershipTexts.leading} · ${when}` : when}</span>
        </span>
      </button>
    </li>
  )
}

/** No map shows what is sold at auction, so the way to one is here. */
function NoAuctions(): JSX.Element {
  const session = useSession()
  const { x, y } = cellAtPosition(session.position.value)
  const builds = session.state.land.value.builds
  // who walks passes many frames within a cell
  const cell = useMemo(() => nearestSold({ x: x + 0.5, y: y + 0.5 }, builds), [x, y, builds])
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

/** Auctions that run, and those that wait to be ended; nothing where no chain is configured. */
export function Auctions(): JSX.Element | null {
  const session = useSession()
  const now = useNow()
  const [read, setRead] = useState<readonly ParcelFacts[] | Failure>()
  const mined = session.state.purse.value.transactions.filter(({ block }) => block !== undefined).length
  const hasChain = session.state.purse.value.chain !== undefined
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    if (!hasChain) return
    let isGone = false
    session.tabland
      .then(({ land }) => land.auctions())
      .then(
        (found) => isGone || setRead(found),
        (error: unknown) => isGone || setRead(failureOf(error)),
      )
    return () => {
      isGone = true
    }
  }, [session, hasChain, mined, attempt])
  if (!hasChain) return null
  return (
    <Section title={ownershipTexts.auctions}>
      {read === undefined ? (
        <Waiting what={ownershipTexts.reading} slow={ownershipTexts.readingSlow} />
      ) : 'code' in read ? (
        <MoneyFailure failure={read} onRetry={() => setAttempt(attempt + 1)} />
      ) : read.length === 0 ? (
        <NoAuctions />
      ) : (
        <ul class="list">
          {read.map((facts) => (
            <Auction key={facts.id} facts={facts} now={now} />
          ))}
        </ul>
      )}
    </Section>
  )
}
