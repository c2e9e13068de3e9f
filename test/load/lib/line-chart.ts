/** One line of a chart. */
export interface Line {
  readonly name: string
  /** CSS colour */
  readonly colour: string
  readonly points: readonly (readonly [x: number, y: number])[]
  readonly dashed?: true
}

export interface Chart {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  readonly lines: readonly Line[]
  /** axes by powers of ten, for what is above 0 @default linear axes from 0 */
  readonly isLogarithmic?: true
}

const WIDTH = 640
const HEIGHT = 360
const LEFT = 72
const RIGHT = 150
const TOP = 40
const BOTTOM = 48
const TICKS = 5

/** One axis: where a value stands on it, from 0 to 1, and the values that are written beside it. */
interface Axis {
  readonly ticks: readonly number[]
  place(value: number): number
}

function linearAxis(values: readonly number[], least: number): Axis {
  const max = niceMax(Math.max(least, ...values))
  return {
    ticks: Array.from({ length: TICKS + 1 }, (_, i) => (max * i) / TICKS),
    place: (value) => value / max,
  }
}

/** From one power of ten to another. */
function logarithmicAxis(values: readonly number[]): Axis {
  const first = Math.floor(Math.log10(Math.min(...values)))
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values))))
  return {
    ticks: Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i)),
    place: (value) => (Math.log10(value) - first) / (last - first),
  }
}

/** An SVG that reads on light and dark paper. */
export function drawLineChart({ title, xLabel, yLabel, lines, isLogarithmic }: Chart): string {
  const points = lines.flatMap((line) => line.points)
  const [valuesX, valuesY] = [points.map(([x]) => x), points.map(([, y]) => y)]
  const axisX = isLogarithmic ? logarithmicAxis(valuesX) : linearAxis(valuesX, 1)
  const axisY = isLogarithmic ? logarithmicAxis(valuesY) : linearAxis(valuesY, 1e-9)
  const x = (value: number) => LEFT + axisX.place(value) * (WIDTH - LEFT - RIGHT)
  const y = (value: number) => HEIGHT - BOTTOM - axisY.place(value) * (HEIGHT - TOP - BOTTOM)
  const parts = [
    text({ x: LEFT, y: 22, size: 15, weight: 600 }, title),
    text({ x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 10, anchor: 'middle' }, xLabel),
    text({ x: LEFT, y: TOP - 6, anchor: 'end' }, yLabel),
  ]
  for (const value of axisY.ticks) {
    parts.push(
      `<line x1="${LEFT}" y1="${y(value)}" x2="${WIDTH - RIGHT}" y2="${y(value)}" stroke="#8886" stroke-width="1"/>`,
      text({ x: LEFT - 8, y: y(value) + 4, anchor: 'end' }, shortNumber(value)),
    )
  }
  for (const value of axisX.ticks)
    parts.push(text({ x: x(value), y: HEIGHT - BOTTOM + 18, anchor: 'middle' }, shortNumber(value)))
  lines.forEach((line, index) => {
    const path = line.points.map(
      ([px, py], i) => `${i === 0 ? 'M' : 'L'}${x(px).toFixed(1)} ${y(py).toFixed(1)}`,
    )
    const dash = line.dashed ? ' stroke-dasharray="6 5"' : ''
    parts.push(
      `<path d="${path.join(' ')}" fill="none" stroke="${line.colour}" stroke-width="2"${dash}/>`,
      ...(line.dashed
        ? []
        : line.points.map(
            ([px, py]) => `<circle cx="${x(px)}" cy="${y(py)}" r="3.5" fill="${line.colour}"/>`,
          )),
      `<line x1="${WIDTH - RIGHT + 14}" y1="${TOP + 8 + 34 * index}" x2="${WIDTH - RIGHT + 38}" y2="${TOP + 8 + 34 * index}" stroke="${line.colour}" stroke-width="2"${dash}/>`,
      ...wrap(line.name, 15).map((words, row) =>
        text({ x: WIDTH - RIGHT + 44, y: TOP + 12 + 34 * index + 14 * row }, words),
      ),
    )
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" font-family="system-ui, sans-serif"><title>${escapeXml(title)}</title>\n${parts.join('\n')}\n</svg>\n`
}

interface TextStyle {
  readonly x: number
  readonly y: number
  readonly size?: number
  readonly weight?: number
  readonly anchor?: 'start' | 'middle' | 'end'
}

function text({ x, y, size = 12, weight = 400, anchor = 'start' }: TextStyle, words: string): string {
  return `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}" fill="#888">${escapeXml(words)}</text>`
}

function wrap(words: string, width: number): string[] {
  const rows: string[] = ['']
  for (const word of words.split(' ')) {
    const row = rows.at(-1) as string
    if (row !== '' && row.length + 1 + word.length > width) rows.push(word)
    else rows[rows.length - 1] = row === '' ? word : `${row} ${word}`
  }
  return rows
}

function escapeXml(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

/** 1, 2, 2.5 or 5 times a power of ten, at least `value` */
function niceMax(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 2.5, 5, 10].find((step) => step * power >= value * 0.999) as number) * power
}

function shortNumber(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))} M`
  return value >= 10 ? String(Math.round(value)) : String(Number(value.toPrecision(2)))
}
