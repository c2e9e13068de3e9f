import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { launchProfile, openPage, type Profile, removeProfile } from './harness/chromium.ts'
import { type ServedPage, serveStorePage } from './pages/store/serve-page.ts'

const BLOCK_BYTES = 100_000
const MIB = 1024 * 1024

let served: ServedPage
let profile: Profile

beforeAll(async () => {
  served = await serveStorePage()
})
afterAll(() => served.close())

beforeEach(async () => {
  profile = await launchProfile()
})
afterEach(async () => {
  await profile.close()
  await removeProfile(profile.dir)
})

interface StoreTab {
  readonly page: Page
  readonly kind: string
  readonly failure: { code: string; message: string } | undefined
  /** what the store has acknowledged so far */
  readonly acknowledged: string[]
  /** resolves once `count` puts are acknowledged */
  reached(count: number): Promise<void>
}

async function openStore({ before }: { before?: () => void } = {}): Promise<StoreTab> {
  const { page } = await openPage(profile)
  if (before !== undefined) await page.addInitScript(before)
  const acknowledged: string[] = []
  const waiting: { count: number; resolve: () => void }[] = []
  await page.exposeFunction('acknowledged', (name: string) => {
    acknowledged.push(name)
    for (const { count, resolve } of waiting) if (acknowledged.length >= count) resolve()
  })
  await page.goto(served.origin)
  const { kind, failure } = await page.evaluate(() => window.storePage.open('test'))
  return {
    page,
    kind,
    failure,
    acknowledged,
    reached: (count) =>
      new Promise((resolve) => {
        if (acknowledged.length >= count) resolve()
        else waiting.push({ count, resolve })
      }),
  }
}

/** Starts writing and does not wait: the page may die meanwhile. */
function startWriting({ page }: StoreTab, prefix: string): void {
  page
    .evaluate(([name, bytes]) => window.storePage.put(name, { count: 100_000, bytes, atOnce: 8 }), [
      prefix,
      BLOCK_BYTES,
    ] as const)
    .catch(() => undefined)
}

async function put({ page }: StoreTab, prefix: string, options: { count: number; bytes?: number }) {
  const { count, bytes = BLOCK_BYTES } = options
  return page.evaluate(([name, init]) => window.storePage.put(name, init), [
    prefix,
    { count, bytes, atOnce: 8 },
  ] as const)
}

async function verify({ page }: StoreTab, names: readonly string[], bytes = BLOCK_BYTES): Promise<string[]> {
  return page.evaluate(([list, length]) => window.storePage.verify(list, length), [names, bytes] as const)
}

/** Sets the origin's quota; Chromium forgets it when the session ends, so the page's stays open. */
async function limitQuota({ page }: StoreTab): Promise<(quotaSize?: number) => Promise<unknown>> {
  const session = await profile.context.newCDPSession(page)
  const { origin } = served
  return (quotaSize) =>
    session.send(
      'Storage.overrideQuotaForOrigin',
      quotaSize === undefined ? { origin } : { origin, quotaSize },
    )
}

