import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Tabland } from '#api/types.ts'
import { launchProfile, openPage, type Profile } from './harness/chromium.ts'
import { type RelayProcess, startRelay } from './harness/relay.ts'

/** The WebGPU kernel in the graph worker of a real page, on Chromium's SwiftShader. */
declare global {
  // set by the page once its peer runs
  var tabland: Tabland
}

let relay: RelayProcess
let browser: Profile

beforeAll(async () => {
  relay = await startRelay({ args: ['--sample'] })
  browser = await launchProfile(undefined, { gpu: true })
})

afterAll(async () => {
  await browser?.close()
  await relay?.stop()
})

test('[KG12] the WebGPU kernel gives wasm’s bits in a tab, and is not chosen where it computes on the processor', async () => {
  const { page } = await openPage(browser, `${relay.url}/?world=off`)
  // the three must count the same links: none may still be on its way
  await page.waitForFunction(() => {
    const { links = 0, sync } = globalThis.tabland?.state.graph.value ?? {}
    return links > 100 && sync === undefined
  })
  const ranks = await page.evaluate(async () => {
    const [wasm, webgpu, chosen] = [
      await tabland.rank.compute({ kernel: 'wasm' }),
      await tabland.rank.compute({ kernel: 'webgpu' }),
      await tabland.rank.compute(),
    ]
    return { wasm, webgpu, chosen }
  })
  expect(ranks.webgpu).toMatchObject({ kernel: 'webgpu', ranksSha256: ranks.wasm.ranksSha256, dropped: [] })
  expect(ranks.webgpu.iterations).toBe(ranks.wasm.iterations)
  expect(ranks.chosen).toMatchObject({ kernel: 'wasm', dropped: [] })
  const timings = await page.evaluate(() => tabland.rank.bench())
  const [first] = timings
  const ranksSha256 = first !== undefined && 'ranksSha256' in first ? first.ranksSha256 : 'none'
  expect(timings).toEqual(
    ['webgpu', 'wasm', 'ts'].map((kernel) => expect.objectContaining({ kernel, ranksSha256 })),
  )
})
