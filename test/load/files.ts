// `npm run load files [MB]`: a large file as a named object ([OB12]): published with progress, its page loaded again in the
// middle, published to its end, and 1 MB out of its middle read in another browser.
import { setTimeout } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import type { Tabland } from '#api/types.ts'
import { launchProfile, openPage, type Profile } from '../e2e/harness/chromium.ts'
import { type RelayProcess, startRelay } from '../e2e/harness/relay.ts'

/** In the page. */
declare const tabland: Tabland

const DEFAULT_MB = 200
const MB = 1_000_000
/** [OB12] what reading 1 MB may fetch: five chunks, two levels of nodes, and the object */
const MOST_FETCHED = 1.5 * MB
const TIMEOUT_MS = 240_000
/** The tab's own counters are sampled once a second. */
const SETTLE_MS = 2_500

interface Published {
  /** undefined when it was left before its end */
  readonly link: string | undefined
  readonly ms: number
  /** how often it told how far it was, and the last three of these */
  readonly steps: number
  readonly last: readonly number[]
}

async function open(profile: Profile, relay: RelayProcess): Promise<Page> {
  const { page } = await openPage(profile, `${relay.url}/?world=off`)
  page.setDefaultTimeout(TIMEOUT_MS)
  await joined(page)
  return page
}

async function joined(page: Page): Promise<void> {
  await page.waitForFunction(() => globalThis.tabland?.state.network.value.join.phase === 'ready')
}

/** Publishes `bytes` that are the same each time, up to its end or until `until` bytes were taken. */
function publish(page: Page, bytes: number, until: number): Promise<Published> {
  return page.evaluate(
    async ([bytes, until]) => {
      const parts: Blob[] = []
      const block = new Uint32Array(250_000)
      for (let at = 0; at < bytes / 1_000_000; at++) {
        for (let i = 0; i < block.length; i++) block[i] = Math.imul(i + 1, 0x9e3779b1 + 2 * at)
        parts.push(new Blob([block]))
      }
      const seen: number[] = []
      const enough = Promise.withResolvers<undefined>()
      const onProgress = ({ bytes: done }: { readonly bytes: number }): void => {
        seen.push(done)
        if (done >= until) enough.resolve(undefined)
      }
      const begunAt = performance.now()
      const publishing = tabland.objects.publish(new Blob(parts), { name: 'large.bin', onProgress })
      const item = await Promise.race([publishing, enough.promise])
      const ms = Math.round(performance.now() - begunAt)
      return { link: item?.link, ms, steps: seen.length, last: seen.slice(-3) }
    },
    [bytes, until] as const,
  )
}

/** Reads 1 MB at `start` and compares it with what was made. */
function readPart(
  page: Page,
  link: string,
  start: number,
): Promise<{ readonly bytes: number; readonly isRight: boolean; readonly ms: number }> {
  return page.evaluate(
    async ([link, start]) => {
      const begunAt = performance.now()
      const parts: Blob[] = []
      for await (const part of tabland.objects.read(link, { start, end: start + 1_000_000 }))
        parts.push(new Blob([part]))
      const ms = Math.round(performance.now() - begunAt)
      const words = new Uint32Array(await new Blob(parts).arrayBuffer())
      const isRight = words.every((word, i) => {
        const at = start / 4 + i
        return word === Math.imul((at % 250_000) + 1, 0x9e3779b1 + 2 * Math.floor(at / 250_000)) >>> 0
      })
      return { bytes: words.byteLength, isRight, ms }
    },
    [link, start] as const,
  )
}

async function storageOf(page: Page): Promise<{ readonly stored: number; readonly fetched: number }> {
  await setTimeout(SETTLE_MS)
  return page.evaluate(() => {
    const { bytes, fetchedBytes } = tabland.state.storage.value
    return { stored: bytes, fetched: fetchedBytes }
  })
}

const inMb = (bytes: number): string => `${(bytes / MB).toFixed(2)} MB`

async function measure(
  relay: RelayProcess,
  maker: Profile,
  reader: Profile,
  bytes: number,
): Promise<boolean> {
  const a = await open(maker, relay)
  const first = await publish(a, bytes, bytes / 2)
  console.log(
    `published to the middle: ${inMb(first.last.at(-1) ?? 0)} in ${first.ms} ms, told in ${first.steps} steps`,
  )
  await a.reload()
  await joined(a)
  const broken = await a.waitForFunction(
    () => globalThis.tabland.seed.status().adding.find(({ name }) => name === 'large.bin')?.transfer.bytes,
  )
  console.log(`the page is loaded again: ${inMb((await broken.jsonValue()) ?? 0)} of it are stored`)
  const { stored: before } = await storageOf(a)
  const second = await publish(a, bytes, Number.POSITIVE_INFINITY)
  const { stored: after } = await storageOf(a)
  const added = after - before
  console.log(
    `published again to its end: ${second.ms} ms (${(bytes / 1_000 / second.ms).toFixed(1)} MB/s), ${second.steps} steps; ${inMb(added)} were stored, not ${inMb(bytes)}`,
  )
  const b = await open(reader, relay)
  const { fetched: none } = await storageOf(b)
  const start = bytes / 2 + 100_000
  const read = await readPart(b, second.link ?? '', start)
  const { fetched } = await storageOf(b)
  console.log(
    `1 MB from byte ${start} in another browser: ${read.ms} ms, ${read.isRight ? 'right' : 'WRONG'}; ${fetched - none} bytes were fetched`,
  )
  return read.bytes === MB && read.isRight && fetched - none < MOST_FETCHED && added < 0.75 * bytes
}

const bytes = Number(process.argv[2] ?? DEFAULT_MB) * MB
console.log(`A file of ${inMb(bytes)}; chunks of 262,144 bytes.`)
const relay = await startRelay()
const maker = await launchProfile()
const reader = await launchProfile()
let isGood = false
try {
  isGood = await measure(relay, maker, reader, bytes)
} finally {
  await Promise.allSettled([maker.close(), reader.close()])
  await relay.stop()
}
console.log(isGood ? 'As it should be.' : 'NOT as it should be.')
process.exit(isGood ? 0 : 1)
