import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { toHex } from '#core/bytes.ts'
import { MAX_FEEDS, MAX_LINKS_PER_NEURON } from '#core/limits.ts'
import { machineOf } from '#core/machine.ts'
import { NO_PREVIOUS, type ReadLinkBatch } from '#graph/link-batch.ts'
import { LinkGraph } from '#graph/link-graph.ts'
import { LinkIntake } from '#graph/link-intake.ts'
import { createLinkStore } from '#graph/link-store.ts'
import { appendLinks } from '#graph/own-feed.ts'
import { fakeIdentity, TEST_NOW } from '#test/fakes/identity.ts'
import { createFeed, link, linkVerifier } from '#test/fakes/links.ts'
import { createMemoryRecordStore } from '#test/fakes/memory-record-store.ts'

const verifier = linkVerifier()

function createIntake(records = createMemoryRecordStore()) {
  const failures: unknown[] = []
  const store = createLinkStore(records, (error) => failures.push(error))
  return { intake: new LinkIntake({ verifier, store }), records, failures }
}

async function ingest(intake: LinkIntake, ...batches: readonly ReadLinkBatch[]): Promise<readonly string[]> {
  return (await intake.ingest(batches.map(({ envelope }) => envelope))).map(({ status }) => status)
}

const identity = await fakeIdentity(1)
const feed = createFeed(identity)
/** a0 a1 a2 a3, and two other ways to go on: b2 b3 after a1, c1 after a0 */
const a = [
  await feed.next([link('moon', 'night')]),
  await feed.next([link('moon', 'sea')]),
  await feed.next([link('moon', 'wolf')]),
  await feed.next([link('wolf', 'night')]),
] as const
feed.rewind(a[1])
const b2 = await feed.next([link('moon', 'cheese')])
const b3 = await feed.next([link('cheese', 'mouse')])
feed.rewind(a[0])
const c1 = await feed.next([link('moon', 'tide')])
const c2 = await feed.next([link('tide', 'sea')])

function fingerprint(intake: LinkIntake): unknown {
  const heads = intake.log
    .heads()
    .map(({ device, next, head, frozen }) => [toHex(device), next, toHex(head), frozen])
  return { heads, links: intake.graph.canonicalLinks() }
}

