import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import type { JoinState } from '#api/types.ts'
import { Button, IconButton } from '../components/button.tsx'
import { FailureNote } from '../components/failure-note.tsx'
import { Bar, usePatience } from '../components/waiting.tsx'
import { formatDuration } from '../format.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'
import { tabsOf } from './status-chip.tsx'

const SEEN = 'welcomed'

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
 * Once welcomed, a person sees it only while joining takes its time.
 */
export function Welcome(): JSX.Element | null {
  const session = useSession()
  const closed = useMemo(() => signal(session.settings.get(SEEN) === 'yes'), [session])
  const { join } = session.state.network.value
  const joined = join.phase === 'ready'
  const patience = usePatience(!joined)
  if (joined && closed.value) return null
  // a second visit that joins in no time needs no word
  if (!joined && closed.value && patience === 'quiet') return null
  // on a narrow screen, and while something else is open, it would be in the way
  const covered = session.panel.value !== undefined || session.card.value !== undefined
  const close = (): void => {
    closed.value = true
    session.settings.set(SEEN, 'yes')
  }
  return (
    <section class={covered ? 'welcome welcome-covered' : 'welcome'} aria-label={texts.name}>
      <header class="welcome-head">
        <h1>{joined ? texts.claim : texts.claimJoining}</h1>
        {joined ? <IconButton icon="close" label={texts.common.dismiss} onClick={close} /> : null}
      </header>
      {joined ? <Joined /> : <Joining join={join} />}
      <p class="caption">
        {texts.mode}
        {join.readyAfterMs === undefined
          ? null
          : ` ${texts.join.readyAfter(formatDuration(join.readyAfterMs))}.`}
      </p>
    </section>
  )
}
