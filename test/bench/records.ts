// Signed records: how fast batches are checked and merged, how fast the graph answers. One thread and WebCrypto's.
import { cpus } from 'node:os'
import type { Bytes } from '#core/bytes.ts'
import { parseDigest, textCid } from '#core/cid.ts'
import type { Identity } from '#core/identity.ts'
import { machineOf } from '#core/machine.ts'
import { createGraphService } from '#graph/graph-service.ts'
import { type Link, NO_PREVIOUS, signLinkBatch } from '#graph/link-batch.ts'
import { createTsKernel } from '#graph/rank-reference.ts'
import { fakeIdentity, TEST_NOW } from '#test/fakes/identity.ts'
import { createMemoryRecordStore } from '#test/fakes/memory-record-store.ts'
import { createFakeTimers } from '#test/fakes/timers.ts'

const ROUNDS = 3
/** [KG23] asks for 4,000 batches a second. */
const SMALL = { name: 'batches of 1 link', batches: 8_000, links: 1 }
const LARGE = { name: 'batches of 256 links', batches: 400, links: 256 }
const DEVICES = 20
const SEARCHES = 200

interface Case {
  readonly name: string
  readonly batches: number
  readonly links: number
}

interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
}

/** Prints medians of ROUNDS as a table and one line of JSON. */
export async function run(): Promise<void> {
  const identities = await Promise.all(Array.from({ length: DEVICES }, (_, i) => fakeIdentity(i + 1)))
  const rows: Row[] = []
  for (const size of [SMALL, LARGE]) {
    const envelopes = await signAll(identities, size)
    rows.push(...(await measureIngest(size, envelopes)))
  }
  rows.push(...(await measureSearch(await signAll(identities, LARGE))))
  console.log(`Node.js ${process.version}, ${cpus()[0]?.model}, ${cpus().length} cores`)
  for (const { name, value, unit } of rows)
    console.log(`${name.padEnd(48)} ${value.toFixed(1).padStart(12)} ${unit}`)
  console.log(JSON.stringify({ bench: 'records', rows }))
}

async function signAll(identities: readonly Identity[], { batches, links }: Case): Promise<readonly Bytes[]> {
  const words = Array.from({ length: 20_000 }, (_, i) => parseDigest(textCid(`word ${i}`)))
  const envelopes: Bytes[] = []
  let at = 0
  for (const identity of identities) {
    let prev = NO_PREVIOUS
    for (let seq = 0; seq < batches / identities.length; seq++) {
      const ends = Array.from({ length: links }, (): Link => {
        at++
        return { from: words[at % 5_000]!, to: words[5_000 + ((at * 7_919) % 15_000)]! }
      })
      const batch = await signLinkBatch(
        { machine: machineOf('test'), seq, prev, timeUs: TEST_NOW * 1_000 + seq, links: ends },
        identity,
      )
      prev = batch.hash
      envelopes.push(batch.envelope)
    }
  }
  return envelopes
}

function createGraph() {
  return createGraphService({
    machine: machineOf('test'),
    store: createMemoryRecordStore(),
    kernel: createTsKernel,
    timers: createFakeTimers(),
    now: () => TEST_NOW,
  })
}

async function measureIngest(
  { name, batches, links }: Case,
  envelopes: readonly Bytes[],
): Promise<readonly Row[]> {
  const fresh: number[] = []
  const spent: NodeJS.CpuUsage[] = []
  const main: NodeJS.CpuUsage[] = []
  const replayed: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const graph = createGraph()
    const [before, own] = [process.cpuUsage(), process.threadCpuUsage()]
    fresh.push(await time(() => graph.ingest(envelopes)))
    spent.push(process.cpuUsage(before))
    main.push(process.threadCpuUsage(own))
    replayed.push(await time(() => graph.ingest(envelopes)))
  }
  // what other programs take of the cores is not in these
  const [all, merging] = [spent, main].map((usages) =>
    median(usages.map(({ user, system }) => user + system)),
  )
  return [
    { name: `${name}: read and merged, by one core`, value: (1e6 * batches) / merging!, unit: 'batches/s' },
    {
      name: `${name}: signatures, by one core`,
      value: (1e6 * batches) / (all! - merging!),
      unit: 'batches/s',
    },
    { name: `${name}: checked and merged`, value: (batches / median(fresh)) * 1_000, unit: 'batches/s' },
    {
      name: `${name}: checked and merged`,
      value: ((batches * links) / median(fresh)) * 1_000,
      unit: 'links/s',
    },
    { name: `${name}: replayed`, value: (batches / median(replayed)) * 1_000, unit: 'batches/s' },
  ]
}

async function measureSearch(envelopes: readonly Bytes[]): Promise<readonly Row[]> {
  const graph = createGraph()
  await graph.ingest(envelopes)
  const ranks: number[] = []
  for (let round = 0; round < ROUNDS; round++) ranks.push(await time(() => graph.compute()))
  const { links } = await graph.compute()
  const searches: number[] = []
  for (let i = 0; i < SEARCHES; i++) searches.push(await time(() => graph.search(`word ${i}`)))
  return [
    { name: `rank of ${links} links, all told`, value: median(ranks), unit: 'ms' },
    { name: `search among ${links} links`, value: median(searches), unit: 'ms' },
  ]
}

async function time(task: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await task()
  return performance.now() - start
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1]!
}

if (import.meta.main) await run()
