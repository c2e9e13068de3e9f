/**
 * Everyone gets a model of 10 MiB that one peer added. First 8 tabs and up to 40 Node.js peers at one relay, where a
 * Node.js peer reaches others through the relay alone; then up to 200 peers that connect in memory, four each.
 * Prints a table, keeps it in docs/logs/swarm.json, and writes docs/swarm.md and docs/images/swarm-*.svg.
 * `npm run load swarm`; `tabs` or `memory` as an argument runs one half, and leaves the other as it was.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../../scripts/lib/root.ts'
import { type Chart, drawLineChart } from './lib/line-chart.ts'
import { runMemorySwarm, TIMES_SLOWER } from './lib/memory-swarm.ts'
import type { SwarmRow } from './lib/swarm-row.ts'
import { runTabSwarm } from './lib/tab-swarm.ts'

const MIB = 1024 * 1024
const MODEL_BYTES = 10 * MIB
const NODE_COUNTS = [0, 8, 20, 40]
const MEMORY_COUNTS = [25, 50, 100, 200]
const TABS = 8

const LOG = join(ROOT, 'docs/logs/swarm.json')

/** What a half measured, when and where. */
interface Half {
  readonly date: string
  readonly machine: string
  readonly rows: readonly SwarmRow[]
}

interface Log {
  readonly tabs: Half
  readonly memory: Half
}

async function main(half: string | undefined): Promise<void> {
  const load = `load ${(loadavg()[0] ?? 0).toFixed(1)} when it began`
  const before = await readFile(LOG, 'utf8').then(
    (text) => JSON.parse(text) as Log,
    () => ({ tabs: measured(load, []), memory: measured(load, []) }),
  )
  const tabs =
    half === 'memory'
      ? before.tabs
      : measured(load, await runTabSwarm({ tabs: TABS, nodes: NODE_COUNTS, bytes: MODEL_BYTES }))
  let { memory } = before
  if (half !== 'tabs') {
    const onRow = (rows: readonly SwarmRow[]) => publish({ tabs, memory: measured(load, rows) })
    memory = measured(load, await runMemorySwarm({ peers: MEMORY_COUNTS, bytes: MODEL_BYTES, onRow }))
  }
  await publish({ tabs, memory })
  console.log(
    `\n8 tabs and Node.js peers at one relay\n${table(tabs.rows)}\n\nin memory\n${table(memory.rows)}`,
  )
}

/** Log, charts and page, of what was measured so far. */
async function publish({ tabs, memory }: Log): Promise<void> {
  await writeFile(LOG, `${JSON.stringify({ tabs, memory }, null, 2)}\n`)
  const images = join(ROOT, 'docs/images')
  await writeFile(
    join(images, 'swarm-tabs.svg'),
    drawLineChart(chartOf('8 tabs and Node.js peers, one relay', tabs.rows)),
  )
  await writeFile(
    join(images, 'swarm-memory.svg'),
    drawLineChart(chartOf('Peers in memory, four neighbours each', memory.rows)),
  )
  await writeFile(join(ROOT, 'docs/swarm.md'), report(tabs, memory))
}

function measured(load: string, rows: readonly SwarmRow[]): Half {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node.js ${process.versions.node}, ${load}`
  return { date: new Date().toISOString().slice(0, 10), machine, rows }
}

const HEAD = ['peers', 'got it', 'seconds', 'relay, models', 'first peer sent, models']

function cells({ peers, whole, seconds, relayBytes, originBytes }: SwarmRow): string[] {
  const models = (bytes: number) => (bytes / MODEL_BYTES).toFixed(2)
  return [String(peers), String(whole), seconds.toFixed(1), models(relayBytes), models(originBytes)]
}

function table(rows: readonly SwarmRow[]): string {
  const line = (texts: readonly string[]) => `| ${texts.join(' | ')} |`
  return [line(HEAD), line(HEAD.map(() => '---:')), ...rows.map((row) => line(cells(row)))].join('\n')
}

/** In models of 10 MiB, so that copies and bytes share one axis. */
function chartOf(title: string, rows: readonly SwarmRow[]): Chart {
  const points = (value: (row: SwarmRow) => number) => rows.map((row) => [row.peers, value(row)] as const)
  return {
    title,
    xLabel: 'peers',
    yLabel: 'models of 10 MiB',
    lines: [
      { name: 'copies in the end', colour: '#5f8f3e', points: points(({ whole }) => whole) },
      {
        name: 'carried by the relay',
        colour: '#c8714a',
        points: points(({ relayBytes }) => relayBytes / MODEL_BYTES),
      },
      {
        name: 'sent by the first peer',
        colour: '#1f7aa8',
        points: points(({ originBytes }) => originBytes / MODEL_BYTES),
      },
    ],
  }
}

function report(tabs: Half, memory: Half): string {
  const where = ({ date, machine }: Half) => `Measured on ${date}, ${machine}, everything on one machine.`
  return `# Swarms

One peer adds a model of 10 MiB, and everybody else fetches it at the same time. \`npm run load swarm\` measures it and writes this page.

## 8 tabs and Node.js peers at one relay

Tabs connect directly, by WebRTC. A Node.js peer has no WebRTC, so what it fetches comes through the relay, from others or from the relay's own cache: the relay's bytes grow with the Node.js peers and not with the tabs. A row is a fresh model for all peers that are there. ${where(tabs)}

${table(tabs.rows)}

![Relay bytes and copies against peers](images/swarm-tabs.svg)

## Peers in memory

The same peers, connected in memory to four others each, chosen at random; the relay introduces them and carries no content. What the first peer sends grows far less than the number of peers: the copies make the copies. All peers share one thread, which takes as long as all of them together: so their clocks and timers run ${TIMES_SLOWER} times slower (not the one that measures), and messages wait for another turn of the event loop once a turn lasts long. ${where(memory)}

${table(memory.rows)}

![Relay bytes and copies against peers](images/swarm-memory.svg)
`
}

await main(process.argv[2])
