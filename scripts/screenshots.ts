// Takes the pictures of the README from the real thing: node scripts/screenshots.ts
// A relay with the sample world, a second tab that keeps it company, and one visitor per picture size.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { Tabland } from '#api/types.ts'
import { launchProfile, openPage, type Profile } from '../test/e2e/harness/chromium.ts'
import { startRelay } from '../test/e2e/harness/relay.ts'
import { ROOT, runNode } from './lib/root.ts'

/** In the page. */
declare const tabland: Tabland

const FOLDER = join(ROOT, 'docs/images')
/** Looking north, with the models of the sample world ahead. */
const VIEWPOINT = '#/0,27'
const STILL_MS = 3_000
/** Software rendering may take its time for a frame. */
const TIMEOUT_MS = 240_000

interface Size {
  readonly suffix: string
  readonly viewport: { readonly width: number; readonly height: number }
  readonly mobile: boolean
}

const SIZES: readonly Size[] = [
  { suffix: '', viewport: { width: 1280, height: 800 }, mobile: false },
  { suffix: '-360', viewport: { width: 360, height: 740 }, mobile: true },
]

/** Frames that the page has asked for and not been given yet, and when it last asked. */
interface Frames {
  pending: number
  askedAt: number
}

/** Runs in the page before its scripts. */
function watchFrames(): void {
  const frames: Frames = { pending: 0, askedAt: performance.now() }
  Object.assign(globalThis, { frames })
  const ask = globalThis.requestAnimationFrame.bind(globalThis)
  const open = new Set<number>()
  const end = (handle: number): void => {
    if (open.delete(handle)) frames.pending = open.size
  }
  globalThis.requestAnimationFrame = (callback) => {
    const handle = ask((time) => {
      end(handle)
      callback(time)
    })
    open.add(handle)
    Object.assign(frames, { pending: open.size, askedAt: performance.now() })
    return handle
  }
  const cancel = globalThis.cancelAnimationFrame.bind(globalThis)
  globalThis.cancelAnimationFrame = (handle) => {
    end(handle)
    cancel(handle)
  }
}

/** Waits until the page asks for no more frames: a still scene draws none. */
async function settle(page: Page): Promise<void> {
  await page.waitForFunction(
    (stillMs) => {
      const { frames } = globalThis as unknown as { frames: Frames }
      return frames.pending === 0 && performance.now() - frames.askedAt > stillMs
    },
    STILL_MS,
    { polling: 500 },
  )
}

async function take(page: Page, name: string, { suffix }: Size): Promise<void> {
  await settle(page)
  await page.screenshot({ path: join(FOLDER, `${name}${suffix}.png`) })
  console.log(`docs/images/${name}${suffix}.png`)
}

async function waitForGraph(page: Page): Promise<void> {
  await page.waitForFunction(
    () => (globalThis as { tabland?: Tabland }).tabland?.state.graph.value.rank !== undefined,
  )
}

/** The bar of a tab whose relay has not answered yet: its WebSocket stays silent. */
async function takeJoining(profile: Profile, url: string, size: Size): Promise<void> {
  const { page } = await openPage(profile)
  await page.routeWebSocket(/./, () => {})
  await page.goto(`${url}/${VIEWPOINT}`)
  await page.getByRole('status').first().waitFor()
  await take(page, 'joining', size)
  await page.close()
}

async function takeWorld(page: Page, size: Size): Promise<void> {
  await waitForGraph(page)
  await page.waitForFunction(() => tabland.state.land.value.builds.size > 0 && tabland.net.peers().length > 0)
  await page.getByRole('button', { name: 'Dismiss' }).click()
  await take(page, 'world', size)
}

async function takeSearch(page: Page, size: Size): Promise<void> {
  await page.getByRole('combobox').fill('lantern')
  await page.getByRole('combobox').press('Enter')
  await page.getByRole('button', { name: 'Show in the world' }).first().waitFor()
  await take(page, 'search', size)
}

/** The result's way into the world stops in front of the model and opens its parcel's card. */
async function takeParcel(page: Page, size: Size): Promise<void> {
  await page.getByRole('button', { name: 'Show in the world' }).first().click()
  // Beside each other on a wide screen; on a phone the card has taken the panel's place.
  if (!size.mobile) await page.getByRole('button', { name: 'Close' }).first().click()
  await take(page, 'parcel', size)
}

/** What the visit left here, and a file of one's own; then how the network stands. */
async function takePanels(page: Page, size: Size): Promise<void> {
  await page.getByRole('button', { name: 'Seed', exact: true }).click()
  await page.setInputFiles('.panel input[type=file]', {
    name: 'notes about the lighthouse.md',
    mimeType: 'text/markdown',
    buffer: Buffer.from('# The lighthouse\n\nIt stands at the north shore.\n'),
  })
  await page.waitForFunction(() => tabland.state.seed.value.serving.status === 'served')
  await take(page, 'seeding', size)
  await page.getByRole('button', { name: 'Network', exact: true }).click()
  await page.getByRole('heading', { name: 'Network', exact: true }).waitFor()
  await take(page, 'network', size)
}

async function main(): Promise<void> {
  if ((await runNode('scripts/build.ts', ['--if-stale'])) !== 0) process.exit(1)
  await mkdir(FOLDER, { recursive: true })
  const relay = await startRelay({ args: ['--sample'] })
  const companion = await launchProfile()
  try {
    await openPage(companion, `${relay.url}/?world=off`)
    for (const size of SIZES) await takeAll(relay.url, size)
  } finally {
    await companion.close()
    await relay.stop()
  }
}

async function takeAll(url: string, size: Size): Promise<void> {
  const { viewport, mobile } = size
  const profile = await launchProfile(undefined, { gpu: true, viewport, mobile, reducedMotion: true })
  profile.context.setDefaultTimeout(TIMEOUT_MS)
  await profile.context.addInitScript(watchFrames)
  try {
    await takeJoining(profile, url, size)
    const { page, logs } = await openPage(profile, `${url}/${VIEWPOINT}`)
    await takeWorld(page, size)
    await takeSearch(page, size)
    await takeParcel(page, size)
    if (size.mobile) await page.getByRole('button', { name: 'Close' }).first().click()
    await takePanels(page, size)
    for (const line of logs.filter((text) => /^(error|uncaught)/.test(text))) console.log(line)
  } finally {
    await profile.close()
  }
}

await main()
