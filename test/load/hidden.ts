// `npm run load hidden [MINUTES]`: a hidden tab serves a peer for half an hour, frozen now and then ([NE7]).
import { setTimeout } from 'node:timers/promises'
import { createFetcher, type Fetcher } from '../e2e/harness/fetcher.ts'
import { launchRaw, type RawBrowser, type RawPage } from '../e2e/harness/raw-cdp.ts'
import { metricOf, type RelayProcess, startRelay } from '../e2e/harness/relay.ts'

const DEFAULT_MINUTES = 30
const MINUTE_MS = 60_000
const FETCHES_PER_MINUTE = 2
const FILE_BYTES = 300_000
/** What a fetch may take; it takes a fraction of a second unless the tab sleeps. */
const FETCH_MS = 20_000
/** The tab is frozen in each seventh minute, for half of it. */
const FREEZE_EVERY = 7
const FROZEN_MS = 30_000
const RESUME_LIMIT_MS = 5_000
const MIB = 1024 * 1024

interface Sample {
  readonly minute: number
  readonly heapMib: number
  readonly rendererMib: number
  readonly relayMib: number
}

interface Count {
  asked: number
  answered: number
  slowestMs: number
}

/** The page's own timers, for comparison: how far apart two of them are that should be 100 ms apart. */
const WATCH_TIMERS = `(() => {
  const state = (globalThis.timerGaps = { most: 0 })
  let last = performance.now()
  const run = () => {
    const now = performance.now()
    state.most = Math.max(state.most, now - last)
    last = now
    setTimeout(run, 100)
  }
  run()
})()`
const READ_TIMERS = '(() => { const { most } = timerGaps; timerGaps.most = 0; return Math.round(most) })()'
const ADD_FILE = `(async () => {
  const bytes = new Uint8Array(${FILE_BYTES})
  for (let at = 0; at < bytes.length; at += 50000) crypto.getRandomValues(bytes.subarray(at, at + 50000))
  return (await tabland.add(bytes)).cid
})()`

async function sample(minute: number, parts: Parts): Promise<Sample & { readonly nodes: number }> {
  const { browser, page, relay } = parts
  await page.send('HeapProfiler.collectGarbage') // what could be freed is no leak
  const { metrics } = await page.send('Performance.getMetrics')
  const { nodes } = await page.send('Memory.getDOMCounters')
  const heap = (metrics as readonly { name: string; value: number }[]).find(
    ({ name }) => name === 'JSHeapUsedSize',
  )
  return {
    minute,
    heapMib: (heap?.value ?? 0) / MIB,
    rendererMib: ((await browser.rendererRss()) ?? 0) / MIB,
    relayMib: metricOf(await relay.metrics(), 'process_resident_memory_bytes') / MIB,
    nodes: Number(nodes),
  }
}

async function ask({ fetcher, cids }: Parts, count: Count): Promise<string> {
  const cid = cids.pop() ?? ''
  count.asked += 1
  try {
    const ms = await fetcher.fetch(cid, { bytes: FILE_BYTES, timeoutMs: FETCH_MS })
    count.answered += 1
    count.slowestMs = Math.max(count.slowestMs, ms)
    return `${ms}`
  } catch (error) {
    return `none (${(error as Error).message})`
  }
}

async function freeze({ page }: Parts): Promise<void> {
  await page.send('Page.setWebLifecycleState', { state: 'frozen' })
  await setTimeout(FROZEN_MS)
  await page.send('Page.setWebLifecycleState', { state: 'active' })
}

/** MiB an hour, by least squares. */
function slope(samples: readonly Sample[], key: 'heapMib' | 'rendererMib' | 'relayMib'): number {
  const n = samples.length
  const meanX = samples.reduce((sum, { minute }) => sum + minute, 0) / n
  const meanY = samples.reduce((sum, one) => sum + one[key], 0) / n
  const top = samples.reduce((sum, one) => sum + (one.minute - meanX) * (one[key] - meanY), 0)
  const bottom = samples.reduce((sum, { minute }) => sum + (minute - meanX) ** 2, 0)
  return bottom === 0 ? 0 : (top / bottom) * 60
}

