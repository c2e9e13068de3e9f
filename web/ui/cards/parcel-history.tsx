import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { ParcelEvent, ParcelHistory } from '#api/governance-types.ts'
import type { Cell } from '#core/land.ts'
import { Button } from '../components/button.tsx'
import { useChainRead } from '../components/chain-read.ts'
import { MoneyFailure } from '../components/money-failure.tsx'
import { Section } from '../components/panel.tsx'
import { Waiting } from '../components/waiting.tsx'
import { shorten } from '../format.ts'
import { governanceTexts } from '../governance-texts.ts'
import { useSession } from '../session.ts'

const { history: words } = governanceTexts

/** Addresses as people know them: their own is theirs. */
function useNames(): (address: string) => string {
  const own = useSession().state.wallet.value?.address.toLowerCase()
  return (address) => (address.toLowerCase() === own ? words.you : shorten(address))
}

function Line({ event, answered }: { readonly event: ParcelEvent; readonly answered: number }): JSX.Element {
  const session = useSession()
  const who = useNames()
  const { at, agreeing } = event
  const reason = 'reason' in event && event.reason.startsWith('Qm') ? event.reason : undefined
  return (
    <li class="list-row">
      <span class="list-text">
        <span>{words.line(event, who)}</span>
        <span class="caption">
          {governanceTexts.when(at)}
          {agreeing < answered ? ` · ${words.fewer(agreeing, answered)}` : ''}
        </span>
      </span>
      {reason === undefined ? null : (
        <Button kind="quiet" onClick={() => session.showResult(reason, '')}>
          {words.reason}
        </Button>
      )}
    </li>
  )
}

function Lines({ history }: { readonly history: ParcelHistory }): JSX.Element {
  const { events, isCut, told } = history
  return (
    <>
      {events.length === 0 ? <p>{words.none}</p> : null}
      <ul class="list">
        {events.map((event, index) => (
          <Line key={`${event.block} ${index}`} event={event} answered={told.agreeing} />
        ))}
      </ul>
      <p class="caption">
        {isCut ? `${words.cut} ${governanceTexts.told(told)}` : governanceTexts.told(told)}
      </p>
    </>
  )
}

function Read({ cell }: { readonly cell: Cell }): JSX.Element | null {
  const [read, again] = useChainRead(({ land }) => land.history(cell.x, cell.y), {
    key: `${cell.x},${cell.y}`,
  })
  if (read.kind === 'reading') {
    return <Waiting what={words.reading} slow={governanceTexts.readingSlow} />
  }
  if (read.kind === 'failed') return <MoneyFailure failure={read.failure} onRetry={again} />
  return read.value === undefined ? <p>{words.none}</p> : <Lines history={read.value} />
}

/** What became of a plot since it was minted, as the endpoints tell it; read when somebody wants to know. */
export function ParcelHistorySection({ cell }: { readonly cell: Cell }): JSX.Element {
  const [isOpen, setOpen] = useState(false)
  if (!isOpen) {
    return (
      <Button kind="quiet" onClick={() => setOpen(true)}>
        {words.show}
      </Button>
    )
  }
  return (
    <Section title={words.title}>
      <Read cell={cell} />
    </Section>
  )
}
