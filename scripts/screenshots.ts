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
const LANTERN = { x: -3, y: 31 }
const STILL_MS = 700
const MAX_SETTLE_MS = 60_000
/** Software rendering may take its time for a frame. */
const TIMEOUT_MS = 120_000

interface Size {
  readonly suffix: string
  readonly viewport: { readonly width: number; readonly height: number }
  readonly mobile: boolean
}

const SIZES: readonly Size[] = [
  { suffix: '', viewport: { width: 1280, height: 800 }, mobile: false },
  { suffix: '-360', viewport: { width: 360, height: 740 }, mobile: true },
]

/** Waits until the page looks the same twice: a still scene draws no frames. */
async function settle(page: Page): Promise<void> {
  const deadline = Date.now() + MAX_SETTLE_MS
  let before = await page.screenshot({ timeout: TIMEOUT_MS })
  while (Date.now() < deadline) {
    await page.waitForTimeout(STILL_MS)
    const after = await page.screenshot({ timeout: TIMEOUT_MS })
    if (after.equals(before)) return
    before = after
  }
}

async function take(page: Page, name: string, { suffix }: Size): Promise<void> {
  await settle(page)
  await page.screenshot({ path: join(FOLDER, `${name}${suffix}.png`), timeout: TIMEOUT_MS })
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
  await take(page, 'world', size)
}

async function takeSearch(page: Page, size: Size): Promise<void> {
  await page.getByRole('combobox').fill('lantern')
  await page.getByRole('combobox').press('Enter')
  await take(page, 'search', size)
}

async function takeParcel(page: Page, url: string, size: Size): Promise<void> {
  await page.goto(`${url}/#/${LANTERN.x},${LANTERN.y - 2}`)
  await page.reload()
  await waitForGraph(page)
  await page.getByRole('button', { name: 'Land', exact: true }).click()
  await page
    .getByRole('button', { name: `${LANTERN.x}, ${LANTERN.y}` })
    .first()
    .click()
  await take(page, 'parcel', size)
}

async function main(): Promise<void> {
  if ((await runNode('scripts/build.ts', ['--if-stale'])) !== 0) process.exit(1)
  await mkdir(FOLDER, { recursive: true })
  const relay = await startRelay({ args: ['--sample'] })
  const companion = await launchProfile()
  try {
    await openPage(companion, `${relay.url}/?world=off`)
    for (const size of SIZES) {
      const profile = await launchProfile(undefined, {
        gpu: true,
        viewport: size.viewport,
        mobile: size.mobile,
      })
      try {
        await takeJoining(profile, relay.url, size)
        const { page, logs } = await openPage(profile, `${relay.url}/${VIEWPOINT}`)
        await takeWorld(page, size)
        await takeSearch(page, size)
        await takeParcel(page, relay.url, size)
        for (const line of logs.filter((text) => /^(error|uncaught)/.test(text))) console.log(line)
      } finally {
        await profile.close()
      }
    }
  } finally {
    await companion.close()
    await relay.stop()
  }
}

await main()