describe('[SE1] the default store in Chromium', () => {
  it('two tabs write at once, one crashes, the browser is killed: all that was acknowledged is there', async () => {
    const [a, b] = [await openStore(), await openStore()]
    expect([a.kind, b.kind]).toEqual(['opfs', 'opfs'])
    startWriting(a, 'a')
    startWriting(b, 'b')
    await Promise.all([a.reached(60), b.reached(60)])

    const crashed = new Promise((resolve) => a.page.once('crash', resolve))
    const session = await profile.context.newCDPSession(a.page)
    session.send('Page.crash').catch(() => undefined)
    await crashed
    await b.reached(b.acknowledged.length + 60)
    // a tab opened now reads what the crashed one left, while another goes on writing
    const c = await openStore()
    const fromCrashed = [...a.acknowledged]
    expect(await verify(c, fromCrashed)).toEqual(fromCrashed)

    await profile.kill()
    profile = await launchProfile(profile.dir)
    const after = await openStore()
    const names = [...a.acknowledged, ...b.acknowledged]
    expect(names.length).toBeGreaterThanOrEqual(180)
    expect(await verify(after, names)).toEqual(names)
    expect(await put(after, 'after', { count: 5 })).toBeUndefined()
    expect((await verify(after, after.acknowledged)).length).toBe(5)
    expect(await after.page.evaluate(() => window.storePage.damaged())).toEqual([])
  })

  it('a block put in one tab is seen and read in another, while the first goes on writing', async () => {
    const [a, b] = [await openStore(), await openStore()]
    startWriting(a, 'busy')
    await a.reached(20)
    await b.page.evaluate((bytes) => window.storePage.seen('busy-10', bytes), BLOCK_BYTES)
    const names = a.acknowledged.slice(0, 20)
    expect(await verify(b, names)).toEqual(names)
    expect(await put(b, 'b', { count: 3 })).toBeUndefined()
    expect(await verify(a, b.acknowledged)).toEqual(b.acknowledged)
  })

  it('quota exceeded: says so, keeps everything acknowledged, and takes blocks again when there is room', async () => {
    const tab = await openStore()
    const bytes = 256 * 1024
    const setQuota = await limitQuota(tab)
    await setQuota(24 * MIB)
    const failure = await put(tab, 'fill', { count: 200, bytes })
    expect(failure).toMatchObject({ code: 'STORE_QUOTA_EXCEEDED' })
    expect(failure?.message).toContain('delete content or free disk space')
    const kept = [...tab.acknowledged]
    expect(kept.length).toBeGreaterThan(20)
    expect(await verify(tab, kept, bytes)).toEqual(kept)

    // deleting works on a full disk, and makes room
    const deleted = kept.splice(0, kept.length - 2)
    const deletion = await tab.page.evaluate(([names, length]) => window.storePage.delete(names, length), [
      deleted,
      bytes,
    ] as const)
    expect(deletion).toBeUndefined()
    await expect
      .poll(() => put(tab, `again-${Math.random()}`, { count: 4, bytes }), { timeout: 20_000 })
      .toBeUndefined()
    expect(await verify(tab, kept, bytes)).toEqual(kept)

    await setQuota()
    expect(await put(tab, 'roomy', { count: 100, bytes })).toBeUndefined()
    await tab.page.reload()
    await tab.page.evaluate(() => window.storePage.open('test'))
    const roomy = tab.acknowledged.filter((name) => name.startsWith('roomy'))
    expect(await verify(tab, [...kept, ...roomy], bytes)).toEqual([...kept, ...roomy])
    expect(await verify(tab, deleted, bytes)).toEqual([])
  })

  it('without OPFS falls to IndexedDB, which survives a killed browser too', async () => {
    const before = (): void => {
      Reflect.deleteProperty(StorageManager.prototype, 'getDirectory')
    }
    const tab = await openStore({ before })
    expect(tab).toMatchObject({ kind: 'indexeddb', failure: undefined })
    startWriting(tab, 'idb')
    await tab.reached(40)
    await profile.kill()
    profile = await launchProfile(profile.dir)
    const after = await openStore({ before })
    expect(await verify(after, tab.acknowledged)).toEqual(tab.acknowledged)
    const { blocks } = await after.page.evaluate(() => window.storePage.stats())
    expect(blocks).toBeGreaterThanOrEqual(40)
  })

  it('quota exceeded in IndexedDB is the same error', async () => {
    const tab = await openStore({
      before: () => {
        Reflect.deleteProperty(StorageManager.prototype, 'getDirectory')
      },
    })
    const setQuota = await limitQuota(tab)
    await setQuota(4 * MIB)
    expect(await put(tab, 'fill', { count: 200 })).toMatchObject({ code: 'STORE_QUOTA_EXCEEDED' })
    expect(await verify(tab, tab.acknowledged)).toEqual(tab.acknowledged)
  })

  it('without OPFS and IndexedDB keeps blocks in memory and says so', async () => {
    const tab = await openStore({
      before: () => {
        Reflect.deleteProperty(StorageManager.prototype, 'getDirectory')
        Object.defineProperty(window, 'indexedDB', { value: undefined })
      },
    })
    expect(tab).toMatchObject({ kind: 'memory', failure: { code: 'STORE_NOT_DURABLE' } })
    expect(await put(tab, 'memory', { count: 3 })).toBeUndefined()
    expect(await verify(tab, tab.acknowledged)).toEqual(tab.acknowledged)
  })
})
