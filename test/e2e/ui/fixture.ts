import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { launchProfile, openPage, type Profile } from '../harness/chromium.ts'
import { type ServedPage, servePage } from '../pages/serve-page.ts'
import type { UiPage } from '../pages/ui/page.ts'

/** In the page. */
declare const uiPage: UiPage

/** A small phone. */
export const SMALL = { width: 360, height: 740 }
/** A usual window. */
export const DESKTOP = { width: 1280, height: 800 }

let served: ServedPage
let profile: Profile
const pages: { page: Page; logs: string[] }[] = []

/** One built page and one browser for all tests of the file that calls this. */
export function useUi(): void {
  beforeAll(async () => {
    served = await servePage('ui')
    profile = await launchProfile()
    // a relay serves the single file beside its page
    await profile.context.route('**/tabland.html', (route) => route.fulfill({ status: 200 }))
  })

  afterAll(async () => {
    await profile?.close()
    await served?.close()
  })

  afterEach(async () => {
    for (const { page, logs } of pages.splice(0)) {
      // a page that still remembers something between this and its end would change the next test
      await page.evaluate(() => {
        Storage.prototype.setItem = () => {}
        localStorage.clear()
      })
      await page.close()
      // no uncaught error, and nothing that the page's security policy would refuse
      expect(logs.filter((line) => /^(error|uncaught)/.test(line))).toEqual([])
    }
  })
}

/** A page as it is opened: its peer has not joined. */
export async function open(query = '', size = DESKTOP): Promise<Page> {
  const opened = await openPage(profile)
  pages.push(opened)
  const { page } = opened
  await page.setViewportSize(size)
  await page.goto(served.url + query)
  await page.waitForFunction(() => 'uiPage' in globalThis)
  return page
}

/** A page whose peer has joined, with words, a model and others. */
export async function openJoined(query = '', size = DESKTOP): Promise<Page> {
  const page = await open(query, size)
  await page.evaluate(() => {
    const { fake } = uiPage
    const model = fake.put(new Uint8Array(1234).fill(1), 'model', 'model/gltf-binary')
    fake.addLink('lantern', 'a light in a transparent protective case')
    fake.addLink('lantern', model)
    fake.addLink('light', 'a light in a transparent protective case')
    fake.addLink('lamp', 'an artificial source of light')
    for (let i = 0; i < 15; i++) fake.addLink('moon', `thing ${i} about the moon`)
    fake.addBuild(fake.tabland.land.parcel(33, 2) ?? 0, model)
    fake.network.value = {
      ...fake.network.value,
      join: { phase: 'ready', progress: 1, readyAfterMs: 840 },
      relays: [
        {
          address: '/dns4/relay.example/tcp/443/wss',
          status: 'reserved',
          reservedUntil: Date.now() + 780_000,
        },
      ],
      peers: [
        {
          peerId: '12D3KooWPeerOfTestAAAAAAAAAAAAAAAA',
          transport: 'webrtc',
          kind: 'tab',
          lastSeen: Date.now(),
          connectedAt: Date.now() - 300_000,
          latencyMs: 18,
        },
      ],
    }
  })
  await page.getByText('Joined in 840 ms').waitFor()
  return page
}

/** Where queries are typed. */
export function searchField(page: Page) {
  return page.getByRole('combobox', { name: 'Search words and things' })
}