describe('[KG1] feeds', () => {
  it('[KG1] a batch is taken once; a replay is harmless', async () => {
    const { intake, records } = createIntake()
    expect(await ingest(intake, a[0], a[1])).toEqual(['new', 'new'])
    const before = fingerprint(intake)
    const [replayed] = await intake.ingest([a[0].envelope])
    expect(replayed).toMatchObject({ status: 'have', failure: { code: 'LINKS_REPLAYED' } })
    expect(fingerprint(intake)).toEqual(before)
    expect(records.map.size).toBe(2)
  })

  it('[KG1] a gap shows, and closes when the missing one comes', async () => {
    const { intake } = createIntake()
    await ingest(intake, a[0])
    const [gap] = await intake.ingest([a[2].envelope])
    expect(gap).toMatchObject({ status: 'gap', failure: { code: 'LINKS_GAP' } })
    expect(await ingest(intake, a[1], a[2])).toEqual(['new', 'new'])
    const { intake: empty } = createIntake()
    expect(await ingest(empty, a[1])).toEqual(['gap'])
    expect(empty.log.feeds).toBe(0)
  })

  it('[KG1] a gap closes by what another tab of the profile kept', async () => {
    const { intake, records } = createIntake()
    await ingest(intake, a[0])
    await ingest(createIntake(records).intake, a[0], a[1], a[2])
    expect(await ingest(intake, a[3])).toEqual(['new'])
    expect(intake.graph.links).toBe(4)
  })

  it('[KG1] the same link again adds nothing; the first time of it stands', async () => {
    const { intake } = createIntake()
    const other = createFeed(await fakeIdentity(2, { wallet: 1 }))
    const late = await other.next([link('moon', 'night'), link('moon', 'night')])
    expect(await ingest(intake, late, a[0])).toEqual(['new', 'new'])
    expect(intake.graph.links).toBe(1)
    expect(intake.graph.timeUs(0)).toBe(Math.min(a[0].timeUs, late.timeUs))
    await ingest(intake, await createFeed(await fakeIdentity(3)).next([link('moon', 'night')]))
    expect(intake.graph.links).toBe(2)
  })

  it('[KG1] a full graph takes no more links and says so; replays are still told apart', async () => {
    const { intake } = createIntake()
    await ingest(intake, a[0])
    const room = vi.spyOn(LinkGraph.prototype, 'hasRoomFor').mockReturnValue(false)
    const [known, more] = await intake.ingest([a[0].envelope, a[1].envelope])
    room.mockRestore()
    expect(known).toMatchObject({ status: 'have' })
    expect(more).toMatchObject({ status: 'refused', failure: { code: 'LINKS_FULL' } })
    expect(intake.graph.links).toBe(1)
  })

  it('[KG1] one neuron takes a part of the tab at most; others go on', async () => {
    const { intake } = createIntake()
    const many = createFeed(await fakeIdentity(4))
    const neuron = (await fakeIdentity(4)).neuron
    const ends = new Uint8Array(64 * (MAX_LINKS_PER_NEURON - 1))
    for (let i = 0; i < MAX_LINKS_PER_NEURON - 1; i++) new DataView(ends.buffer).setUint32(64 * i, i + 1)
    intake.graph.addBatch({ neuron, device: new Uint8Array(32), seq: 0, ends, timeUs: 1 })
    const last = await many.next([link('moon', 'night')])
    expect(await ingest(intake, last)).toEqual(['new'])
    const [refused, replayed, other] = await intake.ingest([
      (await many.next([link('moon', 'sea')])).envelope,
      last.envelope,
      a[0].envelope,
    ])
    expect(refused).toMatchObject({ status: 'refused', failure: { code: 'LINKS_NEURON_FULL' } })
    expect(refused?.failure?.message).toContain('400000')
    expect(replayed?.status).toBe('have')
    expect(other).toEqual({ status: 'new' })
  })

  it('[KG1] the own feed has its place however many others there are', async () => {
    const { intake, records } = createIntake()
    for (let i = 0; i < MAX_FEEDS - 1; i++) {
      const device = new Uint8Array(32)
      new DataView(device.buffer).setUint32(0, i)
      intake.log.append({ device, seq: 0, prev: NO_PREVIOUS, hash: device })
    }
    const [full] = await intake.ingest([a[0].envelope])
    expect(full).toMatchObject({ status: 'refused', failure: { code: 'LINKS_FULL' } })
    const own = await appendLinks(
      { store: records, identity, machine: machineOf('test'), now: () => TEST_NOW },
      [link('moon', 'night')],
    )
    expect(await ingest(intake, ...own)).toEqual(['new'])
    expect(intake.log.feeds).toBe(MAX_FEEDS)
  })

  it('[KG1] each refusal has its sentence', async () => {
    const { intake } = createIntake()
    const forged = a[0].envelope.slice()
    forged[forged.length - 1]! ^= 1
    const foreign = await createFeed(identity).next([link('a', 'b')], { machine: machineOf('main') })
    const future = await createFeed(identity).next([link('a', 'b')], { timeUs: 2_000_000_000_000_000 })
    const builder = await fakeIdentity(2, { change: { scope: ['placements'] } })
    const unallowed = await createFeed(builder).next([link('a', 'b')])
    const results = await intake.ingest([
      forged,
      forged.slice(0, 300),
      foreign.envelope,
      future.envelope,
      unallowed.envelope,
      a[1].envelope,
      a[0].envelope,
      a[0].envelope,
      c1.envelope,
      b2.envelope,
    ])
    expect(
      results.map(({ status, failure }) => `${status}: ${failure?.code} ${failure?.message}`),
    ).toMatchInlineSnapshot(`
      [
        "refused: LINKS_FORGED The signature of a link batch does not verify for device eb81ab35e0e22bf1bf8d0b6294fe1dc4b132ce81be75b6a1f7cce99e2a514124. It was dropped.",
        "refused: LINKS_INVALID A link batch was dropped, as it could not be read: The object is not valid: object.descSigns[0].delegation at offset 185: expected 205 bytes, got 115 bytes. It was not used.",
        "refused: LINKS_MACHINE A link batch belongs to machine 4693e5a5ef48a9fe…, this is ff52a477d56a17a3…. Choose the network that it was made for.",
        "refused: LINKS_TIME A link batch is dated 204867200 s in the future. It will be taken then; check the clock of this device.",
        "refused: LINKS_NOT_AUTHORISED The wallet 0xe2ec67a1cbe2270c64cef60b22bfc8118acbd46d did not authorise the device of a link batch: The delegation allows "placements", not "links". Authorise this device for it.",
        "gap: LINKS_GAP Batch 1 of feed eb81ab35e0e22bf1… came before batch 0. The missing ones are fetched.",
        "new: undefined undefined",
        "have: LINKS_REPLAYED Batch 0 of feed eb81ab35e0e22bf1… is here already. Nothing changed.",
        "new: undefined undefined",
        "forked: FEED_FORKED The device of feed eb81ab35e0e22bf1… signed two different batches 2. Its links from there on do not count; make a new Device key.",
      ]
    `)
  })

  it('[KG1] a fork freezes the feed from there on', async () => {
    const { intake } = createIntake()
    expect(await ingest(intake, ...a, b2)).toEqual(['new', 'new', 'new', 'new', 'forked'])
    expect(intake.graph.links).toBe(2)
    const [more] = await intake.ingest([a[3].envelope])
    expect(more).toMatchObject({ status: 'frozen', failure: { code: 'FEED_FORKED' } })
    expect(await ingest(intake, a[2], b2)).toEqual(['have', 'have'])
    expect(await ingest(intake, c1)).toEqual(['forked'])
    expect(intake.graph.links).toBe(1)
  })

  it('[KG1] a batch that names another one before it freezes the feed too', async () => {
    const { intake } = createIntake()
    expect(await ingest(intake, a[0], a[1], c2, a[2])).toEqual(['new', 'new', 'forked', 'frozen'])
    expect(intake.graph.links).toBe(2)
  })

  it('[KG1] forks end alike in every order', async () => {
    const all = [...a, b2, b3, c1]
    const { intake: first } = createIntake()
    await settle(first, all)
    const expected = fingerprint(first)
    expect(expected).toMatchObject({ heads: [[expect.anything(), 1, toHex(a[0].hash), true]] })
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
        async (order) => {
          const { intake } = createIntake()
          await settle(intake, order)
          expect(fingerprint(intake)).toEqual(expected)
        },
      ),
      { numRuns: 60, seed: 6 },
    )
  })

  it('[KG1] two forked tabs agree after they told each other what they saw, whatever each saw first', async () => {
    const all = [...a, b2, b3, c1, c2]
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(all, { minLength: 1 }),
        fc.shuffledSubarray(all, { minLength: 1 }),
        async (left, right) => {
          const one = createIntake().intake
          const two = createIntake().intake
          await settle(one, left)
          await settle(two, right)
          for (let round = 0; round < 4; round++) {
            await pull(one, two)
            await pull(two, one)
          }
          expect(fingerprint(one)).toEqual(fingerprint(two))
        },
      ),
      { numRuns: 50, seed: 7 },
    )
  })
})

