import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Profile } from './harness/chromium.ts'
import type { TestBuild } from './pages/world/page.ts'
import { startWorldSite, type WorldSite } from './world-fixture.ts'

/** Software graphics draw slowly: a small picture shows the same. */
const VIEWPORT = { width: 480, height: 300 }
const START = { x: 0.5, y: 30 } as const
/** 3.6 m high, two cells in front of the start */
const BOTTLE: TestBuild = { x: 0, y: 31, model: 'WaterBottle.glb', placement: { scale: 14, y: 1.82 } }
/** in a corner of the grid, 29 km from the middle */
const FAR = { x: 2_047, y: 2_047 } as const

let site: WorldSite
let browser: Profile

beforeAll(async () => {
  site = await startWorldSite()
  browser = await site.launch({ viewport: VIEWPORT })
})

afterAll(async () => {
  await browser?.close()
  await site?.close()
})

type Colour = readonly [number, number, number]

/** Mean colour of a square of the page, from what the screen shows. */
async function colourAt(page: Page, x: number, y: number, half = 4): Promise<Colour> {
  const png = await page.screenshot({
    clip: { x: Math.round(x) - half, y: Math.round(y) - half, width: 2 * half, height: 2 * half },
  })
  return page.evaluate(async (base64) => {
    const blob = await (await fetch(`data:image/png;base64,${base64}`)).blob()
    const bitmap = await createImageBitmap(blob)
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')
    if (context === null) throw new Error('no 2D canvas')
    context.drawImage(bitmap, 0, 0)
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height)
    const sums = [0, 0, 0]
    for (let i = 0; i < data.length; i += 4)
      for (let k = 0; k < 3; k++) sums[k] = (sums[k] as number) + (data[i + k] as number)
    return sums.map((sum) => sum / (data.length / 4)) as unknown as Colour
  }, png.toString('base64'))
}

function difference(a: Colour, b: Colour): number {
  return Math.hypot(...a.map((value, k) => value - (b[k] as number)))
}

async function pointOf(page: Page, x: number, y: number, height = 0): Promise<{ x: number; y: number }> {
  const point = await page.evaluate(([x, y, height]) => globalThis.page.world().project(x, y, height), [
    x,
    y,
    height,
  ] as const)
  if (point === undefined) throw new Error(`${x}, ${y} is behind the eye`)
  return point
}

async function startWorld(page: Page, device: 'webgl2' | 'webgpu'): Promise<void> {
  expect(
    await page.evaluate(([start, device]) => globalThis.page.start({ start, device }), [
      START,
      device,
    ] as const),
  ).toBe(device)
  await page.evaluate(() => globalThis.page.still())
}

async function standing(page: Page, count: number): Promise<void> {
  await page.waitForFunction((count) => globalThis.page.world().stats.value.modelsLoaded === count, count)
  await page.evaluate(() => globalThis.page.still())
}

describe.each(['webgl2', 'webgpu'] as const)('[WO9] on %s', (device) => {
  test('[WO1] sky, land and square are drawn; [WO2] a model stands where its parcel is', async () => {
    const { page, logs } = await site.open(browser)
    await startWorld(page, device)
    const sky = await colourAt(page, 240, 30)
    expect(sky[2]).toBeGreaterThan(sky[0] + 10)
    expect(Math.min(...sky)).toBeGreaterThan(120)
    const square = await pointOf(page, 0.9, 30.6)
    const sand = await colourAt(page, square.x, square.y)
    expect(sand[0]).toBeGreaterThan(sand[2] + 15)
    const parcel = await pointOf(page, 2.5, 32.5)
    const meadow = await colourAt(page, parcel.x, parcel.y, 2)
    expect(meadow[1]).toBeGreaterThan(Math.max(meadow[0], meadow[2]) + 10)

    const body = await pointOf(page, 0.5, 31.5, 2.2)
    const without = await colourAt(page, body.x, body.y)
    await page.evaluate((build) => globalThis.page.setBuilds([build]), BOTTLE)
    await standing(page, 1)
    const withModel = await colourAt(page, body.x, body.y)
    expect(difference(without, withModel)).toBeGreaterThan(60)
    // The bottle is olive glass and dark plastic, clay is around its feet.
    const ground = await pointOf(page, 0.85, 31.5)
    const clay = await colourAt(page, ground.x, ground.y, 2)
    expect(clay[0]).toBeGreaterThan(clay[1] + 20)
    await page.evaluate(() => globalThis.page.setBuilds([]))
    await standing(page, 0)
    expect(difference(await colourAt(page, body.x, body.y), without)).toBeLessThan(12)
    expect(logs.filter((line) => !line.startsWith('log:'))).toEqual([])
    await page.close()
  })

  test('[CH4] a plot in the sea has ground that one stands before', async () => {
    const { page, logs } = await site.open(browser)
    await page.evaluate(([start, device]) => globalThis.page.start({ start, device }), [FAR, device] as const)
    await page.evaluate(() => globalThis.page.still())
    await page.evaluate((build) => globalThis.page.setBuilds([build]), { ...BOTTLE, ...FAR })
    await standing(page, 1)
    const ground = await pointOf(page, FAR.x + 0.2, FAR.y + 0.3)
    const clay = await colourAt(page, ground.x, ground.y, 2)
    expect(clay[0]).toBeGreaterThan(clay[2] + 30)
    const beside = await pointOf(page, FAR.x - 0.9, FAR.y + 1.6, -0.9)
    const sea = await colourAt(page, beside.x, beside.y, 2)
    expect(sea[2]).toBeGreaterThan(sea[0] + 20)
    expect(logs.filter((line) => !line.startsWith('log:'))).toEqual([])
    await page.close()
  })
})

