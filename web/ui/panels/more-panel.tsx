import type { JSX } from 'preact'
import type { RankSummary } from '#api/search-types.ts'
import type { WorldStats } from '#api/world.ts'
import { Button } from '../components/button.tsx'
import { Copyable } from '../components/copy.tsx'
import { FailureNote } from '../components/failure-note.tsx'
import { Panel, Row, Section } from '../components/panel.tsx'
import { SingleFile } from '../components/single-file.tsx'
import { formatBytes, formatCount, formatDuration } from '../format.ts'
import { moreTexts } from '../more-texts.ts'
import { withWorld } from '../route.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'
import { THEMES } from '../theme.ts'

const { labels } = moreTexts

function Appearance(): JSX.Element {
  const { theme } = useSession()
  return (
    <fieldset class="choices">
      <legend class="visually-hidden">{moreTexts.appearance}</legend>
      {THEMES.map((name) => (
        <label key={name} class="choice">
          <input
            type="radio"
            name="theme"
            value={name}
            checked={theme.theme.value === name}
            onChange={() => theme.set(name)}
          />
          <span>{moreTexts.themes[name]}</span>
        </label>
      ))}
    </fieldset>
  )
}

function WorldNumbers({ stats }: { readonly stats: WorldStats }): JSX.Element {
  return (
    <dl class="rows">
      <Row name={labels.device}>{stats.device}</Row>
      <Row name={labels.frames}>{formatCount(stats.frames)}</Row>
      <Row name={labels.drawCalls}>{formatCount(stats.drawCalls)}</Row>
      <Row name={labels.triangles}>{formatCount(stats.triangles)}</Row>
      <Row name={labels.textures}>{formatBytes(stats.textureBytes)}</Row>
      <Row name={labels.models}>{moreTexts.modelsOf(stats.modelsLoaded, stats.modelsLoading)}</Row>
    </dl>
  )
}

function RankNumbers({ rank }: { readonly rank: RankSummary }): JSX.Element {
  return (
    <>
      <dl class="rows">
        <Row name={labels.kernel}>{rank.kernel}</Row>
        <Row name={labels.iterations}>{formatCount(rank.iterations)}</Row>
        <Row name={labels.time}>{formatDuration(rank.ms)}</Row>
        {rank.dropped.map(({ name, reason }) => (
          <Row key={name} name={labels.dropped}>{`${name}: ${reason}`}</Row>
        ))}
        <Row name={labels.hash}>
          <Copyable value={rank.ranksSha256} what={labels.hash} />
        </Row>
      </dl>
      <p class="caption">{moreTexts.hashHow}</p>
    </>
  )
}

function WorldOff(): JSX.Element {
  const { world } = useSession()
  return (
    <>
      <p>{texts.world.off}</p>
      {world.status.value.kind === 'off' ? (
        <Button onClick={() => location.assign(withWorld(location.href, true))}>{texts.world.turnOn}</Button>
      ) : null}
    </>
  )
}

function Numbers(): JSX.Element {
  const session = useSession()
  const { world, state } = session
  const view = world.view.value
  const { particles, links, neurons, rank, failure } = state.graph.value
  return (
    <>
      <Section title={moreTexts.world}>
        {view === undefined ? <WorldOff /> : <WorldNumbers stats={view.stats.value} />}
      </Section>
      <Section title={moreTexts.graph}>
        <dl class="rows">
          <Row name={labels.particles}>{formatCount(particles)}</Row>
          <Row name={labels.links}>{formatCount(links)}</Row>
          <Row name={labels.neurons}>{formatCount(neurons)}</Row>
        </dl>
        {failure === undefined ? null : <FailureNote failure={failure} />}
      </Section>
      <Section title={moreTexts.rank}>
        {rank === undefined ? <p class="caption">{moreTexts.noRank}</p> : <RankNumbers rank={rank} />}
        <Button kind="quiet" onClick={() => session.open('rank')}>
          {moreTexts.rankOpen}
        </Button>
      </Section>
    </>
  )
}

/** Appearance, keys, numbers and what this is. */
export function MorePanel(): JSX.Element {
  const session = useSession()
  return (
    <Panel place="panel" title={moreTexts.title} onClose={session.closePanel}>
      <Section title={moreTexts.appearance}>
        <Appearance />
      </Section>
      <Section title={moreTexts.keys}>
        <dl class="rows keys">
          {moreTexts.keyList.map(([key, what]) => (
            <div key={key} class="row">
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </Section>
      {session.state.purse.value.chain === undefined ? null : (
        <Section title={moreTexts.votes}>
          <p class="caption">{moreTexts.votesHow}</p>
          <Button kind="quiet" onClick={() => session.open('governance')}>
            {moreTexts.votesOpen}
          </Button>
        </Section>
      )}
      <Numbers />
      <SingleFile />
      <Section title={moreTexts.devtools}>
        <p>
          {moreTexts.devtoolsHow} <code>tabland.help()</code>
        </p>
      </Section>
      <Section title={moreTexts.about}>
        <p>{moreTexts.aboutHow}</p>
        <p class="caption">{texts.mode[session.state.network.value.mode]}</p>
      </Section>
    </Panel>
  )
}
