// `npm run load links [LINKS]`: a newcomer tab fetches a million signed links ([KG23]) from a relay, checks and indexes
// them in its worker, and the page goes on drawing meanwhile.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Tabland } from '#api/types.ts'
import type { Digest } from '#core/cid.ts'
import { MAX_LINKS_PER_BATCH } from '#core/limits.ts'
import { machineOf } from '#core/machine.ts'
import type { NetworkName } from '#core/network.ts'
import type { RecordEntry } from '#core/record-store.ts'
import { batchKey } from '#graph/link-store.ts'
import { openFileRecordStore } from '#relay/file-record-store.ts'
import { fakeIdentity } from '#test/fakes/identity.ts'
import { createFeed } from '#test/fakes/links.ts'
import { launchProfile, openPage } from '../e2e/harness/chromium.ts'
import { startRelay } from '../e2e/harness/relay.ts'
import { reportLinks, watchLinks } from './lib/watch-links.ts'

/** In the page. */
declare const tabland: Tabland

const DEFAULT_LINKS = 1_000_000
const NETWORK: NetworkName = 'local'
const NEURONS = 32
const TIMEOUT_MS = 400_000

/** Signs batches of links among as many particles as half the links, which is what WordNet has. */
async function writeLinks(folder: string, links: number): Promise<void> {
  const store = await openFileRecordStore({ folder })
  const second = Math.floor(Date.now() / 1_000)
  const change = { notBefore: second - 3_600, notAfter: second + 86_400 }
  const particle = (number: number): Digest => {
    const digest = new Uint8Array(32)
    const view = new DataView(digest.buffer)
    for (let i = 0; i < 8; i++)
      view.setUint32(4 * i, Math.imul(number + 1, 0x9e3779b1 + 2 * i) ^ (number >>> i))
    view.setUint32(28, number)
    return digest
  }
  let made = 0
  for (let neuron = 0; neuron < NEURONS; neuron++) {
    const feed = createFeed(await fakeIdentity(neuron + 1, { network: NETWORK, change }))
    const end = Math.round((links * (neuron + 1)) / NEURONS)
    const waiting: RecordEntry[] = []
    while (made < end) {
      const count = Math.min(MAX_LINKS_PER_BATCH, end - made)
      const part = Array.from({ length: count }, (_, i) => {
        const from = Math.floor((made + i) / 5)
        return { from: particle(from), to: particle((from + 1 + ((made + i) % 5) * 7_919) % (links / 2)) }
      })
      const { device, seq, envelope } = await feed.next(part, {
        machine: machineOf(NETWORK),
        timeUs: second * 1e6,
      })
      waiting.push({ key: batchKey(device, seq), value: envelope })
      made += count
    }
    await store.put(waiting)
  }
  await store.close()
}

const links = Number(process.argv[2] ?? DEFAULT_LINKS)
const dataDir = await mkdtemp(join(tmpdir(), 'tabland-links-'))
console.log(`${links} links of ${NEURONS} neurons in batches of ${MAX_LINKS_PER_BATCH}.`)
const signedAt = performance.now()
await writeLinks(join(dataDir, 'records'), links)
console.log(`signed in ${((performance.now() - signedAt) / 1_000).toFixed(1)} s`)
const relay = await startRelay({ dataDir, args: ['--network', NETWORK] })
const profile = await launchProfile()
let isGood = false
try {
  const { page } = await openPage(profile, `${relay.url}/?world=off`)
  page.setDefaultTimeout(TIMEOUT_MS)
  await page.waitForFunction(() => globalThis.tabland !== undefined)
  isGood = reportLinks(await watchLinks(page, links))
  const search = await page.evaluate(async () => {
    const begunAt = performance.now()
    const { results } = await tabland.rank
      .top({ limit: 1 })
      .then((top) => tabland.graph.backlinks(top.results[0]!.cid))
    return { found: results.length, ms: performance.now() - begunAt }
  })
  console.log(`a search among them: ${search.found} results in ${search.ms.toFixed(0)} ms`)
} finally {
  await profile.close()
  await relay.stop()
  await rm(dataDir, { recursive: true, force: true })
}
console.log(isGood ? 'As it should be.' : 'NOT as it should be.')
process.exit(isGood ? 0 : 1)
