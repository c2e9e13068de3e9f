import type { JSX } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import type { RankSummary } from '#api/search-types.ts'
import { KERNEL_NAMES } from '#graph/kernel-names.ts'
import type { KernelTiming } from '#graph/rank-bench.ts'
import { Button } from '../components/button.tsx'
import { ConvergencePlot } from '../components/convergence-plot.tsx'
import { Copyable } from '../components/copy.tsx'
import { FailureNote } from '../components/failure-note.tsx'
import { useNow } from '../components/now.ts'
import { Panel, Row, Section } from '../components/panel.tsx'
import { Waiting } from '../components/waiting.tsx'
import { formatAgo, formatCount, formatDuration } from '../format.ts'
import { edgesPerSecond, formatRate } from '../rank-plot.ts'
import { createRankStore, type RankStore } from '../rank-store.ts'
import { rankTexts } from '../rank-texts.ts'
import { useSession } from '../session.ts'
import { MachineSection } from './machine-facts.tsx'

const { rows } = rankTexts

function kernelName(kernel: string): string {
  return rankTexts.kernels[kernel] ?? kernel
}

function Facts({ rank }: { readonly rank: RankSummary }): JSX.Element {
  const now = useNow()
  const { isNamed } = useSession().state.machine.value
  const speed = edgesPerSecond(rank)
  return (
    <>
      <dl class="rows">
        <Row name={rows.particles}>{formatCount(rank.particles)}</Row>
        <Row name={rows.links}>{formatCount(rank.links)}</Row>
        {isNamed ? null : <Row name={rows.period}>{rankTexts.merged}</Row>}
        <Row name={rows.kernel}>{kernelName(rank.kernel)}</Row>
        {rank.dropped.map(({ name, reason }) => (
          <Row key={name} name={rows.dropped}>{`${kernelName(name)}: ${reason}`}</Row>
        ))}
        <Row name={rows.speed}>{speed === undefined ? rankTexts.tooFast : formatRate(speed)}</Row>
        <Row name={rows.iterations}>{formatCount(rank.iterations)}</Row>
        <Row name={rows.time}>
          {rankTexts.timeOf(formatDuration(rank.ms), formatDuration(rank.iterateMs))}
        </Row>
        <Row name={rows.when}>{formatAgo(rank.at, now)}</Row>
        <Row name={rows.digest}>
          <Copyable value={rank.ranksSha256} what={rows.digest} />
        </Row>
      </dl>
      <p class="caption">{rankTexts.digestHow}</p>
    </>
  )
}

function Convergence({ rank }: { readonly rank: RankSummary }): JSX.Element {
  return (
    <Section title={rankTexts.convergence}>
      <ConvergencePlot rank={rank} />
      <p class="caption">{rankTexts.plotHow}</p>
      <details>
        <summary>{rankTexts.table}</summary>
        <table class="figures">
          <thead>
            <tr>
              <th scope="col">{rankTexts.iteration}</th>
              <th scope="col" class="number">
                {rankTexts.delta}
              </th>
            </tr>
          </thead>
          <tbody>
            {rank.convergence.map(({ iteration, delta }) => (
              <tr key={iteration}>
                <th scope="row">{iteration}</th>
                <td class="number">{delta.toExponential(1)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </Section>
  )
}

function Again({ store }: { readonly store: RankStore }): JSX.Element {
  const { ranking, failure } = store.view.value
  return (
    <Section title={rankTexts.again}>
      <div class="buttons">
        {KERNEL_NAMES.map((kernel) => (
          <Button key={kernel} disabled={ranking !== undefined} onClick={() => void store.rank(kernel)}>
            {ranking === kernel ? rankTexts.computing : rankTexts.againBy(kernelName(kernel))}
          </Button>
        ))}
      </div>
      <p class="caption">{rankTexts.againHow}</p>
      {failure === undefined ? null : <FailureNote failure={failure} />}
    </Section>
  )
}

function Timing({
  timing,
  slowest,
}: {
  readonly timing: KernelTiming
  readonly slowest: number
}): JSX.Element {
  if ('failure' in timing) {
    return (
      <tr>
        <th scope="row">{kernelName(timing.kernel)}</th>
        <td class="number" colSpan={3} title={timing.failure.message}>
          {rankTexts.failed}
        </td>
      </tr>
    )
  }
  const { kernel, edgesPerSecond: rate, iterationMs } = timing
  return (
    <tr>
      <th scope="row">{kernelName(kernel)}</th>
      <td class="number">{`${iterationMs.toPrecision(2)} ms`}</td>
      <td class="number">{formatRate(rate)}</td>
      <td class="number">{rankTexts.ratio(slowest / iterationMs)}</td>
    </tr>
  )
}

function Timings({ timings }: { readonly timings: readonly KernelTiming[] }): JSX.Element {
  const done = timings.flatMap((timing) => ('failure' in timing ? [] : [timing]))
  const slowest = Math.max(...done.map(({ iterationMs }) => iterationMs))
  const results = new Set(done.map(({ ranksSha256 }) => ranksSha256))
  return (
    <>
      <table class="figures">
        <thead>
          <tr>
            <th scope="col">{rankTexts.benchKernel}</th>
            <th scope="col" class="number">
              {rankTexts.benchTime}
            </th>
            <th scope="col" class="number">
              {rankTexts.benchRate}
            </th>
            <th scope="col" class="number">
              {rankTexts.benchRatio}
            </th>
          </tr>
        </thead>
        <tbody>
          {timings.map((timing) => (
            <Timing key={timing.kernel} timing={timing} slowest={slowest} />
          ))}
        </tbody>
      </table>
      {done.length < 2 ? null : (
        <p class="caption">{results.size === 1 ? rankTexts.sameBits : rankTexts.otherBits}</p>
      )}
    </>
  )
}

function Bench({ store }: { readonly store: RankStore }): JSX.Element {
  const { measuring, timings } = store.view.value
  return (
    <Section title={rankTexts.bench}>
      {timings === undefined ? null : <Timings timings={timings} />}
      {measuring ? (
        <Waiting what={rankTexts.benchRunning} slow={rankTexts.benchSlow} />
      ) : (
        <Button onClick={() => void store.measure()}>{rankTexts.benchRun}</Button>
      )}
    </Section>
  )
}

/** How the ranks of this tab came about, and how fast each kernel is here. */
export function RankPanel(): JSX.Element {
  const session = useSession()
  const store = useMemo(() => createRankStore(session.tabland), [session])
  useEffect(() => () => store.stop(), [store])
  const { rank } = session.state.graph.value
  return (
    <Panel place="panel" wide title={rankTexts.title} onClose={session.closePanel}>
      <p>{rankTexts.how}</p>
      <MachineSection />
      {rank === undefined ? <p class="caption">{rankTexts.none}</p> : <Facts rank={rank} />}
      {rank === undefined || rank.convergence.length === 0 ? null : <Convergence rank={rank} />}
      {rank === undefined ? null : <Again store={store} />}
      {rank === undefined ? null : <Bench store={store} />}
      <Button kind="quiet" icon="graph" onClick={() => session.open('graph')}>
        {rankTexts.graph}
      </Button>
    </Panel>
  )
}
