import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Tabland } from '#api/types.ts'
import { createNodeTabland, type NodeTabland } from '#relay/create-node-tabland.ts'
import { launchProfile, openPage, type Profile } from './harness/chromium.ts'
import { type RelayProcess, startRelay } from './harness/relay.ts'

/** [NE8] The whole page in one HTML file, opened from disk. */
declare global {
  // set by the page once its peer runs
  var tabland: Tabland
}

const FILE = new URL('../../dist/tabland.html', import.meta.url).href
const STAND = '/0,27'
/** Software graphics draw slowly: a small picture shows the same. */
const VIEWPORT = { width: 640, height: 480 }
const PASSPHRASE = 'seven quiet lanterns'
/** the second test adds it, the third finds it again */
const OWN = { size: 700_000, cid: '' }

let folder: string
let relay: RelayProcess
let browser: Profile
let page: Page
let logs: readonly string[]
let node: NodeTabland
const stopping = new AbortController()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabland-disk-'))
  relay = await startRelay({ args: ['--sample'] })
  browser = await launchProfile(undefined, { gpu: true, viewport: VIEWPORT })
})

afterAll(async () => {
  stopping.abort()
  await browser?.close()
  await node?.stop()
  await relay?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function joined(): Promise<void> {
  await page.waitForFunction(() => globalThis.tabland?.state.network.value.join.phase === 'ready')
}

/** Share of the picture that is not nearly black. */
async function brightShare(): Promise<number> {
  const png = await page.locator('canvas.world').screenshot()
  return page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')
    if (context === null) throw new Error('no 2D canvas')
    context.drawImage(bitmap, 0, 0)
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height)
    let bright = 0
    for (let i = 0; i < data.length; i += 4) if (Math.max(...data.slice(i, i + 3)) > 40) bright++
    return bright / (data.length / 4)
  }, png.toString('base64'))
}

test('[NE8] it joins the relay that its address names, finds words and draws the world', async () => {
  const { peerId } = (await (await fetch(`${relay.url}/tabland.json`)).json()) as { peerId: string }
  const address = `/ip4/127.0.0.1/tcp/${relay.port}/ws/p2p/${peerId}`
  const opened = await openPage(browser, `${FILE}#${STAND}&relay=${address}`)
  page = opened.page
  logs = opened.logs
  await joined()
  await page.waitForFunction(() => tabland.state.land.value.builds.size > 0)
  const found = () => page.evaluate(async () => (await tabland.search('lantern')).results.length)
  await expect.poll(found, { timeout: 30_000 }).toBeGreaterThan(0)
  // what arrives first is found before it is ranked
  await page.waitForFunction(() => tabland.state.graph.value.rank !== undefined)
  expect(await page.evaluate(() => tabland.state.graph.value.rank?.kernel)).toBe('wasm')
  await page.waitForFunction(() => {
    const { frames, modelsLoaded } = globalThis.tabland.world?.stats.value ?? { frames: 0, modelsLoaded: 0 }
    return frames > 1 && modelsLoaded > 0
  })
  await expect.poll(brightShare, { timeout: 30_000 }).toBeGreaterThan(0.5)
  expect(await page.evaluate(() => tabland.state.storage.value.kind)).toBe('indexeddb')
})

test('[NE8] it serves a file to another peer and fetches one', async () => {
  node = await createNodeTabland({
    relay: relay.url,
    profileDir: join(folder, 'node'),
    signal: stopping.signal,
    warn: () => {},
  })
  OWN.cid = await page.evaluate(async (size) => {
    const bytes = Uint8Array.from({ length: size }, (_, i) => (i * i + (i >> 8)) & 255)
    return (await tabland.add(bytes)).cid
  }, OWN.size)
  const served = await node.tabland.cat(OWN.cid)
  expect([served.length, served[1_000]]).toEqual([OWN.size, (1_000 * 1_000 + (1_000 >> 8)) & 255])
  const { cid } = await node.tabland.add(new Uint8Array(400_000).fill(9))
  expect(await page.evaluate(async (cid) => (await tabland.cat(cid)).length, cid)).toBe(400_000)
})

