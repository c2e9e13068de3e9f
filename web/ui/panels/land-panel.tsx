import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { ParcelToken } from '#api/access-types.ts'
import type { ParcelBuild } from '#api/types.ts'
import { Button } from '../components/button.tsx'
import { CellFields, type TypedCell } from '../components/cell-fields.tsx'
import { Icon } from '../components/icon.tsx'
import { LandMap } from '../components/land-map.tsx'
import { useNow } from '../components/now.ts'
import { Panel, Section } from '../components/panel.tsx'
import { formatAgo, formatCell, shorten } from '../format.ts'
import { landTexts } from '../land-texts.ts'
import { type CellMistake, cellAtPosition, metresTo, readCell, standingNear } from '../parcels.ts'
import { useSession } from '../session.ts'
import { Auctions } from './auctions.tsx'
import { ChainSection } from './chain-section.tsx'

/** Builds and tokens listed: what one scrolls through before using the map instead. */
const MAX_LISTED = 24

type Standing = ParcelBuild | ParcelToken

function standingLine(standing: Standing, now: number): string {
  const { mine } = standing
  if ('id' in standing) return landTexts.token(standing.id, mine ? undefined : shorten(standing.holder))
  return landTexts.builtBy(mine ? landTexts.mine : shorten(standing.neuron), formatAgo(standing.time, now))
}

function StandingItem({ standing, now }: { readonly standing: Standing; readonly now: number }): JSX.Element {
  const session = useSession()
  return (
    <li>
      <button type="button" class="list-item" onClick={() => session.goTo(standing.cell)}>
        <Icon name="model" size={18} />
        <span class="list-text">
          <span>{formatCell(standing.cell)}</span>
          <span class="caption">{standingLine(standing, now)}</span>
        </span>
        <span class="caption">{landTexts.away(metresTo(standing.cell, session.position.value))}</span>
      </button>
    </li>
  )
}

/** Goes to a cell by its numbers: the map for those who do not use one. */
function GoTo(): JSX.Element {
  const session = useSession()
  const here = cellAtPosition(session.position.value)
  const [typed, setTyped] = useState<TypedCell>({ x: String(here.x), y: String(here.y) })
  const [mistake, setMistake] = useState<CellMistake>()
  return (
    <form
      class="stack"
      aria-label={landTexts.goLabel}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        const cell = readCell(typed, session.state.land.value)
        setMistake(typeof cell === 'string' ? cell : undefined)
        if (typeof cell !== 'string') session.goTo(cell)
      }}
    >
      <div class="inline inline-end">
        <CellFields typed={typed} onType={setTyped} />
        <Button type="submit" icon="here">
          {landTexts.go}
        </Button>
      </div>
      {mistake === undefined ? null : (
        <p class="notice" role="alert">
          {landTexts.cellMistakes[mistake]}
        </p>
      )}
    </form>
  )
}

/** The map of the mainland and what is built near the visitor. */
export function LandPanel(): JSX.Element {
  const session = useSession()
  const position = session.position.value
  const now = useNow()
  const standing = standingNear(session.state.land.value, position, MAX_LISTED)
  return (
    <Panel
      place="panel"
      title={landTexts.title}
      subtitle={landTexts.here(formatCell(cellAtPosition(position)))}
      onClose={session.closePanel}
    >
      <LandMap />
      <GoTo />
      <Auctions />
      {session.state.purse.value.chain === undefined ? null : (
        <Button kind="quiet" onClick={() => session.open('governance')}>
          {landTexts.votes}
        </Button>
      )}
      <Section title={landTexts.near}>
        {standing.length === 0 ? (
          <p>{landTexts.none}</p>
        ) : (
          <ul class="list">
            {standing.map((each) => (
              <StandingItem key={'id' in each ? -each.id : each.parcel} standing={each} now={now} />
            ))}
          </ul>
        )}
      </Section>
      <ChainSection />
    </Panel>
  )
}
