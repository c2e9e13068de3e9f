import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { JoinState } from '#api/network-types.ts'
import { Button, IconButton } from '../components/button.tsx'
import { FailureNote } from '../components/failure-note.tsx'
import { ModeSwitch } from '../components/mode-switch.tsx'
import { Bar, usePatience } from '../components/waiting.tsx'
import { formatDuration } from '../format.ts'
import { tabsOf } from '../network-counts.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'

/** Keys that move the visitor. */
const MOVES = /^(Key[WASDF]|Arrow\w+)$/

/** Puts the welcome away when a person begins to move in the world: it has been read, or is in the way. */
function useEndByMoving(active: boolean): void {
  const session = useSession()
  useEffect(() => {
    if (!active) return
    const controller = new AbortController()
    const { signal } = controller
    const onPointerDown = (event: PointerEvent): void => {
      if (event.target instanceof HTMLCanvasElement && event.target.classList.contains('world'))
        session.endWelcome()
    }
    const onKeyDown = (event: KeyboardEvent): void => {
      const target = event.target as Element | null
      const elsewhere = target?.closest('input, textarea, select, button, .sheet, .map') ?? null
      if (elsewhere === null && MOVES.test(event.code)) session.endWelcome()
    }
    window.addEventListener('pointerdown', onPointerDown, { signal })
    window.addEventListener('keydown', onKeyDown, { signal })
    return () => controller.abort()
  }, [session, active])
}

function Joining({ join }: { readonly join: JoinState }): JSX.Element {
  const session = useSession()
  const patience = usePatience(true, join.phase)
  const failed = session.startFailure.value
  if (failed !== undefined) return <FailureNote failure={failed} onRetry={() => location.reload()} />
  const label = texts.join.phases[join.phase]
  const offline = join.phase === 'offline'
  return (
    <div class="joining" role="status">
      <div class="joining-line">
        <span>{label}</span>
        {offline ? null : <span class="caption">{`${Math.round(join.progress * 100)} %`}</span>}
      </div>
      {offline ? null : <Bar value={join.progress} label={`${texts.join.progress}: ${label}`} />}
      {/* offline has buttons of its own below */}
      {join.failure === undefined ? null : (
        <FailureNote failure={join.failure} {...(offline ? {} : { onRetry: () => session.retry() })} />
      )}
      {patience === 'slow' || offline ? <p class="caption">{texts.join.slow[join.phase]}</p> : null}
      {offline ? (
        <div class="buttons">
          <Button icon="retry" onClick={() => session.retry()}>
            {texts.common.retry}
          </Button>
          <Button icon="plus" onClick={() => session.open('network')}>
            {texts.join.addRelay}
          </Button>
        </div>
      ) : null}
    </div>
  )
}

function Joined(): JSX.Element {
  const session = useSession()
  const { land, graph, network } = session.state
  const tabs = tabsOf(network.value)
  return (
    <dl class="welcome-facts">
      <div>
        <dt>{texts.join.land}</dt>
        <dd>
          <span>{texts.join.builds(land.value.builds.size)}</span>
          <Button kind="quiet" onClick={() => session.open('land')}>
            {texts.join.look}
          </Button>
        </dd>
      </div>
      <div>
        <dt>{texts.join.things}</dt>
        <dd>
          <span>{texts.join.particles(graph.value.particles)}</span>
          <span class="examples">
            {texts.search.exampleWords.map((word) => (
              <Button
                key={word}
                kind="quiet"
                label={`${texts.join.trySearching} ${word}`}
                onClick={() => session.runSearch(word)}
              >
                {word}
              </Button>
            ))}
          </span>
        </dd>
      </div>
      <div>
        <dt>{texts.join.people}</dt>
        <dd>
          <span>{texts.join.peers(tabs)}</span>
          {tabs === 0 ? null : (
            <Button kind="quiet" onClick={() => session.open('network')}>
              {texts.join.seePeers}
            </Button>
          )}
        </dd>
      </div>
    </dl>
  )
}

/**
 * The first screen ([UI1]): what this is, the bar that fills as the peer joins, then land, search and peers.
 * Once it was seen or put away, later visits show it only while joining takes its time.
 */
export function Welcome(): JSX.Element | null {
  const session = useSession()
  const welcomed = session.welcomed.value
  const { join } = session.state.network.value
  const joined = join.phase === 'ready'
  const patience = usePatience(!joined)
  // on a narrow screen, and while something else is open, it would be in the way
  const covered = session.panel.value !== undefined || session.card.value !== undefined
  const seen = joined && !covered
  useEffect(() => {
    if (seen) session.rememberWelcome()
  }, [session, seen])
  useEndByMoving(joined && !welcomed && session.world.view.value !== undefined)
  if (joined && welcomed) return null
  // a second visit that joins in no time needs no word
  if (!joined && welcomed && patience === 'quiet') return null
  return (
    <section class={covered ? 'welcome welcome-covered' : 'welcome'} aria-label={texts.name}>
      <header class="welcome-head">
        <h1>{joined ? texts.claim : texts.claimJoining}</h1>
        {joined ? (
          <IconButton icon="close" label={texts.common.dismiss} onClick={session.endWelcome} />
        ) : null}
      </header>
      {joined ? <Joined /> : <Joining join={join} />}
      <ModeSwitch />
      {join.readyAfterMs === undefined ? null : (
        <p class="caption">{`${texts.join.readyAfter(formatDuration(join.readyAfterMs))}.`}</p>
      )}
    </section>
  )
}
