import { createHash } from 'node:crypto'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Tabland } from '#api/types.ts'
import { launchProfile, openPage, type Profile } from './harness/chromium.ts'
import { type RelayProcess, startRelay } from './harness/relay.ts'

/** [NE8] The page without the relay that it came from. */
declare global {
  // set by the page once its peer runs
  var tabland: Tabland
}

const DIST = new URL('../../dist', import.meta.url).pathname
/** The square of the sample world is ahead. */
const STAND = '#/0,27'
/** A build has some hundred and forty files. */
const KEPT_MS = 60_000
/** Software graphics draw slowly: a small picture shows the same. */
const VIEWPORT = { width: 480, height: 300 }

let folder: string
let relay: RelayProcess
let browser: Profile

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabland-page-'))
  await cp(DIST, folder, { recursive: true })
  relay = await startRelay({ args: ['--sample', '--page', folder] })
  browser = await launchProfile(undefined, { gpu: true, viewport: VIEWPORT })
})

afterAll(async () => {
  await browser?.close()
  await relay?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Puts another build into the relay's folder: the page differs, and the service worker that names it. */
async function deploy(mark: string): Promise<void> {
  const [page, worker] = await Promise.all(
    ['index.html', 'sw.js'].map((name) => readFile(join(folder, name), 'utf8')),
  )
  const hash = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`
  const next = (page as string).replace(/<title>.*<\/title>/, `<title>${mark}</title>`)
  const named = (worker as string).replace(hash(page as string), hash(next))
  await writeFile(join(folder, 'index.html'), next)
  await writeFile(join(folder, 'sw.js'), named.replace(/(version["']?:["'`])\w+/, `$1${mark}`))
}

async function joined(page: Page): Promise<void> {
  await page.waitForFunction(() => globalThis.tabland?.state.network.value.join.phase === 'ready')
}

async function kept(page: Page): Promise<void> {
  await page.evaluate(async () => void (await navigator.serviceWorker.ready))
}

const cachesOf = (page: Page) => page.evaluate(() => caches.keys())

/** The stored builds once no other is on its way, else what is; names are read first, for one may begin at any time. */
function activeCaches(page: Page): Promise<readonly string[] | string> {
  return page.evaluate(async () => {
    const names = await caches.keys()
    const { installing, waiting, active } = await navigator.serviceWorker.ready
    const states = [installing, waiting, active].map((worker) => worker?.state ?? 'none')
    return states.join() === 'none,none,activated' ? names : `${states.join()} with ${names.join()}`
  })
}

async function found(page: Page): Promise<number> {
  return page.evaluate(async () => (await tabland.search('lantern')).results.length)
}

test('[NE8] visited once, it opens without its relay: the world and search work, and it joins again later', async () => {
  const { page } = await openPage(browser, `${relay.url}/${STAND}`)
  await joined(page)
  await page.waitForFunction(() => tabland.state.graph.value.rank !== undefined)
  await expect.poll(() => found(page), { timeout: 30_000 }).toBeGreaterThan(0)
  await page.waitForFunction(() => (globalThis.tabland.world?.stats.value.modelsLoaded ?? 0) > 0)
  await kept(page)

  await relay.halt()
  await page.reload()
  await page.waitForFunction(() => globalThis.tabland !== undefined)
  await page.getByText('The relay does not answer').first().waitFor()
  expect(await page.evaluate(() => tabland.state.network.value.network)).toBe('local')
  await expect.poll(() => found(page), { timeout: 30_000 }).toBeGreaterThan(0)
  await page.waitForFunction(() => {
    const { frames, modelsLoaded } = globalThis.tabland.world?.stats.value ?? { frames: 0, modelsLoaded: 0 }
    return frames > 1 && modelsLoaded > 0
  })
  // every panel is there too, also those that were never opened
  await page.evaluate(() => tabland.link('candle', 'a light of one’s own'))

  await relay.restart()
  await joined(page)
  await page.close()
})

test('[NE8] what a relay says of itself is never kept', async () => {
  const { page } = await openPage(browser, `${relay.url}/?world=off`)
  await joined(page)
  await kept(page)
  await page.evaluate(() => Promise.all(['tabland.json', 'healthz', 'metrics'].map((path) => fetch(path))))
  const urls = await page.evaluate(async () => {
    const all = await Promise.all((await caches.keys()).map((name) => caches.open(name)))
    const requests = await Promise.all(all.map((cache) => cache.keys()))
    return requests.flat().map(({ url }) => new URL(url).pathname)
  })
  expect(urls).toContain('/')
  expect(urls.filter((path) => /\/(tabland\.json|healthz|metrics|sw\.js)$/.test(path))).toEqual([])
  await page.close()
})

test('[NE8] it can be installed', async () => {
  const { page } = await openPage(browser, `${relay.url}/?world=off`)
  await joined(page)
  const session = await browser.context.newCDPSession(page)
  expect((await session.send('Page.getInstallabilityErrors')).installabilityErrors).toEqual([])
  const { errors, url } = await session.send('Page.getAppManifest')
  expect([errors, url]).toEqual([[], `${relay.url}/manifest.webmanifest`])
  await page.close()
})

test('[NE8] a new build is taken at the next load; the one before stays for its tabs, earlier ones go', async () => {
  const { page: old } = await openPage(browser, `${relay.url}/?world=off`)
  await joined(old)
  await kept(old)
  const [first] = await cachesOf(old)
  const second = `tabland-page ${relay.url}/ second`
  await deploy('second')
  const { page } = await openPage(browser, `${relay.url}/?world=off`)
  expect(await page.title()).toBe('second')
  await expect.poll(() => activeCaches(page), { timeout: KEPT_MS }).toEqual([first, second])
  expect(await old.title()).toBe('Tabland')

  await relay.halt()
  await page.reload()
  expect(await page.title()).toBe('second')
  await page.waitForFunction(() => globalThis.tabland !== undefined)
  await relay.restart()
  await deploy('third')
  await page.reload()
  expect(await page.title()).toBe('third')
  await expect
    .poll(() => activeCaches(page), { timeout: KEPT_MS })
    .toEqual([second, `tabland-page ${relay.url}/ third`])
  await old.close()
  await page.close()
})

test('[NE8] a build that does not arrive whole changes nothing', async () => {
  await deploy('fourth')
  const page = await readFile(join(folder, 'index.html'), 'utf8')
  // what is served is not what the service worker was promised
  await writeFile(join(folder, 'index.html'), page.slice(0, 400))
  const { page: tab } = await openPage(browser, `${relay.url}/?world=off`)
  expect(await tab.title()).toBe('third')
  const before = await cachesOf(tab)
  const ended = await tab.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready
    await registration.update().catch(() => {})
    const worker = registration.installing
    if (worker === null || worker.state === 'redundant') return 'redundant'
    return new Promise((resolve) => worker.addEventListener('statechange', () => resolve(worker.state)))
  })
  expect(ended).toBe('redundant')
  expect(await cachesOf(tab)).toEqual(before)
  await tab.close()
})