/** Offers batches again and again until nothing changes: what pulls do in the end. */
async function settle(intake: LinkIntake, batches: readonly ReadLinkBatch[]): Promise<void> {
  for (let changed = true; changed; ) {
    const statuses = await ingest(intake, ...batches)
    changed = statuses.some((status) => status === 'new' || status === 'forked')
  }
}

async function pull(from: LinkIntake, to: LinkIntake): Promise<void> {
  for (const range of from.log.missingFrom(to.log.heads())) {
    await to.ingest(await from.readRange(range, 1e6))
  }
}

describe('[KG23] what is kept', () => {
  it('[KG23] is read back, checked and whole', async () => {
    const { intake, records } = createIntake()
    await ingest(intake, ...a, b2)
    const again = createIntake(records)
    const damaged: string[] = []
    await again.intake.load({ onProgress: () => {}, onDamaged: (key) => damaged.push(key) })
    expect(fingerprint(again.intake)).toEqual(fingerprint(intake))
    expect(damaged).toEqual([])
    expect([...records.map.keys()].sort().map((key) => key.replace(/[0-9a-f]{64}/, 'd'))).toEqual([
      'batch/d/0000000',
      'batch/d/0000001',
      'fork/d/0',
      'fork/d/1',
    ])
  })

  it('[KG19] a damaged record is named, dropped and fetched again', async () => {
    const { intake, records } = createIntake()
    await ingest(intake, ...a)
    const key = [...records.map.keys()].sort()[1]!
    records.map.get(key)![300]! ^= 1
    const { intake: again } = createIntake(records)
    const damaged: string[] = []
    await again.load({ onProgress: () => {}, onDamaged: (name) => damaged.push(name) })
    expect(damaged).toEqual([key])
    expect(records.map.has(key)).toBe(false)
    expect(again.log.heads()[0]!.next).toBe(1)
    const { intake: peer } = createIntake()
    await ingest(peer, ...a)
    await pull(peer, again)
    expect(fingerprint(again)).toEqual(fingerprint(peer))
  })

  it('a full disk keeps the links until the tab closes, and says so', async () => {
    const { intake, records, failures } = createIntake()
    records.failure = new Error('QuotaExceededError')
    expect(await ingest(intake, a[0])).toEqual(['new'])
    expect(failures).toHaveLength(1)
    const [range] = intake.log.missingFrom([])
    expect(await intake.readRange(range!, 1e6)).toEqual([a[0].envelope])
  })

  it('[KG23] a store that cannot be read ends the chunk; what was taken before is kept', async () => {
    const { intake, records } = createIntake()
    const elsewhere = await createFeed(await fakeIdentity(2)).next([link('sun', 'day')])
    const { get } = records
    records.get = async () => Promise.reject(new Error('the database is closing'))
    await expect(ingest(intake, elsewhere, a[1])).rejects.toThrow('the database is closing')
    records.get = get
    const [range] = intake.log.missingFrom([])
    expect(await intake.readRange(range!, 1e6)).toEqual([elsewhere.envelope])
    expect(records.map.size).toBe(1)
  })

  it('progress counts up to all', async () => {
    const { intake, records } = createIntake()
    await ingest(intake, ...a)
    const seen: [number, number][] = []
    await createIntake(records).intake.load({
      onProgress: (done, total) => seen.push([done, total]),
      onDamaged: () => {},
    })
    expect(seen).toEqual([[4, 4]])
  })
})