interface Parts {
  readonly relay: RelayProcess
  readonly browser: RawBrowser
  readonly page: RawPage
  readonly fetcher: Fetcher
  /** contents of the tab that were not fetched yet */
  readonly cids: string[]
}

async function prepare(minutes: number): Promise<Parts> {
  const relay = await startRelay()
  const browser = await launchRaw()
  const page = await browser.open(`${relay.url}/?world=off`)
  await page.until(`globalThis.tabland?.state.network.value.join.phase === 'ready'`)
  const cids: string[] = []
  while (cids.length <= minutes * FETCHES_PER_MINUTE) cids.push(await page.evaluate<string>(ADD_FILE))
  const fetcher = await createFetcher([relay.url])
  const parts = { relay, browser, page, fetcher, cids }
  await ask(parts, { asked: 0, answered: 0, slowestMs: 0 }) // meets the tab
  await page.send('Performance.enable')
  await page.evaluate(WATCH_TIMERS)
  await browser.open('about:blank')
  await page.until(`document.visibilityState === 'hidden'`)
  return parts
}

async function runMinute(minute: number, parts: Parts, counts: Counts): Promise<Sample> {
  const endsAt = performance.now() + MINUTE_MS
  const took: string[] = []
  const frozen = minute % FREEZE_EVERY === 0
  if (frozen) await freeze(parts)
  for (let i = frozen ? 1 : 0; i < FETCHES_PER_MINUTE; i++) {
    took.push(await ask(parts, frozen ? counts.resumed : counts.hidden))
    await setTimeout(Math.max(0, endsAt - performance.now() - (FETCHES_PER_MINUTE - 1 - i) * 30_000))
  }
  const now = await sample(minute, parts)
  const gap = await parts.page.evaluate<number>(READ_TIMERS)
  console.log(
    `${String(minute).padStart(3)} min${frozen ? ', frozen for 30 s' : ''}: fetched in ${took.join(' and ')} ms; ` +
      `tab ${now.heapMib.toFixed(1)} MiB of heap, ${now.rendererMib.toFixed(0)} MiB in memory, ${now.nodes} nodes; ` +
      `relay ${now.relayMib.toFixed(0)} MiB; the page's own timers of 100 ms up to ${gap} ms apart`,
  )
  return now
}

interface Counts {
  readonly hidden: Count
  readonly resumed: Count
}

async function main(minutes: number): Promise<number> {
  const parts = await prepare(minutes)
  const counts: Counts = {
    hidden: { asked: 0, answered: 0, slowestMs: 0 },
    resumed: { asked: 0, answered: 0, slowestMs: 0 },
  }
  const samples: Sample[] = []
  try {
    console.log(`A hidden tab, ${minutes} minutes, from ${new Date().toISOString()}:`)
    for (let minute = 1; minute <= minutes; minute++) samples.push(await runMinute(minute, parts, counts))
  } finally {
    await parts.fetcher.stop()
    await parts.browser.close()
    await parts.relay.stop()
  }
  const { hidden, resumed } = counts
  // caches fill in the first minutes
  const settled = samples.length > 10 ? samples.slice(5) : samples
  const perHour = (key: 'heapMib' | 'rendererMib' | 'relayMib') => slope(settled, key).toFixed(1)
  console.log(
    `Slopes from minute ${settled[0]?.minute} on, MiB an hour: the tab's heap ${perHour('heapMib')}, ` +
      `its process ${perHour('rendererMib')}, the relay ${perHour('relayMib')}.`,
  )
  console.log(
    `Hidden: ${hidden.answered} of ${hidden.asked} fetches answered, the slowest in ${hidden.slowestMs} ms. ` +
      `After being frozen: ${resumed.answered} of ${resumed.asked}, the slowest in ${resumed.slowestMs} ms (at most ${RESUME_LIMIT_MS}).`,
  )
  const good = hidden.answered === hidden.asked && resumed.answered === resumed.asked
  return good && resumed.slowestMs <= RESUME_LIMIT_MS ? 0 : 1
}

process.exit(await main(Number(process.argv[2] ?? DEFAULT_MINUTES)))
