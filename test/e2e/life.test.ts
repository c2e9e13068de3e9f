import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFetcher, type Fetcher } from './harness/fetcher.ts'
import { launchRaw, type RawBrowser, type RawPage } from './harness/raw-cdp.ts'
import { type RelayProcess, startRelay } from './harness/relay.ts'

const HIDDEN_MS = 90_000
const PAUSE_MS = 5_000
const FROZEN_MS = 12_000
const RESUME_LIMIT_MS = 5_000
const FILE_BYTES = 300_000
/** Far more than a fetch takes, less than a person waits. */
const FETCH_MS = 20_000
const JOINED = `globalThis.tabland?.state.network.value.join.phase === 'ready'`

let relay: RelayProcess
let browser: RawBrowser
let fetcher: Fetcher

beforeAll(async () => {
  relay = await startRelay()
  browser = await launchRaw()
  fetcher = await createFetcher([relay.url])
})
afterAll(async () => {
  await fetcher?.stop()
  await browser?.close()
  await relay?.stop()
})

function add(page: RawPage): Promise<string> {
  return page.evaluate(`(async () => {
    const bytes = new Uint8Array(${FILE_BYTES})
    for (let at = 0; at < bytes.length; at += 50000) crypto.getRandomValues(bytes.subarray(at, at + 50000))
    return (await tabland.add(bytes)).cid
  })()`)
}

const fetchFile = (cid: string) => fetcher.fetch(cid, { bytes: FILE_BYTES, timeoutMs: FETCH_MS })

describe('[NE7] a tab', () => {
  it('that is hidden answers every fetch for 90 s, and again within 5 s after it was frozen', async () => {
    const page = await browser.open(`${relay.url}/?world=off`)
    await page.until(JOINED)
    const cids: string[] = []
    while (cids.length < HIDDEN_MS / PAUSE_MS + 2) cids.push(await add(page))
    await fetchFile(cids.pop() as string)
    await browser.open('about:blank')
    await page.until(`document.visibilityState === 'hidden'`)

    const took: number[] = []
    const hiddenAt = performance.now()
    while (performance.now() - hiddenAt < HIDDEN_MS) {
      const cid = cids.pop() ?? (await add(page))
      took.push(await fetchFile(cid))
      await setTimeout(PAUSE_MS) // the test is what time does to a hidden page
    }
    const last = cids.pop() ?? (await add(page))
    await page.send('Page.setWebLifecycleState', { state: 'frozen' })
    await setTimeout(FROZEN_MS)
    await page.send('Page.setWebLifecycleState', { state: 'active' })
    const resumed = await fetchFile(last)
    console.log(
      `Hidden for 90 s: ${took.length} fetches answered, the slowest in ${Math.max(...took)} ms; ` +
        `after being frozen in ${resumed} ms (at most ${RESUME_LIMIT_MS}).`,
    )
    expect(resumed).toBeLessThan(RESUME_LIMIT_MS)
    page.close()
  }, 200_000)

  it('that crashed, or whose browser was killed, serves the same content again', async () => {
    const page = await browser.open(`${relay.url}/?world=off`)
    await page.until(JOINED)
    const [first, second] = [await add(page), await add(page)]
    const { peerId } = await page.evaluate<{ peerId: string }>('tabland.state.network.value')
    await page.crash()
    await page.send('Page.reload')
    await page.until(JOINED)
    expect(await page.evaluate('tabland.state.network.value.peerId')).toBe(peerId)
    await fetchFile(first)

    const { dir } = browser
    await browser.kill()
    browser = await launchRaw({ dir })
    const again = await browser.open(`${relay.url}/?world=off`)
    await again.until(JOINED)
    await fetchFile(second)
  })
})
