import { signal } from '@preact/signals'
import { describe, expect, it, vi } from 'vitest'
import { utf8 } from '#core/bytes.ts'
import { textCid } from '#core/cid.ts'
import { packEnvelopes } from '#core/envelope.ts'
import type { Cell } from '#core/land.ts'
import { protocolsOf } from '#core/network.ts'
import { BIRTH_PLACES, type ParcelPlaces, plotAt } from '#core/plots.ts'
import { LinkGraph } from '#graph/link-graph.ts'
import { LINK_END_BYTES } from '#objects/types/link-batch.ts'
import { PULL_REST_MS, SYNC_INTERVAL_MS } from '#peer/protocols/sync-loop.ts'
import { fakeIdentity, TEST_NOW } from '#test/fakes/identity.ts'
import { createFeed, link } from '#test/fakes/links.ts'
import { createMemoryRecordStore } from '#test/fakes/memory-record-store.ts'
import { createFakeNetwork } from '#test/fakes/network.ts'
import { createFakePeer, createPeers, type FakePeer, fingerprint } from '#test/fakes/records.ts'

const PROTOCOLS = protocolsOf('test')
const POSE = { x: 0, y: 0, z: 0, yawDegrees: 0, scale: 1 }

describe('records between peers', () => {
  it('[KG1] a link and a placement reach everybody by gossip, once', async () => {
    const network = createFakeNetwork(1n)
    const [a, b, c] = (await createPeers(network, 3)) as [FakePeer, FakePeer, FakePeer]
    network.connect('p0', 'p1')
    network.connect('p1', 'p2')
    await network.settle()
    await a.link('lantern', 'light')
    const build = await a.records.place({ parcel: 7, root: textCid('model'), placement: POSE })
    expect(build).toMatchObject({ parcel: 7, root: textCid('model'), placement: POSE, mine: true })
    await network.deliverAll()
    expect((await c.graph.search('lantern')).results.map(({ cid }) => cid)).toEqual([textCid('light')])
    expect(c.records.land.value.builds.get(7)).toMatchObject({ ...build, mine: false })
    expect(await fingerprint(c)).toEqual(await fingerprint(a))
    expect(network.verdicts('p1')).toEqual(['accept', 'accept'])
    await a.records.place({ parcel: 7, root: undefined })
    await network.deliverAll()
    expect(c.records.land.value.builds.size).toBe(0)
    expect(b.misbehaved).toEqual([])
    await Promise.all([a, b, c].map(({ records }) => records.stop()))
    expect([a, b, c].map(({ timers }) => timers.pending)).toEqual([0, 0, 0])
  })

  it('[KG1] a message that was lost shows as a gap and is pulled from the sender', async () => {
    const network = createFakeNetwork(2n)
    const [a, b] = (await createPeers(network, 2)) as [FakePeer, FakePeer]
    network.connect('p0', 'p1')
    await network.settle()
    b.timers.advance(2_000)
    await a.link('moon', 'night')
    network.drop()
    await a.link('moon', 'sea')
    await network.deliverAll()
    expect(network.verdicts('p1')).toEqual(['ignore'])
    await network.settle()
    expect(b.records.graph.value.links).toBe(2)
  })

  it('[KG1] forged, foreign and future messages: the verdicts', async () => {
    const network = createFakeNetwork(3n)
    const [, b] = (await createPeers(network, 2)) as [FakePeer, FakePeer]
    const liar = network.add('liar')
    network.connect('liar', 'p1')
    const feed = createFeed(await fakeIdentity(9))
    const good = await feed.next([link('a', 'b')])
    const forged = good.envelope.slice()
    forged[forged.length - 1]! ^= 1
    const future = await createFeed(await fakeIdentity(8)).next([link('a', 'b')], { timeUs: 9e15 - 1 })
    const say = async (data: Uint8Array): Promise<unknown> => {
      await liar.gossip.publish(PROTOCOLS.linksTopic, data)
      await network.deliverAll()
      return network.verdicts('p1').at(-1)
    }
    expect(await say(forged)).toBe('reject')
    expect(await say(utf8('no envelope'))).toBe('reject')
    expect(await say(future.envelope)).toBe('ignore')
    expect(await say(good.envelope)).toBe('accept')
    expect(await say(good.envelope)).toBe('ignore')
    await liar.gossip.publish(PROTOCOLS.placementsTopic, good.envelope)
    await network.deliverAll()
    expect(network.verdicts('p1').at(-1)).toBe('reject')
    expect(b.records.graph.value.links).toBe(1)
  })

  it('[KG23] a peer that serves a wrong chunk is named and dropped; what was good of it stays', async () => {
    const network = createFakeNetwork(4n)
    const [, b] = (await createPeers(network, 2)) as [FakePeer, FakePeer]
    const liar = network.add('liar')
    const feed = createFeed(await fakeIdentity(9))
    const batches = [await feed.next([link('a', 'b')]), await feed.next([link('b', 'c')])] as const
    const bad = batches[1].envelope.slice()
    bad[bad.length - 1]! ^= 1
    let asked = 0
    liar.requests.handle(PROTOCOLS.linksSync, async function* () {
      asked++
      yield Uint8Array.of(0, 0, 0, 2)
      yield* packEnvelopes([batches[0].envelope], 1e5)
      yield* packEnvelopes([bad], 1e5)
    })
    network.connect('liar', 'p1')
    await network.settle()
    expect(b.misbehaved).toMatchObject([{ peer: 'liar', error: { code: 'SYNC_MISBEHAVIOUR' } }])
    expect(b.records.graph.value.links).toBe(1)
    for (let i = 0; i < 3; i++) b.timers.advance(SYNC_INTERVAL_MS)
    await network.settle()
    expect(asked).toBe(1)
  })

  it('[KG23] an answer that never brings anything new ends', async () => {
    const network = createFakeNetwork(5n)
    const [, b] = (await createPeers(network, 2)) as [FakePeer, FakePeer]
    const liar = network.add('liar')
    const batch = await createFeed(await fakeIdentity(9)).next([link('a', 'b')])
    liar.requests.handle(PROTOCOLS.linksSync, async function* () {
      yield Uint8Array.of(0, 0, 0, 2)
      for (;;) yield* packEnvelopes([batch.envelope], 1e5)
    })
    network.connect('liar', 'p1')
    await network.settle()
    expect(b.misbehaved).toMatchObject([{ peer: 'liar', error: { code: 'SYNC_MISBEHAVIOUR' } }])
  })

  it('[KG23] batches that are dated ahead make no liar of who passes them on', async () => {
    const network = createFakeNetwork(12n)
    const [, b] = (await createPeers(network, 2)) as [FakePeer, FakePeer]
    const honest = network.add('honest')
    const ahead = await createFeed(await fakeIdentity(9)).next([link('a', 'b')], {
      timeUs: (TEST_NOW + 120_000) * 1_000,
    })
    const late = await createFeed(await fakeIdentity(8)).next([link('c', 'd')])
    honest.requests.handle(PROTOCOLS.linksSync, async function* () {
      yield Uint8Array.of(0, 0, 0, 31)
      for (let i = 0; i < 30; i++) yield* packEnvelopes([ahead.envelope], 1e5)
      yield* packEnvelopes([late.envelope], 1e5)
    })
    network.connect('honest', 'p1')
    await network.settle()
    expect(b.misbehaved).toEqual([])
    expect(b.records.graph.value.links).toBe(1)
  })

  it('[KG23] a full graph ends a pull quietly', async () => {
    const network = createFakeNetwork(13n)
    const [, b] = (await createPeers(network, 2)) as [FakePeer, FakePeer]
    const honest = network.add('honest')
    const batch = await createFeed(await fakeIdentity(9)).next([link('a', 'b')])
    let sent = 0
    honest.requests.handle(PROTOCOLS.linksSync, async function* () {
      yield Uint8Array.of(0, 0, 0, 30)
      for (; sent < 30; sent++) yield* packEnvelopes([batch.envelope], 1e5)
    })
    const room = vi.spyOn(LinkGraph.prototype, 'hasRoomFor').mockReturnValue(false)
    network.connect('honest', 'p1')
    await network.settle()
    room.mockRestore()
    expect(b.misbehaved).toEqual([])
    expect(sent).toBeLessThan(3)
  })

  it('[KG23] an answer of more batches than it announced ends', async () => {
    const network = createFakeNetwork(14n)
    const [, b] = (await createPeers(network, 2)) as [FakePeer, FakePeer]
    const liar = network.add('liar')
    const ahead = await createFeed(await fakeIdentity(9)).next([link('a', 'b')], { timeUs: 9e15 - 1 })
    liar.requests.handle(PROTOCOLS.linksSync, async function* () {
      yield Uint8Array.of(0, 0, 0, 20)
      for (;;) yield* packEnvelopes([ahead.envelope], 1e5)
    })
    network.connect('liar', 'p1')
    await network.settle()
    expect(b.misbehaved).toMatchObject([{ peer: 'liar', error: { code: 'SYNC_MISBEHAVIOUR' } }])
  })

  it('[KG1] a new batch by gossip asks its sender for texts, not for links', async () => {
    const network = createFakeNetwork(15n)
    const [a, b] = (await createPeers(network, 2)) as [FakePeer, FakePeer]
    network.connect('p0', 'p1')
    await network.settle()
    b.timers.advance(PULL_REST_MS)
    await a.graph.addText(textCid('moon'), utf8('moon'))
    const heads = vi.spyOn(b.graph, 'heads')
    const missing = vi.spyOn(b.graph, 'missingTexts')
    for (let i = 0; i < 20; i++) {
      await a.link('moon', `thing ${i}`)
      await network.deliverAll()
    }
    b.timers.advance(PULL_REST_MS)
    await network.settle()
    expect(await b.graph.text(textCid('moon'))).toBe('moon')
    expect(missing.mock.calls.length).toBeLessThan(4)
    expect(heads).not.toHaveBeenCalled()
  })

  it('a placement that comes leaves the builds of other parcels the objects that they were', async () => {
    const network = createFakeNetwork(16n)
    const [a] = (await createPeers(network, 1)) as [FakePeer]
    await a.records.place({ parcel: 1, root: textCid('model'), placement: POSE })
    const before = a.records.land.value.builds.get(1)
    const other = await createFakePeer({ id: 'other', network, device: 7 })
    await other.records.start()
    for (const parcel of [2, 3])
      await other.records.place({ parcel, root: textCid('model'), placement: POSE })
    const buckets = await other.placements.bucketsUnlike(await a.placements.digests())
    const envelopes = (await Promise.all(buckets.map((bucket) => other.placements.readBucket(bucket)))).flat()
    await Promise.all(envelopes.map((envelope) => a.placements.ingest([envelope])))
    expect(a.records.land.value.builds.size).toBe(3)
    expect(a.records.land.value.builds.get(1)).toBe(before)
  })

  it('[CH4] a parcel that moved shows its build where it lies, and one without a place shows none', async () => {
    const places = signal<ParcelPlaces | undefined>(undefined)
    const a = await createFakePeer({ id: 'a', network: createFakeNetwork(17n), device: 1, places })
    await a.records.start()
    const root = textCid('model')
    expect(await a.records.place({ parcel: 7, root, placement: POSE })).toMatchObject({ parcel: 7 })
    const born = a.records.land.value.builds.get(7)
    places.value = BIRTH_PLACES
    expect(a.records.land.value.builds.get(7)).toBe(born)

    const moved = { x: 131, y: 2 }
    const lying = (cell: Cell | undefined): ParcelPlaces => ({
      ...BIRTH_PLACES,
      cellOf: (serial) => (serial === 7 ? cell : BIRTH_PLACES.cellOf(serial)),
    })
    places.value = lying(moved)
    const there = { parcel: plotAt(moved), cell: moved, root, mine: true }
    expect([...a.records.land.value.builds]).toEqual([[plotAt(moved), expect.objectContaining(there)]])
    expect(await a.records.place({ parcel: 7, root, placement: POSE })).toMatchObject(there)
    places.value = lying(undefined)
    expect(a.records.land.value.builds.size).toBe(0)
  })

  it('requests that are no requests are refused', async () => {
    const network = createFakeNetwork(6n)
    await createPeers(network, 1)
    const liar = network.add('liar')
    network.connect('liar', 'p0')
    for (const protocol of [PROTOCOLS.linksSync, PROTOCOLS.placementsSync, PROTOCOLS.texts]) {
      for (const body of [new Uint8Array(7), new Uint8Array(300_001)]) {
        const answer = liar.requests.request('p0', protocol, body)[Symbol.asyncIterator]()
        await expect(answer.next(), protocol).rejects.toMatchObject({
          code: 'SYNC_REQUEST_INVALID',
        })
      }
    }
    const [one, two] = [1, 2].map(() =>
      liar.requests.request('p0', PROTOCOLS.linksSync, new Uint8Array(4))[Symbol.asyncIterator](),
    )
    await one!.next()
    await expect(two!.next()).rejects.toMatchObject({ code: 'SYNC_BUSY' })
    await one!.return?.(undefined)
  })

  it('[KG21] texts of linked particles come by themselves, checked by hash', async () => {
    const network = createFakeNetwork(7n)
    const [a, b] = (await createPeers(network, 2)) as [FakePeer, FakePeer]
    await a.link('lantern', 'light')
    await a.graph.addText(textCid('lantern'), utf8('lantern'))
    network.connect('p0', 'p1')
    await network.settle()
    expect(await b.graph.suggest('lan')).toEqual(['lantern'])
    const liar = network.add('liar')
    liar.requests.handle(PROTOCOLS.linksSync, async function* () {})
    liar.requests.handle(PROTOCOLS.placementsSync, async function* () {})
    liar.requests.handle(PROTOCOLS.texts, async function* () {
      yield* packEnvelopes([utf8('buy this')], 1e5)
    })
    network.disconnect('p0', 'p1')
    await a.link('moon', 'night')
    await b.graph.ingest(
      (await createFeed(await fakeIdentity(9)).next([link('sun', 'day')])).envelope ? [] : [],
    )
    const feed = createFeed(await fakeIdentity(9))
    await b.graph.ingest([(await feed.next([link('sun', 'day')])).envelope])
    network.connect('liar', 'p1')
    await network.settle()
    expect(b.misbehaved).toMatchObject([{ peer: 'liar', error: { code: 'SYNC_MISBEHAVIOUR' } }])
    expect(await b.graph.text(textCid('buy this'))).toBeUndefined()
  })

  it('[KG23] a newcomer gets 10,000 links in chunks, with progress, and goes on after an interruption', async () => {
    const network = createFakeNetwork(8n)
    const [a] = (await createPeers(network, 1)) as [FakePeer]
    await a.records.link(
      Array.from({ length: 10_000 }, (_, i) => {
        const { from, to } = link(`word ${i % 500}`, `gloss ${i}`)
        return [from, to] as const
      }),
    )
    const b = await createFakePeer({ id: 'newcomer', network, device: 50 })
    await b.records.start()
    const progress: number[] = []
    b.records.graph.subscribe(({ sync }) => {
      if (sync !== undefined) progress.push(sync.done / sync.total)
    })
    network.breakAfter({ peer: 'p0', protocol: PROTOCOLS.linksSync, frames: 3 })
    network.connect('p0', 'newcomer')
    await network.settle()
    const kept = b.records.graph.value.links
    expect(kept).toBeGreaterThan(1_000)
    expect(kept).toBeLessThan(10_000)
    expect(b.warnings).toHaveLength(1)
    const before = network.answeredBytes
    b.timers.advance(SYNC_INTERVAL_MS)
    await network.settle()
    expect(b.records.graph.value).toMatchObject({ links: 10_000, sync: undefined })
    expect(network.answeredBytes - before).toBeLessThan((10_000 - kept) * LINK_END_BYTES * 1.2)
    expect(progress.at(-1)).toBe(1)
    expect(progress.every((value) => value > 0 && value <= 1)).toBe(true)
    // it goes on counting where it was interrupted
    expect(progress).toEqual([...progress].sort((one, other) => one - other))
    expect(await fingerprint(b)).toEqual(await fingerprint(a))
  })

  it('two tabs of one profile number one feed without a fork', async () => {
    const network = createFakeNetwork(9n)
    const store = createMemoryRecordStore()
    const one = await createFakePeer({ id: 'one', network, device: 1, store })
    const two = await createFakePeer({ id: 'two', network, device: 1, store })
    for (const { records } of [one, two]) await records.start()
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? one : two).link(`from ${i}`, `to ${i}`)),
    )
    await Promise.all([one.link('last', 'one'), two.link('last', 'two')])
    const [head] = await two.graph.heads()
    expect(head).toMatchObject({ next: 22, frozen: false })
    const again = await createFakePeer({ id: 'again', network, device: 1, store })
    await again.records.start()
    expect(again.records.graph.value.links).toBe(22)
  })

  it('[KG1] a device whose feed forked may not link', async () => {
    const network = createFakeNetwork(10n)
    const [a] = (await createPeers(network, 1)) as [FakePeer]
    const feed = createFeed(a.identity)
    const first = await feed.next([link('a', 'b')])
    feed.rewind(undefined)
    const other = await feed.next([link('a', 'c')])
    await a.graph.ingest([first.envelope, other.envelope])
    await expect(a.link('x', 'y')).rejects.toMatchObject({ code: 'FEED_FORKED' })
    expect(a.records.graph.value.links).toBe(0)
  })

  it('a full disk: the link is refused, nothing is published', async () => {
    const network = createFakeNetwork(11n)
    const [a] = (await createPeers(network, 2)) as [FakePeer]
    network.connect('p0', 'p1')
    a.store.failure = new Error('QuotaExceededError')
    await expect(a.link('x', 'y')).rejects.toThrow('QuotaExceededError')
    expect(network.inFlight).toBe(0)
  })
})
