import type { Page } from 'playwright-core'
import { afterEach, expect, test } from 'vitest'
import type { Tabland } from '#api/types.ts'
import { launchProfile, openPage } from './harness/chromium.ts'
import { type RelayProcess, startRelay } from './harness/relay.ts'

declare global {
  // set by the page once its peer runs
  var tabland: Tabland
}

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

test('[OB11] a file published for one wallet opens in its tab, whole and in ranges, and in no other', async () => {
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
}, 240_000)
