import type { Page } from 'playwright-core'
import { afterEach, expect, test } from 'vitest'
import type { Tabland } from '#api/types.ts'
import type { Bytes } from '#core/bytes.ts'
import { MAX_LINKS_PER_BATCH } from '#core/limits.ts'
import { machineOf } from '#core/machine.ts'
import { type NetworkName, protocolsOf } from '#core/network.ts'
import type { Requests } from '#core/transport.ts'
import { createGraphService } from '#graph/graph-service.ts'
import { createTsKernel } from '#graph/rank-reference.ts'
import { createLinksSync, type LinksSyncComponents } from '#peer/protocols/links-sync.ts'
import { systemTimers } from '#peer/system-timers.ts'
import { MemoryRecordStore } from '#seed/memory-record-store.ts'
import { fakeIdentity } from '#test/fakes/identity.ts'
import { createFeed, link } from '#test/fakes/links.ts'
import { launchProfile, openPage, type Profile } from './harness/chromium.ts'
import { createFetcher, relayAddressAt } from './harness/fetcher.ts'
import { type RelayProcess, startRelay } from './harness/relay.ts'

declare global {
  // set by the page once its peer runs
  var tabland: Tabland
}

const LINKS = 10_000
const WORDS = 500
const BATCHES = Math.ceil(LINKS / MAX_LINKS_PER_BATCH)
/** Batches that are read before the answer pauses: three frames, of which two are sent. */
const PAUSE_AFTER = 33
const SENT = 22

const stops: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function signLinks(network: NetworkName): Promise<readonly Bytes[]> {
  const second = Math.floor(Date.now() / 1_000)
  const change = { notBefore: second - 3_600, notAfter: second + 3_600 }
  const feed = createFeed(await fakeIdentity(1, { network, change }))
  const links = Array.from({ length: LINKS }, (_, i) => link(`word ${i % WORDS}`, `meaning ${i}`))
  const envelopes: Bytes[] = []
  for (let at = 0; at < LINKS; at += MAX_LINKS_PER_BATCH) {
    const machine = machineOf(network)
    const part = links.slice(at, at + MAX_LINKS_PER_BATCH)
    envelopes.push((await feed.next(part, { machine, timeUs: second * 1e6 + at })).envelope)
  }
  return envelopes
}

/** Passes on everything but the requests of one peer, which gets nothing. */
function withoutPeer(requests: Requests, peer: string): Requests {
  return {
    request: (...args) => requests.request(...args),
    handle: (protocol, handler) =>
      requests.handle(protocol, (request, from) => (from === peer ? nothing() : handler(request, from))),
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(4)
}

/** A peer of this process with all links, whose first answer pauses in the middle until `goOn`. The relay gets none. */
async function startHolder(relay: RelayProcess) {
  const holder = await createFetcher([relay.url])
  stops.push(() => holder.stop())
  const { transport, state } = holder.node
  const { network } = state.value
  const graph = createGraphService({
    ...{ machine: machineOf(network), store: new MemoryRecordStore(), kernel: createTsKernel },
    ...{ timers: systemTimers, now: Date.now },
  })
  const results = await graph.ingest(await signLinks(network))
  expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['new']))
  const pause = Promise.withResolvers<void>()
  const asked: number[] = []
  let read = 0
  const held: LinksSyncComponents['graph'] = {
    ingest: (envelopes) => graph.ingest(envelopes),
    heads: () => graph.heads(),
    async missingFrom(heads) {
      const ranges = await graph.missingFrom(heads)
      asked.push(...ranges.map(({ from }) => from))
      return ranges
    },
    async readBatches(range, maxBytes) {
      if (read >= PAUSE_AFTER) await pause.promise
      const batches = await graph.readBatches(range, maxBytes)
      read += batches.length
      return batches
    },
  }
  const relayId = (await relayAddressAt(relay.url)).split('/p2p/').at(-1) ?? ''
  const sync = createLinksSync({
    transport: { gossip: transport.gossip, requests: withoutPeer(transport.requests, relayId) },
    protocols: protocolsOf(network),
    graph: held,
    timers: systemTimers,
    ...{ onNews: () => {}, onGap: () => {}, onProgress: () => {} },
  })
  sync.start()
  stops.push(async () => sync.stop())
  return { asked, goOn: () => pause.resolve() }
}

async function open(profile: Profile, relay: RelayProcess): Promise<Page> {
  const { page } = await openPage(profile, `${relay.url}/?world=off`)
  return page
}

test('[KG23] a newcomer gets 10,000 links of a peer, is interrupted half way, goes on after a reload and searches', async () => {
  const relay = await startRelay()
  stops.push(() => relay.stop())
  const holder = await startHolder(relay)
  const profile = await launchProfile()
  stops.push(() => profile.close())
  const page = await open(profile, relay)

  await page.waitForFunction(
    (links) => globalThis.tabland?.state.graph.value.links === links,
    SENT * MAX_LINKS_PER_BATCH,
  )
  const half = await page.evaluate(() => tabland.state.graph.value)
  expect(half.sync).toEqual({ source: 'peers', done: SENT, total: BATCHES })
  await page.evaluate(() => tabland.search('word 7')) // found while the rest is on its way

  await page.reload()
  holder.goOn() // only now: the page that was there would hear more until it goes
  await page.waitForFunction((links) => globalThis.tabland?.state.graph.value.links === links, LINKS)
  // what was here was not asked for again
  expect(holder.asked).toEqual([0, SENT])
  await page.waitForFunction(() => tabland.state.graph.value.sync === undefined)
  const found = await page.evaluate(async () => {
    const { links } = await tabland.rank.compute()
    const { total, results } = await tabland.search('word 7', { limit: 5 })
    return { ranked: links, total, shown: results.length, state: tabland.state.graph.value.index }
  })
  expect(found).toEqual({
    ranked: LINKS,
    total: LINKS / WORDS,
    shown: 5,
    state: { isOn: true, done: LINKS, total: LINKS },
  })
})
