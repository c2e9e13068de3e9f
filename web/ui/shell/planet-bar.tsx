import type { JSX } from 'preact'
import { serialOf } from '#core/land-rule.ts'
import { BIRTH_PLACES, plotAt } from '#core/plots.ts'
import { Button } from '../components/button.tsx'
import { MoneyFailure } from '../components/money-failure.tsx'
import { Waiting } from '../components/waiting.tsx'
import type { PlanetVisit } from '../enter-planet.ts'
import { portalTexts } from '../portal-texts.ts'
import { type Session, useSession } from '../session.ts'
import { formatUntil } from '../terms.ts'
import { texts } from '../texts.ts'

/** What there is to say of a planet that one is on. */
function linesOf(
  { planet, models }: Extract<PlanetVisit, { kind: 'on' }>,
  { world }: Session,
): readonly string[] {
  const { entry, paidUntil } = planet.offer
  return [
    models.length === 0 ? portalTexts.empty : portalTexts.stands(models.length),
    ...(entry === 'paid' && paidUntil !== undefined
      ? [`${portalTexts.letIn} ${formatUntil(paidUntil)}.`]
      : []),
    ...(world.status.value.kind === 'off' ? [portalTexts.noWorld] : []),
  ]
}

function Content({ visit }: { readonly visit: PlanetVisit }): JSX.Element {
  const session = useSession()
  switch (visit.kind) {
    case 'opening':
      return <Waiting what={portalTexts.opening} slow={portalTexts.openingSlow} />
    case 'paying':
      return <Waiting what={portalTexts.waiting} slow={portalTexts.waitingSlow} />
    case 'failed':
      return <MoneyFailure failure={visit.failure} onRetry={() => session.enter(visit.cell)} />
    case 'on':
      return (
        <>
          <strong>{portalTexts.planetTitle(visit.planet.id)}</strong>
          {linesOf(visit, session).map((line) => (
            <span key={line} class="caption">
              {line}
            </span>
          ))}
        </>
      )
  }
}

/** The card of a planet's plot lists what stands there, with what seeing it takes. */
function showPlot(session: Session, planet: number): void {
  const { places = BIRTH_PLACES } = session.state.land.value
  const cell = places.cellOf(serialOf(planet))
  if (cell !== undefined) session.select(plotAt(cell))
}

/** The planet that one is on, or on the way to, and the way back. */
export function PlanetBar(): JSX.Element | null {
  const session = useSession()
  const visit = session.planet.value
  if (visit === undefined) return null
  return (
    <div class="planet-bar" role="status">
      <div class="stack">
        <Content visit={visit} />
      </div>
      {visit.kind === 'on' && visit.models.length > 0 ? (
        <Button kind="quiet" onClick={() => showPlot(session, visit.planet.id)}>
          {portalTexts.whatStands}
        </Button>
      ) : null}
      <Button onClick={() => session.leavePlanet()}>
        {visit.kind === 'on' ? portalTexts.leave : texts.common.cancel}
      </Button>
    </div>
  )
}