describe('[WO1] on demand', () => {
  test('a still scene costs no frames; a key draws again; a field keeps its keys', async () => {
    const { page } = await site.open(browser)
    await startWorld(page, 'webgl2')
    const frames = () => page.evaluate(() => globalThis.page.world().stats.value.frames)
    const before = await frames()
    // Fifty frames of the screen pass: events, not time.
    await page.evaluate(async () => {
      for (let i = 0; i < 50; i++) await new Promise((resolve) => requestAnimationFrame(resolve))
    })
    expect(await frames()).toBe(before)
    await page.focus('#typing')
    await page.keyboard.type('wasd f')
    expect(await page.inputValue('#typing')).toBe('wasd f')
    expect(await frames()).toBe(before)
    await page.focus('#world')
    await page.keyboard.down('KeyW')
    await page.waitForFunction((y) => globalThis.page.world().position.value.y > y + 0.05, START.y)
    await page.keyboard.up('KeyW')
    await page.evaluate(() => globalThis.page.still())
    expect(await frames()).toBeGreaterThan(before)
    await page.close()
  })

  test('[WO3] a click selects the parcel under it and shows its border', async () => {
    const { page } = await site.open(browser)
    await startWorld(page, 'webgl2')
    const point = await pointOf(page, 0.5, 32.5)
    const edge = await pointOf(page, 0.5, 32.03)
    const before = await colourAt(page, edge.x, edge.y, 1)
    await page.mouse.click(point.x, point.y)
    const expected = await page.evaluate(() => globalThis.page.plotAt(0, 32))
    expect(await page.evaluate(() => globalThis.page.world().selected.value)).toBe(expected)
    await page.evaluate(() => globalThis.page.still())
    expect(difference(await colourAt(page, edge.x, edge.y, 1), before)).toBeGreaterThan(40)
    await page.close()
  })

  test('[WO2] a preview moves in place while its sliders do', async () => {
    const { page } = await site.open(browser)
    await startWorld(page, 'webgl2')
    await page.evaluate((build) => globalThis.page.preview(build), BOTTLE)
    await standing(page, 1)
    const body = await pointOf(page, 0.5, 31.5, 2.2)
    const here = await colourAt(page, body.x, body.y)
    await page.evaluate(
      (build) => globalThis.page.preview({ ...build, placement: { scale: 14, y: 1.82, x: 4 } }),
      BOTTLE,
    )
    await page.evaluate(() => globalThis.page.still())
    expect(difference(await colourAt(page, body.x, body.y), here)).toBeGreaterThan(60)
    expect(await page.evaluate(() => globalThis.page.world().stats.value.modelsLoaded)).toBe(1)
    expect(await page.evaluate(() => globalThis.page.asked['WaterBottle.glb'])).toBe(1)
    await page.close()
  })
})

describe('[WO9]', () => {
  test('a lost device recovers without a reload', async () => {
    const { page } = await site.open(browser)
    await startWorld(page, 'webgl2')
    await page.evaluate((build) => globalThis.page.setBuilds([build]), BOTTLE)
    await standing(page, 1)
    const body = await pointOf(page, 0.5, 31.5, 2.2)
    const before = await colourAt(page, body.x, body.y)
    const frames = await page.evaluate(() => globalThis.page.world().stats.value.frames)
    await page.evaluate(async () => {
      const canvas = document.querySelector('canvas') as HTMLCanvasElement
      const extension = canvas.getContext('webgl2')?.getExtension('WEBGL_lose_context')
      const event = (name: string) =>
        new Promise((resolve) => canvas.addEventListener(name, resolve, { once: true }))
      const lost = event('webglcontextlost')
      extension?.loseContext()
      await lost
      const restored = event('webglcontextrestored')
      // The browser allows a restore only after the event of the loss was handled.
      await new Promise((resolve) => setTimeout(resolve, 0))
      extension?.restoreContext()
      await restored
    })
    await page.waitForFunction((frames) => globalThis.page.world().stats.value.frames > frames, frames)
    await page.evaluate(() => globalThis.page.still())
    expect(difference(await colourAt(page, body.x, body.y), before)).toBeLessThan(12)
    await page.close()
  })

  test('without graphics it says so in a sentence', async () => {
    const blind = await site.launch({ gpu: false, args: ['--disable-3d-apis'] })
    try {
      const { page } = await site.open(blind)
      const failure = await page.evaluate(async () => {
        try {
          await globalThis.page.start({})
          return undefined
        } catch (error) {
          const { code, message } = error as { code: string; message: string }
          return { code, message }
        }
      })
      expect(failure?.code).toBe('WORLD_NO_GRAPHICS')
      expect(failure?.message).toContain('hardware acceleration')
    } finally {
      await blind.close()
    }
  })

  test('opens above the land and settles, unless motion is unwelcome', async () => {
    const { page } = await site.open(browser, false)
    await page.evaluate((start) => globalThis.page.start({ start, device: 'webgl2' }), START)
    // the flight takes its seconds, and software graphics on a busy machine draw few frames of it; the statistics
    // follow at most twice a second, so both are waited for
    await page.waitForFunction(({ x, y }) => {
      const { position, stats } = globalThis.page.world()
      return stats.value.frames > 1 && position.value.x === x && position.value.y === y
    }, START)
    await page.close()
  })
})
