import type { JSX } from 'preact'
import type { ConductEvent, GovernanceTerms } from '#api/governance-types.ts'
import type { ProvenParcel } from '#api/land-types.ts'
import { Button } from '../components/button.tsx'
import { useChainRead } from '../components/chain-read.ts'
import { MoneyFailure } from '../components/money-failure.tsx'
import { useNow } from '../components/now.ts'
import { Section } from '../components/panel.tsx'
import { Waiting } from '../components/waiting.tsx'
import { formatCell } from '../format.ts'
import { governanceTexts } from '../governance-texts.ts'
import { standingWarnings } from '../proposal-draft.ts'
import { useSession } from '../session.ts'

const { conduct: words, list } = governanceTexts

function Warned({
  parcel,
  terms,
}: {
  readonly parcel: ProvenParcel
  readonly terms: GovernanceTerms | undefined
}): JSX.Element {
  const session = useSession()
  const now = useNow()
  const { id, cell, lastWarningAt } = parcel
  const lapsesAt = terms === undefined ? undefined : lastWarningAt * 1_000 + terms.lapseMs
  const standing = standingWarnings(parcel, terms?.lapseMs, now)
  const lapse =
    lapsesAt === undefined
      ? []
      : [standing === 0 ? words.lapsed : words.lapse(governanceTexts.in(lapsesAt, now))]
  return (
    <li class="list-row">
      <span class="list-text">
        {cell === undefined ? (
          <span>{words.number(id)}</span>
        ) : (
          <Button kind="quiet" onClick={() => session.goTo(cell)}>
            {`${formatCell(cell)} · ${words.number(id)}`}
          </Button>
        )}
        <span class="caption">
          {[
            words.warnings(standing, terms?.warningsBeforeEviction),
            words.last(governanceTexts.when(lastWarningAt * 1_000)),
            ...lapse,
          ].join(' · ')}
        </span>
      </span>
    </li>
  )
}

function WarnedPlots({ terms }: { readonly terms: GovernanceTerms | undefined }): JSX.Element {
  const session = useSession()
  const { kind, block, failure } = session.state.chain.value
  const [read] = useChainRead(async ({ land }) => land.warned(), { version: `${kind} ${block}` })
  const isKnown = kind === 'proven' || kind === 'cached'
  return (
    <Section title={words.warned}>
      {!isKnown || read.kind !== 'read' ? (
        failure === undefined ? (
          <Waiting what={governanceTexts.reading} slow={governanceTexts.readingSlow} />
        ) : (
          <MoneyFailure failure={failure} />
        )
      ) : (
        <>
          {read.value.length === 0 ? <p>{words.warnedNone}</p> : null}
          <ul class="list">
            {read.value.map((parcel) => (
              <Warned key={parcel.id} parcel={parcel} terms={terms} />
            ))}
          </ul>
          <p class="caption">{kind === 'proven' ? words.whole(block ?? 0) : words.wholeKept}</p>
        </>
      )}
    </Section>
  )
}

function LogLine({ event }: { readonly event: ConductEvent }): JSX.Element {
  const session = useSession()
  const { kind, parcel, count = 0, reason, at } = event
  return (
    <li class="list-row">
      <span class="list-text">
        <span>{kind === 'warned' ? words.warnedLine(parcel, count) : words.evictedLine(parcel)}</span>
        <span class="caption">{governanceTexts.when(at)}</span>
      </span>
      {reason.startsWith('Qm') ? (
        <Button kind="quiet" onClick={() => session.showResult(reason, '')}>
          {list.reason}
        </Button>
      ) : null}
    </li>
  )
}

function ConductLog(): JSX.Element {
  // the block of an event is not the one that it was read at
  const [read, again] = useChainRead(({ governance }) => governance.conduct())
  return (
    <Section title={words.log}>
      {read.kind === 'reading' ? (
        <Waiting what={governanceTexts.reading} slow={governanceTexts.readingSlow} />
      ) : read.kind === 'failed' ? (
        <MoneyFailure failure={read.failure} onRetry={again} />
      ) : (
        <>
          {read.value.events.length === 0 ? <p>{words.logNone}</p> : null}
          <ul class="list">
            {read.value.events.map((event) => (
              <LogLine key={`${event.block} ${event.parcel} ${event.kind}`} event={event} />
            ))}
          </ul>
          <p class="caption">{governanceTexts.told(read.value.told)}</p>
        </>
      )}
    </Section>
  )
}

/** Warnings that stand, by the whole proved land, and what votes did to plots, by the word of the endpoints. */
export function ConductLists(): JSX.Element {
  const [terms] = useChainRead(({ governance }) => governance.terms(), {
    refreshMs: Number.POSITIVE_INFINITY,
  })
  return (
    <>
      <WarnedPlots terms={terms.kind === 'read' ? terms.value : undefined} />
      <ConductLog />
    </>
  )
}
