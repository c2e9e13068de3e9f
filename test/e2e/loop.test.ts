import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Tabland } from '#api/types.ts'
import { launchProfile, openPage, type Profile } from './harness/chromium.ts'
import { metricOf, type RelayProcess, startRelay } from './harness/relay.ts'
import { countRtcBytes, readRtcBytes } from './harness/rtc-bytes.ts'

/**
 * The first whole loop: what one person publishes, another finds and sees, over WebRTC, checked; with the relay
 * gone as well.
 */
declare global {
  // set by the page once its peer runs
  var tabland: Tabland
}

const MODELS = new URL('../../sample/models/', import.meta.url)
/** cells beside the square, seen from where the second visitor stands */
const FIRST = { x: 0, y: 31 }
const SECOND = { x: 2, y: 31 }
/** where nobody builds */
const EMPTY = { x: -1, y: 32 }
const STAND = { x: 0, y: 28 }
/** Software graphics draw slowly: a small picture shows the same. */
const VIEWPORT = { width: 800, height: 500 }
const REJOIN_MS = 10_000

let relay: RelayProcess
let maker: Profile
let visitor: Profile

beforeAll(async () => {
  relay = await startRelay()
  maker = await launchProfile()
  visitor = await launchProfile(undefined, { gpu: true, viewport: VIEWPORT })
  for (const { context } of [maker, visitor]) await countRtcBytes(context)
})

afterAll(async () => {
  await maker?.close()
  await visitor?.close()
  await relay?.stop()
})

async function joined(page: Page): Promise<void> {
  await page.waitForFunction(() => globalThis.tabland?.state.network.value.join.phase === 'ready')
}

/** Waits for a direct connection to another tab. */
async function connected(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    tabland.state.network.value.peers.some(({ kind, transport }) => kind === 'tab' && transport === 'webrtc'),
  )
}

async function reserved(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    tabland.state.network.value.relays.some(({ status }) => status === 'reserved'),
  )
}

/** Waits until the visitor's world shows `count` models and nothing moves any more. */
async function standing(page: Page, count: number): Promise<void> {
  await page.waitForFunction(
    (count) => (globalThis.tabland?.world?.stats.value.modelsLoaded ?? -1) === count,
    count,
  )
  await page.waitForFunction(
    () => {
      const { frames } = tabland.world?.stats.value ?? { frames: 0 }
      const before = (globalThis as { framesBefore?: number }).framesBefore
      Object.assign(globalThis, { framesBefore: frames })
      return frames === before
    },
    undefined,
    { polling: 1_000 },
  )
}

async function drop(page: Page, name: string, bytes: Uint8Array): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([name, bytes]) => {
      const transfer = new DataTransfer()
      transfer.items.add(new File([new Uint8Array(bytes)], name))
      return transfer
    },
    [name, [...bytes]] as const,
  )
  await page.dispatchEvent('body', 'dragenter', { dataTransfer: transfer })
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer })
}

/** Goes to a cell, drops a model on the page, sets its size and publishes it, as a person does. */
async function publish(
  page: Page,
  { x, y }: { readonly x: number; readonly y: number },
  model: { readonly name: string; readonly bytes: Uint8Array; readonly scale: number },
): Promise<void> {
  await page.evaluate(
    ({ x, y }) => {
      location.hash = `#/${x},${y}`
    },
    { x, y },
  )
  await drop(page, model.name, model.bytes)
  await page.getByText(model.name).waitFor()
  const size = page.getByRole('spinbutton', { name: 'Size, ×' })
  await size.fill(String(model.scale))
  await size.press('Enter')
  await page.getByRole('button', { name: 'Publish' }).click()
  await page.getByText(/^Your model stands at/).waitFor()
}

/** The pixels of a square of the page around a point of the world. */
async function pixelsAround(
  page: Page,
  cell: { readonly x: number; readonly y: number },
): Promise<Uint8Array> {
  const point = await page.evaluate(([x, y]) => tabland.world?.project(x + 0.5, y + 0.5, 1.5), [
    cell.x,
    cell.y,
  ] as const)
  if (point === undefined) throw new Error(`${cell.x}, ${cell.y} is behind the visitor`)
  const png = await page.screenshot({ clip: { x: point.x - 12, y: point.y - 12, width: 24, height: 24 } })
  const pixels = await page.evaluate(
    async (bytes) => {
      const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: 'image/png' }))
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')
      context?.drawImage(bitmap, 0, 0)
      return [...(context?.getImageData(0, 0, bitmap.width, bitmap.height).data ?? [])]
    },
    [...png],
  )
  return Uint8Array.from(pixels)
}

