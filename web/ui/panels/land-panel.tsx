import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { ParcelBuild } from '#api/types.ts'
import { LAND_RADIUS } from '#core/land.ts'
import { Button } from '../components/button.tsx'
import { Icon } from '../components/icon.tsx'
import { LandMap } from '../components/land-map.tsx'
import { Panel, Section } from '../components/panel.tsx'
import { formatAgo, formatCell, shorten } from '../format.ts'
import { buildsNear, cellAtPosition, metresTo } from '../parcels.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'

/** Builds listed: what one scrolls through before using the map instead. */
const MAX_LISTED = 24

function BuildItem({ build }: { readonly build: ParcelBuild }): JSX.Element {
  const session = useSession()
  const who = build.mine ? texts.land.mine : shorten(build.neuron)
  return (
    <li>
      <button type="button" class="list-item" onClick={() => session.goTo(build.cell)}>
        <Icon name="model" size={18} />
        <span class="list-text">
          <span>{formatCell(build.cell)}</span>
          <span class="caption">{texts.land.builtBy(who, formatAgo(build.time, Date.now()))}</span>
        </span>
        <span class="caption">{texts.land.away(metresTo(build.cell, session.position.value))}</span>
      </button>
    </li>
  )
}

/** Goes to a cell by its numbers: the map for those who do not use one. */
function GoTo(): JSX.Element {
  const session = useSession()
  const here = cellAtPosition(session.position.value)
  const [x, setX] = useState(String(here.x))
  const [y, setY] = useState(String(here.y))
  const number = (label: string, value: string, set: (value: string) => void): JSX.Element => (
    <label class="labelled">
      <span class="caption">{label}</span>
      <input
        class="field"
        type="number"
        step={1}
        min={-LAND_RADIUS}
        max={LAND_RADIUS - 1}
        required
        value={value}
        onInput={(event) => set(event.currentTarget.value)}
      />
    </label>
  )
  return (
    <form
      class="inline inline-end"
      aria-label={texts.land.goLabel}
      onSubmit={(event) => {
        event.preventDefault()
        session.goTo({ x: Number(x), y: Number(y) })
      }}
    >
      {number(texts.land.x, x, setX)}
      {number(texts.land.y, y, setY)}
      <Button type="submit" icon="here">
        {texts.land.go}
      </Button>
    </form>
  )
}

/** The map of the mainland and what is built near the visitor. */
export function LandPanel(): JSX.Element {
  const session = useSession()
  const position = session.position.value
  const builds = buildsNear(session.state.land.value.builds, position, MAX_LISTED)
  return (
    <Panel
      place="panel"
      title={texts.land.title}
      subtitle={texts.land.here(formatCell(cellAtPosition(position)))}
      onClose={session.closePanel}
    >
      <LandMap />
      <GoTo />
      <Section title={texts.land.near}>
        {builds.length === 0 ? (
          <p>{texts.land.none}</p>
        ) : (
          <ul class="list">
            {builds.map((build) => (
              <BuildItem key={build.parcel} build={build} />
            ))}
          </ul>
        )}
      </Section>
    </Panel>
  )
}
