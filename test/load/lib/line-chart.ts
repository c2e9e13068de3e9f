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
}

const WIDTH = 640
const HEIGHT = 360
const LEFT = 72
const RIGHT = 150
const TOP = 40
const BOTTOM = 48
const TICKS = 5

/** An SVG that reads on light and dark paper. Both axes begin at 0. */
export function drawLineChart({ title, xLabel, yLabel, lines }: Chart): string {
  const points = lines.flatMap((line) => line.points)
  const maxX = niceMax(Math.max(1, ...points.map(([x]) => x)))
  const maxY = niceMax(Math.max(1e-9, ...points.map(([, y]) => y)))
  const x = (value: number) => LEFT + (value / maxX) * (WIDTH - LEFT - RIGHT)
  const y = (value: number) => HEIGHT - BOTTOM - (value / maxY) * (HEIGHT - TOP - BOTTOM)
  const parts = [
    text({ x: LEFT, y: 22, size: 15, weight: 600 }, title),
    text({ x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 10, anchor: 'middle' }, xLabel),
    text({ x: LEFT, y: TOP - 6, anchor: 'end' }, yLabel),
  ]
  for (let i = 0; i <= TICKS; i++) {
    const [valueX, valueY] = [(maxX * i) / TICKS, (maxY * i) / TICKS]
    parts.push(
      `<line x1="${LEFT}" y1="${y(valueY)}" x2="${WIDTH - RIGHT}" y2="${y(valueY)}" stroke="#8886" stroke-width="1"/>`,
      text({ x: LEFT - 8, y: y(valueY) + 4, anchor: 'end' }, shortNumber(valueY)),
      text({ x: x(valueX), y: HEIGHT - BOTTOM + 18, anchor: 'middle' }, shortNumber(valueX)),
    )
  }
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
  return value >= 10 ? String(Math.round(value)) : String(Number(value.toPrecision(2)))
}
