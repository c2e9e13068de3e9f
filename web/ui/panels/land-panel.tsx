import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { ParcelBuild } from '#api/types.ts'
import { Button } from '../components/button.tsx'
import { CellFields, type TypedCell } from '../components/cell-fields.tsx'
import { Icon } from '../components/icon.tsx'
import { LandMap } from '../components/land-map.tsx'
import { useNow } from '../components/now.ts'
import { Panel, Section } from '../components/panel.tsx'
import { formatAgo, formatCell, shorten } from '../format.ts'
import { landTexts } from '../land-texts.ts'
import { buildsNear, type CellMistake, cellAtPosition, metresTo, readCell } from '../parcels.ts'
import { useSession } from '../session.ts'
import { Auctions } from './auctions.tsx'
import { ChainSection } from './chain-section.tsx'

/** Builds listed: what one scrolls through before using the map instead. */
const MAX_LISTED = 24

function BuildItem({ build, now }: { readonly build: ParcelBuild; readonly now: number }): JSX.Element {
  const session = useSession()
  const who = build.mine ? landTexts.mine : shorten(build.neuron)
  return (
    <li>
      <button type="button" class="list-item" onClick={() => session.goTo(build.cell)}>
        <Icon name="model" size={18} />
        <span class="list-text">
          <span>{formatCell(build.cell)}</span>
          <span class="caption">{landTexts.builtBy(who, formatAgo(build.time, now))}</span>
        </span>
        <span class="caption">{landTexts.away(metresTo(build.cell, session.position.value))}</span>
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
  const builds = buildsNear(session.state.land.value.builds, position, MAX_LISTED)
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
        {builds.length === 0 ? (
          <p>{landTexts.none}</p>
        ) : (
          <ul class="list">
            {builds.map((build) => (
              <BuildItem key={build.parcel} build={build} now={now} />
            ))}
          </ul>
        )}
      </Section>
      <ChainSection />
    </Panel>
  )
}
