// `npm run size`: what the first load weighs, beside the chunks that come later, the page in one file, and the verifier
// that other pages can import. The first load is the page's entry and the peer, which the entry asks for at once, each
// with all that it statically imports; the world and the panels come when they are shown. Ends with code 1 when one of
// the three breaks its budget.
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { gzipSync } from 'node:zlib'
import { importsOf } from './lib/imports.ts'
import { ROOT, runNode } from './lib/root.ts'
import { MAX_VERIFIER_BYTES, VERIFIER } from './lib/verifier-budget.ts'
import { weighEntry } from './lib/weigh-entry.ts'

/** [UI1] first-load JavaScript, gzipped */
const MAX_FIRST_LOAD_BYTES = 450 * 1000
/** The page in one file holds everything, fonts and workers in base64 or twice: 3,875 kB, and 600 kB of chain. */
const MAX_SINGLE_FILE_BYTES = 4_500 * 1000
/** The peer's chunk, after web/tab.ts, with its hash of eight characters: others begin with `tab-` too. */
const PEER_CHUNK = /(^|\/)tab-[\w-]{8}\.js$/
const DIST = join(ROOT, 'dist')

interface Chunk {
  readonly path: string
  readonly bytes: number
  readonly gzipped: number
}

/** Paths (from dist/) of the scripts that index.html names: its module scripts and what it preloads. */
function entriesOf(html: string): string[] {
  const tags = html.matchAll(/<(?:script|link)\b[^>]*>/g)
  return [...tags].flatMap(([tag]) => {
    const isScript = tag.startsWith('<script')
    if (!isScript && !/rel="modulepreload"/.test(tag)) return []
    const path = /(?:src|href)="(?:\.\/|\/)?([^"]+\.js)"/.exec(tag)?.[1]
    return path === undefined ? [] : [path]
  })
}

/** `entries`, the peer and all that they statically import, each once. */
async function firstLoad(entries: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>()
  const queue = [...entries]
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (found.has(path)) continue
    found.add(path)
    const { statics, dynamics } = importsOf(path, await readFile(join(DIST, path), 'utf8'))
    const eager = [...statics, ...dynamics.filter((specifier) => PEER_CHUNK.test(specifier))]
    for (const specifier of eager) queue.push(posix.join(posix.dirname(path), specifier))
  }
  return found
}

async function measure(path: string): Promise<Chunk> {
  const content = await readFile(join(DIST, path))
  return { path, bytes: content.length, gzipped: gzipSync(content, { level: 9 }).length }
}

function printTable(title: string, chunks: readonly Chunk[]): void {
  console.log(`\n${title}`)
  const sorted = [...chunks].sort((a, b) => b.gzipped - a.gzipped)
  for (const { path, bytes, gzipped } of sorted) {
    console.log(`  ${kilobytes(bytes)}  ${kilobytes(gzipped)} gzipped  ${path}`)
  }
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1).padStart(8)} kB`
}

async function main(): Promise<number> {
  for (const script of ['scripts/build.ts', 'scripts/build-single.ts'])
    if ((await runNode(script, ['--if-stale'])) !== 0) return 1
  if (!existsSync(join(DIST, 'index.html'))) return 1
  const first = await firstLoad(entriesOf(await readFile(join(DIST, 'index.html'), 'utf8')))
  const files = await readdir(DIST, { recursive: true })
  const served = files
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.(js|css|wasm)$/.test(path))
  const chunks = await Promise.all(served.map(measure))
  const firstChunks = chunks.filter(({ path }) => first.has(path))
  printTable('First load', firstChunks)
  printTable(
    'Lazy: scripts, workers and wasm',
    chunks.filter(({ path }) => !first.has(path) && !path.endsWith('.css')),
  )
  printTable(
    'Styles',
    chunks.filter(({ path }) => path.endsWith('.css')),
  )

  const total = firstChunks.reduce((sum, { gzipped }) => sum + gzipped, 0)
  const within = total <= MAX_FIRST_LOAD_BYTES
  console.log(
    `\nFirst load: ${kilobytes(total).trim()} gzipped, ${within ? 'within' : 'over'} the budget of ` +
      `${kilobytes(MAX_FIRST_LOAD_BYTES).trim()}.`,
  )
  const single = await measure('tabland.html')
  const singleWithin = single.bytes <= MAX_SINGLE_FILE_BYTES
  console.log(
    `Single file: ${kilobytes(single.bytes).trim()} (${kilobytes(single.gzipped).trim()} gzipped), ` +
      `${singleWithin ? 'within' : 'over'} the budget of ${kilobytes(MAX_SINGLE_FILE_BYTES).trim()}.`,
  )
  const verifier = await weighEntry(VERIFIER)
  const verifierWithin = verifier < MAX_VERIFIER_BYTES
  console.log(
    `${VERIFIER} alone: ${kilobytes(verifier).trim()} gzipped, ` +
      `${verifierWithin ? 'within' : 'over'} the budget of ${kilobytes(MAX_VERIFIER_BYTES).trim()}.`,
  )
  return within && singleWithin && verifierWithin ? 0 : 1
}

process.exit(await main())