test('[NE8] a reload keeps the content and finds the relay again, without being told', async () => {
  await node.stop()
  await page.goto('about:blank')
  await page.goto(`${FILE}?world=off`)
  await joined()
  const size = await page.evaluate(async (cid) => (await tabland.cat(cid)).length, OWN.cid)
  expect(size).toBe(OWN.size)
})

/** Links two texts and resolves once that is done, which needs keys. */
function link(to: string): Promise<unknown> {
  return page.evaluate((to) => tabland.link('candle', to), to)
}

async function givePassphrase(passphrase: string, repeat: boolean): Promise<void> {
  await page.getByLabel('Passphrase').fill(passphrase)
  if (repeat) await page.getByLabel('The same again').fill(passphrase)
  await page.keyboard.press('Enter')
}

test('[NE8] keys are stored only under a passphrase: another page from disk reads nothing of them', async () => {
  expect(await page.evaluate(() => tabland.state.keys.value.kind)).toBe('closed')
  const linked = link('a light of one’s own')
  await page.getByRole('dialog').waitFor()
  await givePassphrase(PASSPHRASE, true)
  await linked
  const [phrase, address] = await page.evaluate(() =>
    Promise.all([tabland.wallet.exportPhrase(), tabland.wallet.address()]),
  )
  expect(phrase.split(' ')).toHaveLength(12)

  await writeFile(join(folder, 'other.html'), '<!doctype html><title>Another page</title>')
  const other = await openPage(browser, pathToFileURL(join(folder, 'other.html')).href)
  const seen = await other.page.evaluate(dumpStorage)
  expect(seen.names).toContain('tabland-sealed')
  expect(seen.names.filter((name) => /device|wallet|tab-keys/.test(name))).toEqual([])
  expect(seen.cryptoKeys).toBe(0)
  expect(seen.text).toContain('tabland/local/relays')
  for (const secret of [
    phrase,
    ...phrase
      .split(' ')
      .slice(0, 11)
      .map((word, i) => `${word} ${phrase.split(' ')[i + 1]}`),
  ])
    expect(seen.text).not.toContain(secret)
  await other.page.close()

  await page.reload()
  await joined()
  const again = link('and its shadow')
  await page.getByRole('dialog').waitFor()
  await givePassphrase('seven loud lanterns', false)
  await page.getByText('This passphrase does not open your keys').waitFor()
  await givePassphrase(PASSPHRASE, false)
  await again
  expect(await page.evaluate(() => tabland.wallet.address())).toBe(address)
})

test('[NE8] nothing was refused by its own policy', () => {
  expect(logs.filter((line) => /Content Security Policy|uncaught/.test(line))).toEqual([])
})

/** Everything that a page of this origin can read, as text; bytes both as letters and as numbers in base 16. */
async function dumpStorage(): Promise<{ names: string[]; text: string; cryptoKeys: number }> {
  const names = (await indexedDB.databases()).map(({ name = '' }) => name)
  let cryptoKeys = 0
  const show = (value: unknown): string => {
    if (value instanceof CryptoKey) cryptoKeys++
    if (value instanceof ArrayBuffer) return show(new Uint8Array(value))
    if (value instanceof Uint8Array) return [...value].map((byte) => String.fromCharCode(byte)).join('')
    if (Array.isArray(value)) return value.map(show).join()
    if (typeof value === 'object' && value !== null)
      return Object.entries(value)
        .map(([key, part]) => `${key}:${show(part)}`)
        .join()
    return String(value)
  }
  const promised = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
  const parts = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })]
  for (const name of names) {
    const database = await promised(indexedDB.open(name))
    for (const store of database.objectStoreNames) {
      parts.push(show(await promised(database.transaction(store).objectStore(store).getAll())))
    }
    database.close()
  }
  return { names, text: parts.join('\n'), cryptoKeys }
}
