import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Tabland } from '#api/types.ts'
import { launchProfile, openPage } from './harness/chromium.ts'
import { type RelayProcess, startRelay } from './harness/relay.ts'

declare global {
  // set by the page once its peer runs
  var tabland: Tabland
}

const ROOT = new URL('../../', import.meta.url).pathname
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabland-restricted-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

const stops: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

/** A tab of a profile of its own, joined. */
async function open(relay: RelayProcess): Promise<Page> {
  const profile = await launchProfile()
  stops.push(() => profile.close())
  const { page } = await openPage(profile, `${relay.url}/?world=off`)
  await page.waitForFunction(() => globalThis.tabland?.state.network.value.join.phase === 'ready')
  return page
}

/** What a tab sees of a link once it is found. */
async function opened(page: Page, link: string) {
  const found = await page.waitForFunction(
    (cyfs) => tabland.objects.open(cyfs).catch(() => undefined),
    link,
    { polling: 500 },
  )
  return found.jsonValue()
}

/** Bytes `start` to `end` of a link, or the code of why not. */
function read(page: Page, link: string, range: { start?: number; end?: number } = {}) {
  return page.evaluate(
    async ([cyfs, options]) => {
      const parts: Uint8Array[] = []
      try {
        for await (const part of tabland.objects.read(cyfs, options)) parts.push(part)
        return parts.flatMap((part) => [...part])
      } catch (error) {
        return (error as { code?: string }).code ?? String(error)
      }
    },
    [link, range] as const,
  )
}

test('[OB11] a file and a folder published for one wallet open in its tab, whole and in ranges, and in no other', async () => {
  const relay = await startRelay()
  stops.push(() => relay.stop())
  const author = await open(relay)
  const reader = await open(relay)
  const stranger = await open(relay)
  const wallet = await reader.evaluate(() => tabland.wallet.address())
  const size = 600_000 // three segments
  const item = await author.evaluate(
    ([address, length]) => {
      const bytes = Uint8Array.from({ length }, (_, at) => at % 251)
      return tabland.objects.publish(new Blob([bytes]), { name: 'plan.bin', readers: [address] })
    },
    [wallet, size] as const,
  )
  expect(item.readers).toContain(wallet)

  expect(await opened(reader, item.link)).toMatchObject({
    name: 'plan.bin',
    bytes: size,
    restricted: { readable: true },
  })
  const whole = (await read(reader, item.link)) as number[]
  expect(whole).toHaveLength(size)
  expect(whole.every((byte, at) => byte === at % 251)).toBe(true)
  const [start, end] = [262_100, 262_200]
  expect(await read(reader, item.link, { start, end })).toEqual(whole.slice(start, end))

  const seen = await opened(stranger, item.link)
  expect(seen).toMatchObject({ restricted: { readable: false, failure: { code: 'OBJECT_KEY_REFUSED' } } })
  expect(seen?.name).toBeUndefined()
  expect(await read(stranger, item.link)).toBe('OBJECT_KEY_REFUSED')
  // it may have every block, and reads none of it
  const sealed = await stranger.evaluate(async (root) => [...(await tabland.cat(root))], item.root)
  expect(sealed.length).toBeGreaterThan(size)
  expect(sealed.slice(0, 64)).not.toEqual(whole.slice(0, 64))

  await publishFolder(author, wallet)
  const published = await author.waitForFunction(() =>
    tabland.state.files.value.published.find(({ kind }) => kind === 'dir'),
  )
  const site = (await published.jsonValue())!
  expect(site).toMatchObject({ name: 'site', files: 2, readers: expect.arrayContaining([wallet]) })
  await showsSite(reader, site.link)
  await refusesSite(stranger, site.link)
}, 240_000)

