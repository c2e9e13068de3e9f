// `npm run load growth [MOST]`: processor time and memory of building and ranking graphs of 10⁴ to 10⁷ links, with the slopes of
// their lines on log-log paper, which are 1 where a doubled graph takes twice as much.
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Growth } from './growth/measure.ts'
import { drawLineChart, type Line } from './lib/line-chart.ts'

const SIZES = [1e4, 3e4, 1e5, 3e5, 1e6, 3e6, 1e7]
/** Below it, times are those of starting and of caches that hold everything. */
const SLOPE_FROM = 1e5
const MIB = 2 ** 20
const IMAGES = new URL('../../docs/images/', import.meta.url)

const execute = promisify(execFile)

async function measure(links: number): Promise<Growth> {
  const file = fileURLToPath(new URL('growth/measure.ts', import.meta.url))
  const { stdout } = await execute(process.execPath, [file, String(links)])
  return JSON.parse(stdout) as Growth
}

type Quantity = readonly [name: string, colour: string, of: (growth: Growth) => number]

const TIMES: readonly Quantity[] = [
  ['build', '#3b82f6', ({ buildMs }) => buildMs],
  ['whole rank', '#ef4444', ({ rankMs }) => rankMs],
  ['one iteration', '#f59e0b', ({ rankMs, iterations }) => rankMs / iterations],
  ['Merkle root', '#10b981', ({ rootMs }) => rootMs],
]
const BYTES: readonly Quantity[] = [
  ['prepared graph', '#3b82f6', ({ graphBytes }) => graphBytes / MIB],
  ['added at the peak', '#ef4444', ({ peakBytes }) => peakBytes / MIB],
]

/** Least squares through the logarithms. */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const)
  const mean = (of: (point: readonly [number, number]) => number) =>
    logs.reduce((sum, point) => sum + of(point), 0) / logs.length
  const [meanX, meanY] = [mean(([x]) => x), mean(([, y]) => y)]
  return mean(([x, y]) => (x - meanX) * (y - meanY)) / mean(([x]) => (x - meanX) ** 2)
}

function linesOf(growths: readonly Growth[], quantities: readonly Quantity[]): readonly Line[] {
  return quantities.map(([name, colour, of]) => {
    const points = growths.map((growth) => [growth.links, of(growth)] as const)
    const slope = slopeOf(points.filter(([links]) => links >= SLOPE_FROM))
    return { name: `${name}: slope ${slope.toFixed(2)}`, colour, points }
  })
}

function print(growths: readonly Growth[]): void {
  console.log(
    '| links | particles | build, ms | rank, ms | iterations | ms an iteration | root, ms | graph, MiB | peak, MiB |',
  )
  console.log('| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |')
  for (const growth of growths) {
    const { links, particles, buildMs, rankMs, iterations, rootMs, graphBytes, peakBytes } = growth
    const cells = [
      links.toLocaleString('en'),
      particles.toLocaleString('en'),
      buildMs.toFixed(1),
      rankMs.toFixed(1),
      iterations,
      (rankMs / iterations).toFixed(2),
      rootMs.toFixed(0),
      (graphBytes / MIB).toFixed(1),
      (peakBytes / MIB).toFixed(1),
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
}

const most = Number(process.argv[2] ?? SIZES.at(-1))
const growths: Growth[] = []
for (const links of SIZES.filter((size) => size <= most)) growths.push(await measure(links))
print(growths)
const [times, bytes] = [linesOf(growths, TIMES), linesOf(growths, BYTES)]
for (const { name } of [...times, ...bytes])
  console.log(`${name} from ${SLOPE_FROM.toLocaleString('en')} links on`)
console.log(`load ${loadavg()[0]?.toFixed(1)} at the end`)
const common = { xLabel: 'links', isLogarithmic: true } as const
await writeFile(
  new URL('growth-time.svg', IMAGES),
  drawLineChart({ ...common, title: 'Processor time against links', yLabel: 'ms', lines: times }),
)
await writeFile(
  new URL('growth-memory.svg', IMAGES),
  drawLineChart({ ...common, title: 'Memory against links', yLabel: 'MiB', lines: bytes }),
)
