import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterEach, expect, test } from 'vitest'
import type { Tabland } from '#api/types.ts'
import { launchProfile, openPage, type Profile, removeProfile } from './harness/chromium.ts'
import { type RelayProcess, startRelay } from './harness/relay.ts'

declare global {
  // set by the page once its peer runs
  var tabland: Tabland
}

const MODEL = new URL('../../sample/models/fox.glb', import.meta.url)

const stops: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function open(profile: Profile, relay: RelayProcess): Promise<Page> {
  const { page } = await openPage(profile, `${relay.url}/?world=off`)
  await page.waitForFunction(() => globalThis.tabland?.state.network.value.join.phase === 'ready')
  return page
}

/** Publishes a model and two links from one tab while the other links too; resolves when all is acknowledged. */
async function work(one: Page, two: Page, model: Uint8Array): Promise<string> {
  const [root] = await Promise.all([
    one.evaluate(
      async (bytes) => {
        const placement = { x: 0, y: 0, z: 0, yawDegrees: 0, scale: 1 }
        const build = await tabland.land.publish(0, 31, new Uint8Array(bytes), placement)
        await tabland.link('fox', build.root)
        await tabland.link('fox', 'a small clever animal')
        return build.root
      },
      [...model],
    ),
    two.evaluate(async () => {
      for (const word of ['lamp', 'light', 'glow']) await tabland.link('lantern', word)
    }),
  ])
  return root
}

test('[SE1][KG1] two tabs of a profile write at once; after kill -9 all that was acknowledged is there', async () => {
  const model = await readFile(MODEL)
  const relay = await startRelay()
  const profile = await launchProfile()
  stops.push(() => removeProfile(profile.dir))
  const [one, two] = [await open(profile, relay), await open(profile, relay)]
  const root = await work(one, two, model)
  await profile.kill()

  // a relay that has heard of nothing, at the same address: whatever comes back, comes from the profile
  await relay.stop()
  const fresh = await startRelay({ port: relay.port })
  stops.push(() => fresh.stop())
  const again = await launchProfile(profile.dir)
  stops.push(() => again.close())
  const page = await open(again, fresh)
  await page.waitForFunction(
    () => tabland.state.graph.value.links === 5 && tabland.land.at(0, 31) !== undefined,
  )
  const kept = await page.evaluate(async () => {
    const of = async (query: string) => (await tabland.search(query)).results.map(({ cid }) => cid)
    const build = tabland.land.at(0, 31)
    const bytes = await tabland.cat(build?.root ?? '')
    return {
      fox: await of('fox'),
      lantern: await of('lantern'),
      root: build?.root,
      mine: build?.mine,
      bytes: [...bytes],
    }
  })
  expect(kept.root).toBe(root)
  expect(kept.mine).toBe(true)
  expect(kept.fox).toContain(root)
  expect(kept.fox).toHaveLength(2)
  expect(kept.lantern).toHaveLength(3)
  expect(Buffer.compare(Buffer.from(kept.bytes), model)).toBe(0)

  // the feed goes on where it stopped, and somebody else gets everything
  const link = await page.evaluate(() => tabland.link('fox', 'red'))
  const other = await launchProfile()
  stops.push(() => other.close())
  const visitor = await open(other, fresh)
  await visitor.waitForFunction(() => tabland.state.graph.value.links === 6)
  const fetched = await visitor.evaluate(async (cid) => (await tabland.cat(cid)).length, root)
  expect(fetched).toBe(model.length)
  // both are objects like any other: named, fetched and checked by their ids
  const build = await page.evaluate(() => tabland.land.at(0, 31)?.object ?? '')
  const opened = await visitor.evaluate(
    async (ids) => Promise.all(ids.map(async (id) => tabland.objects.open(id))),
    [link.object, build],
  )
  expect(opened.map(({ id, type, trust }) => [id, type, trust.level])).toEqual([
    [link.object, 'LinkBatch', 'owner'],
    [build, 'Placement', 'owner'],
  ])
  const hashes = await Promise.all(
    [page, visitor].map((tab) => tab.evaluate(async () => (await tabland.rank.compute()).ranksSha256)),
  )
  expect(hashes[0]).toBe(hashes[1])
})