test('[CH7] a relay hands out the key while the owner is away, once its owner let it, until it is taken back', async () => {
  const relay = await startRelay({ args: ['--keys', '1MiB'] })
  stops.push(() => relay.stop())
  const author = await open(relay)
  const reader = await open(relay)
  const wallet = await reader.evaluate(() => tabland.wallet.address())
  const item = await author.evaluate(
    (address) => tabland.objects.publish(new Blob(['for you']), { name: 'letter.txt', readers: [address] }),
    wallet,
  )
  await author.getByRole('button', { name: 'Files' }).click()
  await author.getByRole('button', { name: 'letter.txt' }).click()
  // what that means stands beside the button
  await author.getByText(/^That is the relay …\w{6}, .* It can then read it, too\./).waitFor()
  await author.getByRole('button', { name: 'Let my relay hand out the key while I am away' }).click()
  await author.getByText(/^The relay …\w{6} has the key, and can read this, until /).waitFor()
  await author.getByText('It knows no chain').waitFor()
  // the sealed bytes stay with somebody else, and the relay has what was signed
  const stranger = await open(relay)
  await stranger.evaluate((root) => tabland.seed.pin(root), item.root)
  await author.reload()
  await author.waitForFunction(() => globalThis.tabland?.state.files.value.handed.length === 1)
  await author.goto('about:blank')

  expect(await opened(reader, item.link)).toMatchObject({
    name: 'letter.txt',
    restricted: { readable: true },
  })
  expect(await read(reader, item.link)).toEqual([...Buffer.from('for you')])
  expect(await read(stranger, item.link)).toBe('OBJECT_KEY_REFUSED')

  await author.goto(`${relay.url}/?world=off`)
  await author.waitForFunction(() => globalThis.tabland?.state.network.value.join.phase === 'ready')
  await author.getByRole('button', { name: 'Files' }).click()
  await author.getByRole('button', { name: 'letter.txt' }).click()
  await author.getByRole('button', { name: 'Take the key back' }).click()
  await author.getByRole('button', { name: 'Let my relay hand out the key while I am away' }).waitFor()
  expect(await relay.metrics()).toMatch(/^tabland_relay_keys 0$\n(.*\n)*tabland_relay_key_bytes 0$/m)
  await author.goto('about:blank')
  expect(await read(stranger, item.link)).toBe('OBJECT_KEY_NOT_FOUND')
}, 240_000)

/** A page with a picture, published in the files panel for one wallet. */
async function publishFolder(page: Page, wallet: string): Promise<void> {
  const site = join(folder, 'site')
  await mkdir(join(site, 'img'), { recursive: true })
  await cp(join(ROOT, 'web/public/icon-192.png'), join(site, 'img/a.png'))
  await writeFile(join(site, 'index.html'), '<!doctype html><title>a quiet page</title><img src="img/a.png">')
  await page.getByRole('button', { name: 'Files' }).click()
  await page.getByText('Only for some wallets').click()
  await page.getByLabel('Addresses of wallets that may read it').fill(wallet)
  await page.locator('input[type=file][data-folder=true]').setInputFiles(site)
}

/** The files panel shows the page with its picture, which came through `/cyfs/`, and `/cyfs/` gives parts. */
async function showsSite(page: Page, link: string): Promise<void> {
  expect(await opened(page, link)).toMatchObject({ type: 'Dir', restricted: { readable: true } })
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
  await page.evaluate((cyfs) => {
    location.hash = `open=${cyfs}`
  }, link)
  const shown = await page.waitForFunction(() => {
    const site = document.querySelector<HTMLIFrameElement>('iframe.preview')?.contentDocument
    const picture = site?.querySelector('img')
    return picture?.complete && picture.naturalWidth > 0
      ? { title: site?.title, width: picture.naturalWidth }
      : undefined
  })
  expect(await shown.jsonValue()).toEqual({ title: 'a quiet page', width: 192 })
  await page.getByRole('button', { name: 'img/a.png' }).waitFor()
  expect(await heard(page, `${link}/img/a.png`, 'bytes=1-3')).toEqual([206, 'image/png', 'PNG'])
}

async function refusesSite(page: Page, link: string): Promise<void> {
  const seen = await opened(page, link)
  expect(seen).toMatchObject({ restricted: { readable: false, failure: { code: 'OBJECT_KEY_REFUSED' } } })
  expect([seen?.name, seen?.entries]).toEqual([undefined, undefined])
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
  for (const path of ['/', '/index.html', '/img/a.png']) {
    const [status, , text] = await heard(page, link + path)
    expect([path, status]).toEqual([path, 403])
    expect(text).not.toContain('quiet')
  }
}

/** Status, type and text of what the page's own origin answers for a link. */
function heard(page: Page, link: string, range?: string) {
  return page.evaluate(
    async ([cyfs, part]) => {
      const headers: HeadersInit = part === undefined ? {} : { Range: part }
      const answer = await fetch(`./cyfs/${cyfs.slice('cyfs://'.length)}`, { headers })
      return [answer.status, answer.headers.get('Content-Type'), await answer.text()] as const
    },
    [link, range] as const,
  )
}
