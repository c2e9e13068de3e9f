// `npm run load wordnet [FOLDER]`: a newcomer tab takes all of WordNet in, links and texts, from a relay that was started
// with `--sample wordnet`: time, frames and memory. The relay's data stays in FOLDER, so that the next run finds it there.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext } from 'playwright-core'
import type { Tabland } from '#api/types.ts'
import { launchProfile, openPage } from '../e2e/harness/chromium.ts'
import { type RelayProcess, startRelay } from '../e2e/harness/relay.ts'
import { reportLinks, watchLinks } from './lib/watch-links.ts'

/** In the page. */
declare const tabland: Tabland

const NETWORK = 'local'
const READY = /WordNet has \d+ meanings: (\d+) texts and (\d+) links/
const TIMEOUT_MS = 500_000
const POLL_MS = 250

const folder = process.argv[2]
const dataDir = folder ?? (await mkdtemp(join(tmpdir(), 'tabland-wordnet-')))
const startedAt = performance.now()
const since = () => `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`
const relay = await startRelay({ dataDir, args: ['--network', NETWORK, '--sample', 'wordnet'] })
const profile = await launchProfile()
let isGood = false
try {
  const { texts, links } = await whenReady(relay)
  console.log(`the relay has ${links} links and ${texts} texts of WordNet after ${since()}`)
  const { page, logs } = await openPage(profile, `${relay.url}/?world=off`)
  page.setDefaultTimeout(TIMEOUT_MS)
  await page.waitForFunction(() => globalThis.tabland !== undefined)
  isGood = reportLinks(await watchLinks(page, links))
  console.log(`memory of the tab's process: ${await tellMemory(profile.context)}`)
  const rank = await page.evaluate(async () => {
    const begunAt = performance.now()
    const { particles, iterations, ms, iterateMs, kernel } = await tabland.rank.compute()
    return { particles, iterations, ms, iterateMs, kernel, waited: performance.now() - begunAt }
  })
  console.log(
    `ranked ${rank.particles} particles by ${rank.kernel}: ${rank.iterations} iterations in ${rank.iterateMs.toFixed(0)} ms of ${rank.ms.toFixed(0)}`,
  )
  const search = await page.evaluate(async () => {
    const begunAt = performance.now()
    const { results } = await tabland.search('dog')
    return { found: results.length, ms: performance.now() - begunAt }
  })
  console.log(`a search for dog: ${search.found} results in ${search.ms.toFixed(0)} ms`)
  await page.waitForFunction(async () => (await tabland.suggest('dog b')).length > 0, undefined, {
    polling: POLL_MS,
  })
  console.log(
    `texts of it are suggested ${since()} after the start; memory: ${await tellMemory(profile.context)}`,
  )
  for (const line of logs.filter((line) => !line.startsWith('log:'))) console.log(line)
} finally {
  await profile.close()
  await relay.stop()
  if (folder === undefined) await rm(dataDir, { recursive: true, force: true })
}
console.log(isGood ? 'As it should be.' : 'NOT as it should be.')
process.exit(isGood ? 0 : 1)

async function whenReady({ output }: RelayProcess): Promise<{ texts: number; links: number }> {
  for (;;) {
    const [, texts, links] = READY.exec(output()) ?? []
    if (links !== undefined) return { texts: Number(texts), links: Number(links) }
    const warning = /Warning: .*/.exec(output())
    if (warning !== null) throw new Error(warning[0])
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

/** Resident memory of the renderers, the largest first: one is the tab's. */
async function tellMemory(context: BrowserContext): Promise<string> {
  const session = await context.browser()?.newBrowserCDPSession()
  if (session === undefined) return 'not known'
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  const sizes = await Promise.all(
    processInfo
      .filter(({ type }) => type === 'renderer')
      .map(async ({ id }) => {
        const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '')
        return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1_024
      }),
  )
  return sizes
    .sort((a, b) => b - a)
    .map((mib) => `${mib.toFixed(0)} MiB`)
    .join(', ')
}
