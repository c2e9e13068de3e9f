import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import { useNow } from '../components/now.ts'
import { Row, Section } from '../components/panel.tsx'
import { formatBytes } from '../format.ts'
import {
  barsOf,
  byDay,
  fillHours,
  HISTORY_HOURS,
  lastDay,
  peakOf,
  sumOf,
  type Traffic,
} from '../seed-history.ts'
import { useSession } from '../session.ts'
import { texts } from '../texts.ts'

const { traffic: words, item } = texts.seed

/** Units of the plot: two for each hour, 50 up and 50 down. */
const STEP = 2
const HALF = 50

interface PlotProps {
  readonly hours: ReturnType<typeof fillHours>
  readonly offsetMinutes: number
}

/** Hours at which a day begins, by their index. */
function midnights({ hours, offsetMinutes }: PlotProps): readonly number[] {
  return hours.flatMap(({ start }, index) =>
    new Date(start - offsetMinutes * 60_000).getUTCHours() === 0 ? [index] : [],
  )
}

/** Sent upwards and received downwards, an hour a bar. */
function Plot({ hours, offsetMinutes }: PlotProps): JSX.Element {
  const title = useId()
  const week = sumOf(hours)
  return (
    <svg
      class="plot"
      viewBox={`0 0 ${HISTORY_HOURS * STEP} ${2 * HALF}`}
      preserveAspectRatio="none"
      role="img"
      aria-labelledby={title}
    >
      <title id={title}>{words.chart(formatBytes(week.sentBytes), formatBytes(week.receivedBytes))}</title>
      <desc>{words.peak(formatBytes(peakOf(hours)))}</desc>
      {midnights({ hours, offsetMinutes }).map((index) => (
        <line key={index} class="plot-day" x1={index * STEP} x2={index * STEP} y1={0} y2={2 * HALF} />
      ))}
      {barsOf(hours).map(({ up, down }, index) => (
        <g key={hours[index]?.start}>
          {up > 0 ? (
            <rect
              class="plot-sent"
              x={index * STEP + 0.2}
              width={STEP - 0.4}
              y={HALF - up * (HALF - 2)}
              height={up * (HALF - 2)}
            />
          ) : null}
          {down > 0 ? (
            <rect
              class="plot-received"
              x={index * STEP + 0.2}
              width={STEP - 0.4}
              y={HALF}
              height={down * (HALF - 2)}
            />
          ) : null}
        </g>
      ))}
      <line class="plot-axis" x1={0} x2={HISTORY_HOURS * STEP} y1={HALF} y2={HALF} />
    </svg>
  )
}

function dayName(start: number, offsetMinutes: number): string {
  const local = new Date(start - offsetMinutes * 60_000)
  return `${words.weekdays[local.getUTCDay()]} ${local.getUTCDate()}`
}

function Days({ hours, offsetMinutes }: PlotProps): JSX.Element {
  return (
    <details>
      <summary>{words.table}</summary>
      <table class="figures">
        <thead>
          <tr>
            <th scope="col">{words.day}</th>
            <th scope="col" class="number">
              {words.sent}
            </th>
            <th scope="col" class="number">
              {words.received}
            </th>
          </tr>
        </thead>
        <tbody>
          {byDay(hours, offsetMinutes).map(({ start, sentBytes, receivedBytes }) => (
            <tr key={start}>
              <th scope="row">{dayName(start, offsetMinutes)}</th>
              <td class="number">{formatBytes(sentBytes)}</td>
              <td class="number">{formatBytes(receivedBytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}

function Sum({ name, traffic }: { readonly name: string; readonly traffic: Traffic }): JSX.Element {
  return (
    <Row name={name}>
      {item.trafficLine(formatBytes(traffic.sentBytes), formatBytes(traffic.receivedBytes))}
    </Row>
  )
}

/** A week of traffic, plotted by the hour and told by the day. */
export function SeedTraffic(): JSX.Element {
  const { history } = useSession().state.seed.value
  const now = useNow()
  const offsetMinutes = new Date(now).getTimezoneOffset()
  const hours = fillHours(history, now)
  const isEmpty = peakOf(hours) === 0
  return (
    <Section title={words.title}>
      {isEmpty ? <p>{words.none}</p> : <Plot hours={hours} offsetMinutes={offsetMinutes} />}
      {isEmpty ? null : (
        <p class="plot-foot caption">
          <span>{dayName(hours[0]?.start ?? now, offsetMinutes)}</span>
          <span>{words.peak(formatBytes(peakOf(hours)))}</span>
          <span>{words.now}</span>
        </p>
      )}
      <p class="legend caption">
        <span>
          <span class="swatch swatch-sent" />
          {words.sent}
        </span>
        <span>
          <span class="swatch swatch-received" />
          {words.received}
        </span>
      </p>
      <dl class="rows">
        <Sum name={words.lastDay} traffic={lastDay(hours)} />
        <Sum name={words.week} traffic={sumOf(hours)} />
      </dl>
      {isEmpty ? null : <Days hours={hours} offsetMinutes={offsetMinutes} />}
    </Section>
  )
}