/** Share of the pixels whose colour differs clearly. */
function changed(before: Uint8Array, after: Uint8Array): number {
  let count = 0
  for (let i = 0; i < before.length; i += 4) {
    const distance = [0, 1, 2].reduce(
      (sum, k) => sum + Math.abs((before[i + k] ?? 0) - (after[i + k] ?? 0)),
      0,
    )
    if (distance > 40) count++
  }
  return count / (before.length / 4)
}

test('[NE3][WO1][KG21] publish, link, find and see, then without the relay, then with it again', async () => {
  const bottle = new Uint8Array(await readFile(new URL('WaterBottle.glb', MODELS)))
  const lantern = new Uint8Array(await readFile(new URL('lantern.glb', MODELS)))

  const one = await openPage(maker, `${relay.url}/?world=off#/${FIRST.x},${FIRST.y}`)
  const two = await openPage(visitor)
  // without the flight to the ground, what stands still is still
  await two.page.emulateMedia({ reducedMotion: 'reduce' })
  await two.page.goto(`${relay.url}/#/${STAND.x},${STAND.y}`)
  const [a, b] = [one.page, two.page]
  await Promise.all([joined(a), joined(b)])
  await Promise.all([connected(a), connected(b)])
  await b.getByRole('button', { name: 'Dismiss' }).click()
  await standing(b, 0)
  const bare = await pixelsAround(b, FIRST)
  const empty = await pixelsAround(b, EMPTY)
  const [rtcBefore, metricsBefore] = [await readRtcBytes(b), await relay.metrics()]

  // one drops a model on a plot and links a word to it
  await publish(a, FIRST, { name: 'bottle.glb', bytes: bottle, scale: 14 })
  await a.getByRole('textbox', { name: 'Word' }).fill('lantern')
  await a.getByRole('button', { name: 'Link', exact: true }).click()
  await a.getByText('“lantern” now finds your model.').waitFor()

  // the other sees it stand
  await standing(b, 1)
  expect(changed(bare, await pixelsAround(b, FIRST))).toBeGreaterThan(0.2)
  expect(changed(empty, await pixelsAround(b, EMPTY))).toBeLessThan(0.02)

  // its bytes crossed WebRTC, not the relay
  const rtc = (await readRtcBytes(b)).received - rtcBefore.received
  expect(rtc).toBeGreaterThanOrEqual(bottle.length)
  const circuits = (text: string) => metricOf(text, 'tabland_relay_circuit_bytes_total')
  const carried = circuits(await relay.metrics()) - circuits(metricsBefore)
  expect(carried).toBeLessThan(0.05 * bottle.length)

  // and finds it by the word, ranked
  await b.getByRole('combobox', { name: 'Search words and things' }).fill('lantern')
  await b.keyboard.press('Enter')
  await b.getByText('3D model').waitFor()
  const found = await b.evaluate(async () => {
    const { results } = await tabland.search('lantern')
    const build = tabland.land.at(0, 31)
    const bytes = await tabland.cat(build?.root ?? '')
    const hash = await crypto.subtle.digest('SHA-256', bytes)
    return { results, root: build?.root, length: bytes.length, hash: [...new Uint8Array(hash)] }
  })
  expect(found.results.map(({ cid }) => cid)).toEqual([found.root])
  expect(found.results[0]?.rank).toBeGreaterThan(0n)
  expect(found.length).toBe(bottle.length)
  expect(found.hash).toEqual([...new Uint8Array(await crypto.subtle.digest('SHA-256', bottle))])
  const ranks = (page: Page) => page.evaluate(async () => (await tabland.rank.compute()).ranksSha256)
  expect(await ranks(a)).toBe(await ranks(b))

  // the relay goes: a second model arrives all the same
  await relay.halt()
  await publish(a, SECOND, { name: 'lantern.glb', bytes: lantern, scale: 1 })
  await standing(b, 2)

  // a relay returns: both have a place at it again
  await Promise.all(
    [a, b].map((page) =>
      page.waitForFunction(() =>
        tabland.state.network.value.relays.every(({ status }) => status !== 'reserved'),
      ),
    ),
  )
  await relay.restart()
  const from = performance.now()
  await Promise.all([reserved(a), reserved(b)])
  const ms = Math.round(performance.now() - from)
  console.log(`Both tabs had a reservation again ${ms} ms after the relay was back (at most ${REJOIN_MS}).`)
  expect(ms).toBeLessThanOrEqual(REJOIN_MS)
  expect([...one.logs, ...two.logs].filter((line) => line.startsWith('uncaught'))).toEqual([])
})
