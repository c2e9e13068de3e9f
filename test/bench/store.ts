// Raw speed of the blockstores in a real Chromium: 20 MiB in blocks of 256 KiB, 8 at once, in one run.
import { launchProfile, openPage } from '#test/e2e/harness/chromium.ts'
import type { StoreBench } from '#test/e2e/pages/store/bench.ts'
import { serveStorePage } from '#test/e2e/pages/store/serve-page.ts'

const INIT = { rounds: 7, blocks: 80, blockBytes: 256 * 1024, atOnce: 8 }

const served = await serveStorePage()
const profile = await launchProfile()
try {
  const { page } = await openPage(profile, served.origin)
  const results = await page.evaluate((init) => window.storePage.bench(init), INIT)
  print(results)
} finally {
  await profile.close()
  await served.close()
}

function print(results: readonly StoreBench[]): void {
  const [memory] = results
  console.log(`MB/s, median of ${INIT.rounds}; the share is of memory`)
  for (const { store, put, get } of results) {
    const row = [cell(put, memory?.put), cell(get, memory?.get)]
    console.log(`${store.padEnd(16)} put ${row[0]}   get ${row[1]}`)
  }
}

function cell(values: readonly number[], base: readonly number[] = values): string {
  const share = (100 * median(values)) / median(base)
  return `${median(values).toFixed(0).padStart(6)} (${share.toFixed(1).padStart(5)} %)`
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
