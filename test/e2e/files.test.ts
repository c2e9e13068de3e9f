import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Tabland } from '#api/types.ts'
import { launchProfile, openPage, type Profile } from './harness/chromium.ts'
import { type RelayProcess, startRelay } from './harness/relay.ts'

/** Files and folders as named objects: published in one browser, opened by their links in another. */
declare global {
  // set by the page once its peer runs
  var tabland: Tabland
}

const ROOT = new URL('../../', import.meta.url).pathname
const MIB = 1024 * 1024
/** A page with a picture, a film, and scripts of every kind that would tell if they ran. */
const SITE = `<!doctype html><title>a small page</title><link rel="stylesheet" href="style.css">
<h1>Hello</h1><img src="img/a.png" onload="parent.ran = 1"><video src="film.webm" preload="metadata" controls></video>
<script>parent.ran = 2</script><script src="run.js"></script><iframe src="/?world=off"></iframe>
<svg onload="parent.ran = 4"></svg><a id="out" href="javascript:parent.ran=5">out</a>`

let relay: RelayProcess
let maker: Profile
let reader: Profile
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabland-files-'))
  relay = await startRelay()
  maker = await launchProfile()
  reader = await launchProfile()
})

afterAll(async () => {
  await maker?.close()
  await reader?.close()
  await relay?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function open(profile: Profile): Promise<Page> {
  const { page } = await openPage(profile, `${relay.url}/?world=off`)
  await page.waitForFunction(() => globalThis.tabland?.state.network.value.join.phase === 'ready')
  return page
}

async function makeSite(): Promise<string> {
  const site = join(folder, 'site')
  await mkdir(join(site, 'img'), { recursive: true })
  await cp(join(ROOT, 'web/public/icon-192.png'), join(site, 'img/a.png'))
  await cp(join(ROOT, 'test/vectors/media/film.webm'), join(site, 'film.webm'))
  await writeFile(join(site, 'index.html'), SITE)
  await writeFile(join(site, 'style.css'), 'h1 { color: rgb(1, 2, 3) }')
  await writeFile(join(site, 'run.js'), 'parent.ran = 3')
  return site
}

/** Both hold a direct connection, over which everything goes on when the relay is gone. */
async function connectDirectly(page: Page, other: Page): Promise<void> {
  const peerId = await other.evaluate(() => tabland.state.network.value.peerId)
  await page.waitForFunction(
    (peerId) =>
      globalThis.tabland.net.peers().some((peer) => peer.peerId === peerId && peer.transport === 'webrtc'),
    peerId,
  )
}

/** The service worker came after the first visit, and answers this page. */
async function routed(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
}

test('[OB19] a folder is published in one tab and opened by its link in another: page, picture and film, without the relay, and no script runs', async () => {
  const a = await open(maker)
  const b = await open(reader)
  await connectDirectly(b, a)
  await routed(b)

  await a.getByRole('button', { name: 'Files' }).click()
  await a.locator('input[type=file][data-folder=true]').setInputFiles(await makeSite())
  await a.waitForFunction(() => globalThis.tabland.state.files.value.published.length === 1)
  const item = await a.evaluate(() => tabland.state.files.value.published[0]!)
  expect(item).toMatchObject({ kind: 'dir', name: 'site', files: 5 })
  await a.getByRole('button', { name: /^site/ }).waitFor()

  await relay.halt()
  await b.evaluate((link) => {
    location.hash = `open=${link}`
  }, item.link)
  await b.getByText('and unchanged since').waitFor()
  // the page is shown by its index.html, with its style and picture
  const shown = await b.waitForFunction(() => {
    const page = document.querySelector<HTMLIFrameElement>('iframe.preview')?.contentDocument
    const picture = page?.querySelector('img')
    const film = page?.querySelector('video')
    if (page === null || page === undefined || !picture?.complete || (film?.readyState ?? 0) < 1)
      return undefined
    const colour = page.defaultView?.getComputedStyle(page.querySelector('h1')!).color
    if (colour !== 'rgb(1, 2, 3)') return undefined
    page.querySelector<HTMLAnchorElement>('#out')?.click()
    return { title: page.title, width: picture.naturalWidth, duration: Math.round(film!.duration) }
  })
  expect(await shown.jsonValue()).toEqual({ title: 'a small page', width: 192, duration: 30 })
  expect(await b.evaluate(() => (window as { ran?: number }).ran)).toBeUndefined()

  // a film of the folder, sought in: its bytes come as ranges
  await b.getByRole('button', { name: 'film.webm' }).click()
  const film = b.locator('video.preview')
  await film.waitFor()
  const sought = await film.evaluate(async (video: HTMLVideoElement) => {
    const heard = Promise.withResolvers<void>()
    video.addEventListener('seeked', () => heard.resolve(), { once: true })
    video.currentTime = 27
    await heard.promise
    return { at: video.currentTime, hasFrame: video.readyState >= 2, error: video.error }
  })
  expect(sought).toEqual({ at: 27, hasFrame: true, error: null })

  // what a browser hears of a part, and of scripts
  const heard = await b.evaluate(async (link) => {
    const url = `./cyfs/${link.slice('cyfs://'.length)}`
    const ask = async (path: string, range?: string) => {
      const answer = await fetch(url + path, range === undefined ? {} : { headers: { Range: range } })
      const bytes = (await answer.arrayBuffer()).byteLength
      const header = (name: string) => answer.headers.get(name)
      return {
        status: answer.status,
        bytes,
        range: header('Content-Range'),
        type: header('Content-Type'),
        policy: header('Content-Security-Policy'),
        nosniff: header('X-Content-Type-Options'),
      }
    }
    const script = await new Promise((resolve) => {
      const element = document.createElement('script')
      element.src = `${url}/run.js`
      element.onload = () => resolve('ran')
      element.onerror = () => resolve('refused')
      document.head.append(element)
    })
    return {
      part: await ask('/film.webm', 'bytes=300000-300099'),
      behind: await ask('/film.webm', 'bytes=99999999-'),
      script: [script, (await ask('/run.js')).type],
      missing: (await ask('/none.html')).status,
      root: (await fetch(url)).url.endsWith('/'),
    }
  }, item.link)
  expect(heard.part).toMatchObject({ status: 206, bytes: 100, type: 'video/webm', nosniff: 'nosniff' })
  expect(heard.part.range).toMatch(/^bytes 300000-300099\/\d+$/)
  expect(heard.part.policy).toMatch(/^sandbox allow-same-origin; default-src 'none'; script-src 'none';/)
  expect(heard.behind.status).toBe(416)
  expect(heard.script).toEqual(['refused', 'text/plain; charset=utf-8'])
  expect(heard.missing).toBe(404)
  expect(heard.root).toBe(true)
  expect(await b.evaluate(() => (window as { ran?: number }).ran)).toBeUndefined()

  await relay.restart()
  await a.close()
  await b.close()
})

test('[OB12] a large file: published with progress, resumed after a reload in the middle, and a part of it read alone', async () => {
  const BYTES = 24 * MIB
  const a = await open(maker)
  const b = await open(reader)
  /** Publishes bytes that are made as they are read; resolves when `until` of them are stored, or all. */
  const publish = (page: Page, until: number) =>
    page.evaluate(
      async ([bytes, until]) => {
        const block = new Uint32Array(65_536)
        const parts: Blob[] = []
        for (let at = 0; at < bytes / 262_144; at++) {
          for (let i = 0; i < block.length; i++) block[i] = Math.imul(i + 1, 0x9e3779b1 + 2 * at)
          parts.push(new Blob([block]))
        }
        const seen: number[] = []
        const enough = Promise.withResolvers<undefined>()
        const onProgress = ({ bytes: done }: { readonly bytes: number }) => {
          seen.push(done)
          if (done >= until) enough.resolve(undefined)
        }
        const stored = tabland.state.storage.value.bytes
        const publishing = tabland.objects.publish(new Blob(parts), { name: 'large.bin', onProgress })
        const item = await Promise.race([publishing, enough.promise])
        return { item, steps: seen.length, stored }
      },
      [BYTES, until] as const,
    )
  // what was stored is written down every 16 MiB
  const begun = await publish(a, 20 * MIB)
  expect(begun.item).toBeUndefined()
  await a.reload()
  await a.waitForFunction(() => globalThis.tabland?.state.network.value.join.phase === 'ready')
  const half = await a.waitForFunction(
    () => globalThis.tabland.seed.status().adding.find(({ name }) => name === 'large.bin')?.transfer.bytes,
  )
  expect(await half.jsonValue()).toBeGreaterThanOrEqual(BYTES / 3)
  const { item, steps, stored } = await publish(a, Number.POSITIVE_INFINITY)
  expect(item).toMatchObject({ name: 'large.bin', bytes: BYTES })
  expect(steps).toBeGreaterThan(20)
  // what was stored before the reload was not stored again
  await a.waitForFunction(
    ([before, bytes]) => {
      const added = globalThis.tabland.state.storage.value.bytes - before
      return added > 0 && added < (bytes * 2) / 3
    },
    [stored, BYTES] as const,
  )

  const before = await fetchedBytes(b)
  const read = await b.evaluate(
    async ([link, bytes]) => {
      const start = bytes / 2 + 100_000
      const parts: Blob[] = []
      const reading = tabland.objects.read(link, { start, end: start + 1_048_576 })
      for await (const part of reading) parts.push(new Blob([part]))
      const part = new Blob(parts)
      const [word] = new Uint32Array(await part.slice(0, 4).arrayBuffer())
      // the word at `start`, as it was made
      const chunk = Math.floor(start / 262_144)
      const right = Math.imul((start % 262_144) / 4 + 1, 0x9e3779b1 + 2 * chunk) >>> 0
      return { bytes: part.size, isRight: word === right }
    },
    [item!.link, BYTES] as const,
  )
  expect(read).toEqual({ bytes: MIB, isRight: true })
  await expect.poll(() => fetchedBytes(b)).toBeGreaterThan(before + MIB)
  const fetched = (await fetchedBytes(b)) - before
  console.log(`For 1 MiB out of the middle of ${BYTES / MIB} MiB, ${fetched} bytes were fetched.`)
  expect(fetched).toBeLessThan(1.5 * MIB)
})

/** Of content, as the tab itself counts them, once a second. */
function fetchedBytes(page: Page): Promise<number> {
  return page.evaluate(() => tabland.state.storage.value.fetchedBytes)
}
