import { MemoryBlockstore } from 'blockstore-core'
import { describe, expect, it } from 'vitest'
import type { SeedItem } from '#api/seed-types.ts'
import { concat, equalBytes } from '#core/bytes.ts'
import { MAX_BLOCK_BYTES } from '#core/limits.ts'
import { markerOf, RECORD_KINDS } from '#seed/blockstore/record.ts'
import { scanSegment } from '#seed/blockstore/scan-segment.ts'
import {
  createFakeProfile,
  type FakeProfile,
  type FakeSeedTab,
  makeContent,
  NOON,
  putRemote,
  settle,
} from '#test/fakes/seed-profile.ts'

const KIB = 1024
const MIB = 1024 * KIB

function item({ seeder }: FakeSeedTab, cid: string): SeedItem | undefined {
  return seeder.state.value.items.find((other) => other.cid === cid)
}

/** Gives the beginning of a file, and then nothing more for ever. */
async function* firstPart(bytes: Uint8Array, length: number, onEnd: () => void): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < length; at += MIB) yield bytes.subarray(at, Math.min(length, at + MIB))
  onEnd()
  await new Promise(() => {})
}

/** Reads a content as the page does: it is cached afterwards. */
async function look({ seeder, content }: FakeSeedTab, cid: string): Promise<Uint8Array> {
  const end = seeder.use(cid)
  try {
    return await content.cat(cid)
  } finally {
    end()
  }
}

describe('[SE3] pins', () => {
  it('keeps what was published, across tabs, with its name and reason', async () => {
    const profile = createFakeProfile()
    const a = await profile.open()
    const { cid } = await a.seeder.add(makeContent(MIB, 1), { name: 'moon.glb' })
    expect(item(a, cid)).toMatchObject({
      name: 'moon.glb',
      reasons: ['published'],
      bytes: MIB,
      heldBytes: MIB,
    })
    await a.pass(1_000)
    const b = await profile.open()
    await b.pass(1_000)
    expect(item(b, cid)).toMatchObject({
      name: 'moon.glb',
      reasons: ['published'],
      bytes: MIB,
      heldBytes: MIB,
    })
    expect(b.provided).toContain(cid)
    expect(profile.persisted).toBe(true)
    expect(profile.failures).toEqual([])
  })

  it('shows nothing before the store was read: never a pin of which nothing seems to be here', async () => {
    const profile = createFakeProfile()
    const a = await profile.open()
    const { cid } = await a.seeder.add(makeContent(4 * MIB, 80))
    await a.stop()
    const listing = Promise.withResolvers<void>()
    profile.beforeList = () => listing.promise
    const b = await profile.open()
    const seen: (number | undefined)[] = []
    b.seeder.state.subscribe(() => seen.push(item(b, cid)?.heldBytes))
    await b.pass(2_000)
    listing.resolve()
    await b.until(() => item(b, cid)?.heldBytes === 4 * MIB)
    expect(new Set(seen)).toEqual(new Set([undefined, 4 * MIB]))
  })

  it('fetches what is pinned by hand, and tells how far it is', async () => {
    const profile = createFakeProfile()
    const a = await profile.open()
    const bytes = makeContent(3 * MIB, 2)
    const cid = await putRemote(profile, bytes)
    const seen: number[] = []
    const kept = await a.seeder.commands.pin(cid, { name: 'rock', onProgress: (p) => seen.push(p.bytes) })
    expect(kept).toMatchObject({ cid, name: 'rock', reasons: ['pinned'], bytes: 3 * MIB, heldBytes: 3 * MIB })
    expect(seen.at(-1)).toBe(3 * MIB)
    expect(a.provided).toContain(cid)
  })

  it('says that a pin does not fit before anything but its root is fetched, and pins nothing', async () => {
    const profile = createFakeProfile()
    const a = await profile.open()
    await a.seeder.commands.set({ quotaBytes: 2 * MIB })
    const cid = await putRemote(profile, makeContent(3 * MIB, 3))
    let fetched = 0
    profile.beforeFetch = async () => {
      fetched += 1
    }
    await expect(a.seeder.commands.pin(cid)).rejects.toMatchObject({ code: 'SEED_PINS_EXCEED_QUOTA' })
    expect(fetched).toBe(1)
    expect(item(a, cid)?.reasons ?? []).toEqual([])
    await expect(a.seeder.add(makeContent(3 * MIB, 4))).rejects.toMatchObject({
      code: 'SEED_PINS_EXCEED_QUOTA',
    })
    expect(a.blocks.stats().bytes).toBeLessThan(64 * KIB)
  })

  it('says so too when another tab has the root here, and stops fetching what another tab let go of', async () => {
    const profile = createFakeProfile()
    const [a, b] = [await profile.open(), await profile.open()]
    await a.seeder.commands.set({ quotaBytes: 2 * MIB })
    await b.pass(500)
    const cid = await putRemote(profile, makeContent(3 * MIB, 70))
    const end = a.seeder.use(cid)
    for await (const _ of a.content.read(cid, { length: 1 })); // its root and a block
    end()
    await a.pass(500)
    await expect(b.seeder.commands.pin(cid)).rejects.toMatchObject({ code: 'SEED_PINS_EXCEED_QUOTA' })
    expect(item(b, cid)?.reasons ?? []).toEqual([])

    const away = await putRemote(createFakeProfile(), makeContent(MIB, 71))
    const pinning = b.seeder.commands.pin(away)
    pinning.catch(() => {})
    await b.pass(500)
    await a.seeder.commands.unpin(away)
    await b.pass(6_000)
    await expect(pinning).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('asks the person when pins exceed the quota, and loses nothing', async () => {
    const profile = createFakeProfile()
    const a = await profile.open()
    const bytes = makeContent(3 * MIB, 5)
    const { cid } = await a.seeder.add(bytes)
    await a.seeder.commands.set({ quotaBytes: MIB })
    expect(a.seeder.state.value.notices).toMatchObject([{ code: 'SEED_PINS_EXCEED_QUOTA' }])
    expect(item(a, cid)).toMatchObject({ heldBytes: 3 * MIB })
    // what is only looked at finds no room, and is shown all the same
    const other = makeContent(MIB, 6)
    expect(equalBytes(await look(a, await putRemote(profile, other)), other)).toBe(true)
    expect(a.blocks.stats().bytes).toBeLessThan(3.2 * MIB)
    await a.seeder.commands.set({ quotaBytes: 8 * MIB })
    expect(a.seeder.state.value.notices).toEqual([])
    expect(equalBytes(await a.content.cat(cid), bytes)).toBe(true)
  })

  it('makes cache of what is unpinned, and drops it on demand; a pin is not dropped', async () => {
    const profile = createFakeProfile()
    const a = await profile.open()
    const { cid } = await a.seeder.add(makeContent(MIB, 7))
    await expect(a.seeder.commands.drop(cid)).rejects.toMatchObject({ code: 'SEED_PINNED' })
    await a.seeder.commands.unpin(cid)
    expect(item(a, cid)).toMatchObject({ reasons: [], heldBytes: MIB })
    await a.seeder.commands.drop(cid)
    expect(item(a, cid)).toBeUndefined()
    expect(a.blocks.stats().blocks).toBe(0)
    await expect(a.seeder.commands.drop(cid)).rejects.toMatchObject({ code: 'SEED_UNKNOWN' })
  })

  it('pins again at once what was unpinned while it was fetched', async () => {
    const profile = createFakeProfile()
    const a = await profile.open()
    const cid = await putRemote(profile, makeContent(2 * MIB, 81))
    const fetching = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    let fetched = 0
    profile.beforeFetch = async () => {
      fetched += 1
      if (fetched < 3) return // the root, by which its size comes to be known, and a block
      fetching.resolve()
      await go.promise
    }
    const first = a.seeder.commands.pin(cid)
    first.catch(() => {})
    await fetching.promise
    const unpinned = a.seeder.commands.unpin(cid)
    const again = a.seeder.commands.pin(cid)
    await unpinned
    go.resolve()
    expect(await again).toMatchObject({ reasons: ['pinned'], heldBytes: 2 * MIB })
    await expect(first).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('takes over the roots that earlier versions remembered', async () => {
    const profile = createFakeProfile()
    const before = await profile.open()
    const { cid } = await before.seeder.add(makeContent(MIB, 8))
    await before.stop()
    profile.records.map.clear()
    profile.records.map.set(`added/${cid}`, new TextEncoder().encode('1234'))
    const a = await profile.open()
    await a.pass(1_000)
    expect(item(a, cid)).toMatchObject({ reasons: ['published'], heldBytes: MIB })
    expect([...profile.records.map.keys()].some((key) => key.startsWith('added/'))).toBe(false)
  })

  it('two tabs share what is pinned', async () => {
    const profile = createFakeProfile()
    const [a, b] = [await profile.open(), await profile.open()]
    const { cid } = await a.seeder.add(makeContent(MIB, 9))
    await a.pass(1_000)
    await b.pass(1_000)
    expect(item(b, cid)).toMatchObject({ reasons: ['published'], heldBytes: MIB })
    await b.seeder.commands.unpin(cid)
    await a.pass(1_000)
    expect(item(a, cid)).toMatchObject({ reasons: [] })
  })

  it('keeps linked texts without a row for each', async () => {
    const profile = createFakeProfile()
    const a = await profile.open()
    const cids = await Promise.all(
      [1, 2, 3].map(async (n) => (await a.content.add(new TextEncoder().encode(`text ${n}`))).cid),
    )
    for (const cid of cids) await a.seeder.keepText(cid, [cid])
    await a.pass(1_000)
    expect(a.seeder.state.value).toMatchObject({
      items: [],
      texts: { count: 3 },
      cachedBytes: expect.any(Number),
    })
    const b = await profile.open()
    await b.pass(1_000)
    expect(b.seeder.state.value.texts).toEqual(a.seeder.state.value.texts)
  })
})

describe('[SE4] the quota', () => {
  it('is kept to while many contents are fetched at once, and what is read is right all the same', async () => {
    const profile = createFakeProfile()
    const a = await profile.open()
    const quotaBytes = 4 * MIB
    await a.seeder.commands.set({ quotaBytes })
    const pinned = makeContent(MIB, 10)
    const { cid } = await a.seeder.add(pinned)
    let most = 0
    profile.beforeFetch = async () => {
      most = Math.max(most, a.blocks.stats().bytes)
    }
    const contents = await Promise.all(
      Array.from({ length: 24 }, async (_, n) => {
        const bytes = makeContent(512 * KIB, 100 + n)
        return { bytes, cid: await putRemote(profile, bytes) }
      }),
    )
    for (let round = 0; round < 3; round++) {
      const parts = contents.slice(8 * round, 8 * round + 8)
      const read = await Promise.all(parts.map((part) => look(a, part.cid)))
      expect(read.every((bytes, n) => equalBytes(bytes, parts[n]?.bytes ?? bytes.slice(1)))).toBe(true)
      await a.pass(10_000)
    }
    expect(most).toBeGreaterThan(2 * MIB)
    expect(most).toBeLessThanOrEqual(quotaBytes * 1.1)
    expect(a.blocks.stats().bytes).toBeLessThanOrEqual(quotaBytes * 1.1)
    profile.remote = new MemoryBlockstore()
    expect(equalBytes(await a.content.cat(cid), pinned)).toBe(true)
    expect(profile.failures).toEqual([])
  })

  it('is kept to on the disk too, when the garbage beside the blocks is what compaction leaves', async () => {
    const profile = createFakeProfile()
    const a = await profile.open()
    const quotaBytes = 8 * MIB
    await a.seeder.commands.set({ quotaBytes })
    const stats = a.blocks.engine.stats.bind(a.blocks.engine)
    a.blocks.engine.stats = () => ({ ...stats(), diskBytes: 1.2 * stats().bytes })
    for (let n = 0; n < 20; n++) await look(a, await putRemote(profile, makeContent(512 * KIB, 200 + n)))
    await a.pass(10_000)
    const { bytes, diskBytes } = a.blocks.engine.stats()
    expect(diskBytes).toBeLessThanOrEqual(quotaBytes * 1.1)
    expect(bytes).toBeGreaterThan(quotaBytes * 0.8)
    expect(profile.failures).toEqual([])
  })

  it('evicts nothing that another tab pinned between two slices, unheard', async () => {
    const profile = createFakeProfile()
    const [a, b] = [await profile.open(), await profile.open()]
    const shared = makeContent(20 * MIB, 90)
    const cid = await putRemote(profile, shared)
    await look(a, await putRemote(profile, concat(shared, makeContent(MIB, 91))))
    await a.pass(6_000)
    profile.isMute = true
    for await (const _ of b.content.read(cid, { length: 0 })); // its root comes
    let deleted = 0
    let pinning: Promise<SeedItem> | undefined
    const remove = a.blocks.blockstore.delete.bind(a.blocks.blockstore)
    a.blocks.blockstore.delete = async (...args) => {
      deleted += 1
      pinning ??= b.seeder.commands.pin(cid) // waits for the first slice, and is there before the next
      return remove(...args)
    }
    await a.seeder.commands.set({ quotaBytes: 2 * MIB })
    expect(deleted).toBeLessThanOrEqual(64 + 4) // a slice, and of the next what only the other content has
    await pinning
    profile.remote = new MemoryBlockstore()
    expect(equalBytes(await b.content.cat(cid), shared)).toBe(true)
  })

  it('adds a file as a whole although another tab evicts parts that were here, unheard', async () => {
    const profile = createFakeProfile()
    const [a, b] = [await profile.open(), await profile.open()]
    const bytes = makeContent(8 * MIB, 92)
    await look(a, await putRemote(profile, bytes))
    await a.pass(6_000)
    profile.remote = new MemoryBlockstore()
    profile.isMute = true
    let puts = 0
    const put = b.blocks.blockstore.put.bind(b.blocks.blockstore)
    b.blocks.blockstore.put = async (...args) => {
      puts += 1
      return put(...args)
    }
    const streamed = async function* () {
      yield bytes.subarray(0, 7 * MIB)
      while (puts < 10) await settle() // as many are prepared at once; all behind the fourth go

      await a.seeder.commands.set({ quotaBytes: MIB })
      await a.seeder.commands.set({ quotaBytes: 64 * MIB })
      yield bytes.subarray(7 * MIB)
    }
    // a stream cannot be read again by itself
    await expect(b.seeder.add(streamed())).rejects.toMatchObject({ code: 'SEED_ADD_BROKEN_OFF' })
    const { cid } = await b.seeder.add(streamed())
    expect(equalBytes(await b.content.cat(cid), bytes)).toBe(true)
    expect(b.seeder.state.value.adding).toEqual([])
  })

  it('evicts first what is worth least: by rank per byte, nearness and last use', async () => {
    const profile = createFakeProfile()
    const a = await profile.open()
    await a.seeder.commands.set({ quotaBytes: 5 * MIB })
    const [ranked, far, old, near] = await Promise.all(
      [20, 21, 22, 23].map((seed) => putRemote(profile, makeContent(MIB, seed))),
    )
    if (!ranked || !far || !old || !near) throw new Error('nothing was stored')
    profile.ranks.set(ranked, 0.01)
    profile.distances.set(far, 40).set(near, 1)
    await look(a, old)
    profile.now += 10 * 24 * 60 * 60 * 1_000
    for (const cid of [ranked, far, near]) await look(a, cid)
    await a.pass(1_000)
    const order = [...a.seeder.state.value.items].sort((x, y) => (x.worth ?? 0) - (y.worth ?? 0))
    expect(order.map(({ cid }) => cid)).toEqual([far, old, near, ranked])
    await look(a, await putRemote(profile, makeContent(2 * MIB, 24)))
    await a.pass(1_000)
    expect(a.seeder.state.value.items.map(({ cid }) => cid)).not.toContain(far)
    expect(a.seeder.state.value.items.map(({ cid }) => cid)).toContain(ranked)
  })

  it('is the smaller of a fifth of what the browser grants and the default, until it is set', async () => {
    const profile = createFakeProfile()
    profile.grantedBytes = 100 * MIB
    const a = await profile.open()
    await a.pass(1_000)
    expect(a.seeder.state.value).toMatchObject({ quotaBytes: 20 * MIB, grantedBytes: 100 * MIB })
    await expect(a.seeder.commands.set({ quotaBytes: 90 * MIB })).rejects.toMatchObject({
      code: 'SEED_SETTING',
    })
    await a.seeder.commands.set({ quotaBytes: 50 * MIB })
    expect(a.seeder.state.value).toMatchObject({ quotaBytes: 50 * MIB })
    const b = await profile.open()
    await b.pass(1_000)
    expect(b.seeder.state.value.quotaBytes).toBe(50 * MIB)
  })

  it('and every other setting can be given back as the state shows it, and nothing changes', async () => {
    const profile = createFakeProfile()
    profile.grantedBytes = 100 * MIB
    const a = await profile.open()
    await a.pass(1_000)
    const before = a.seeder.state.value
    expect(before.settings).toMatchObject({ quotaBytes: 20 * MIB, keepForOthersBytes: 5 * MIB })
    expect(before.settings.quotaBytes).toBe(before.quotaBytes)
    expect(await a.seeder.commands.set(before.settings)).toEqual(before.settings)
    // it is the browser's fifth still, not a quota that was set
    profile.grantedBytes = 200 * MIB
    await a.pass(6_000)
    expect(a.seeder.state.value.settings).toMatchObject({
      quotaBytes: 40 * MIB,
      keepForOthersBytes: 10 * MIB,
    })
  })

  it('caps are shared by the tabs, and the hidden one holds while no tab is shown', async () => {
    const profile = createFakeProfile()
    const [a, b] = [await profile.open(), await profile.open()]
    await a.seeder.commands.set({ uploadCap: 4 * MIB, hiddenUploadCap: MIB, downloadCap: 8 * MIB })
    await b.pass(6_000)
    expect([a.caps, b.caps]).toEqual([
      { upload: 2 * MIB, download: 4 * MIB },
      { upload: 2 * MIB, download: 4 * MIB },
    ])
    a.shown = false
    b.shown = false
    await a.pass(6_000)
    expect(a.caps.upload).toBe(MIB / 2)
    await a.seeder.commands.set({ uploadCap: undefined })
    a.shown = true
    await a.pass(6_000)
    expect(a.caps.upload).toBeUndefined()
  })
})

describe('[SE5] going on', () => {
  it('fetches a pin to its end by itself after a crash, from the last block', async () => {
    const profile = createFakeProfile()
    const a = await profile.open()
    const bytes = makeContent(8 * MIB, 30)
    const cid = await putRemote(profile, bytes)
    let fetched = 0
    const stuck = Promise.withResolvers<void>()
    profile.beforeFetch = async () => {
      fetched += 1
      if (fetched > 12) {
        stuck.resolve()
        await new Promise(() => {})
      }
    }
    a.seeder.commands.pin(cid).catch(() => {})
    await stuck.promise
    await a.until(() => (item(a, cid)?.heldBytes ?? 0) >= 11 * 256 * KIB) // the root and 11 chunks came
    a.crash()
    const before = fetched
    fetched = 0
    profile.beforeFetch = async () => {
      fetched += 1
    }
    const b = await profile.open()
    await b.until(() => item(b, cid)?.heldBytes === 8 * MIB)
    expect(item(b, cid)).toMatchObject({ reasons: ['pinned'] })
    expect(fetched).toBeLessThan(33 - 10)
    expect(before).toBeGreaterThan(10)
    expect(equalBytes(await b.content.cat(cid), bytes)).toBe(true)
  })

  it('tries again when a holder comes, and shows why it waits', async () => {
    const profile = createFakeProfile()
    const a = await profile.open()
    const bytes = makeContent(MIB, 31)
    const away = createFakeProfile()
    const cid = await putRemote(away, bytes)
    const pinning = a.seeder.commands.pin(cid)
    await a.pass(1_000)
    expect(item(a, cid)?.transfer).toMatchObject({ kind: 'fetch', failure: { code: 'CONTENT_NOT_FOUND' } })
    await putRemote(profile, bytes)
    a.connect()
    expect(await pinning).toMatchObject({ heldBytes: MIB })
  })

  it('an adding that a crash ended goes on with the same file, writes nothing twice and leaves nothing behind', async () => {
    const profile = createFakeProfile()
    const a = await profile.open()
    const pinned = makeContent(MIB, 32)
    const first = await a.seeder.add(pinned)
    const bytes = makeContent(20 * MIB, 33)
    const stuck = Promise.withResolvers<void>()
    a.seeder.add(firstPart(bytes, 18 * MIB, stuck.resolve), { name: 'film.mp4' }).catch(() => {})
    await stuck.promise
    await a.pass(500)
    expect(a.seeder.state.value.adding).toMatchObject([{ name: 'film.mp4', transfer: { kind: 'add' } }])
    a.crash()

    const b = await profile.open()
    await b.pass(1_000)
    const [half] = b.seeder.state.value.adding
    expect(half).toMatchObject({ name: 'film.mp4', transfer: { failure: { code: 'SEED_ADD_BROKEN_OFF' } } })
    expect(half?.transfer.bytes).toBeGreaterThan(12 * MIB)
    expect(equalBytes(await b.content.cat(first.cid), pinned)).toBe(true)
    const written = b.blocks.stats().bytes
    expect(written).toBeGreaterThan(15 * MIB)
    const { cid } = await b.seeder.add(bytes, { name: 'film.mp4' })
    expect(b.seeder.state.value.adding).toEqual([])
    expect(equalBytes(await b.content.cat(cid), bytes)).toBe(true)
    const onDisk = [...profile.disk.values()].reduce((sum, { length }) => sum + length, 0)
    expect(onDisk).toBeLessThan(21.6 * MIB)
    expect([...profile.records.map.keys()].some((key) => key.startsWith('seed/adding/'))).toBe(false)
  })

  it('what nobody goes on with for a week is given up, and its blocks go when room is needed', async () => {
    const profile = createFakeProfile()
    const a = await profile.open()
    const stuck = Promise.withResolvers<void>()
    a.seeder.add(firstPart(makeContent(20 * MIB, 34), 18 * MIB, stuck.resolve)).catch(() => {})
    await stuck.promise
    await settle()
    a.crash()
    profile.now += 8 * 24 * 60 * 60 * 1_000
    const b = await profile.open()
    await b.pass(1_000)
    expect(b.seeder.state.value.adding).toEqual([])
    const left = b.blocks.stats().bytes
    expect(left).toBeGreaterThan(5 * MIB)
    await b.seeder.commands.set({ quotaBytes: 2 * MIB }) // too young: they may belong to what a tab is adding
    expect(b.blocks.stats().bytes).toBe(left)
    profile.now += 2 * 60 * 60 * 1_000
    await b.seeder.commands.set({ quotaBytes: 2 * MIB })
    expect(b.blocks.stats().bytes).toBeLessThanOrEqual(2 * MIB)
    expect(profile.failures).toEqual([])
  })
})

/** Flips a byte of every stored block that `isHit` says, by the number of its record in its segment. */
async function damage({ disk }: FakeProfile, isHit: (block: number) => boolean): Promise<number> {
  let block = 0
  let hits = 0
  for (const [segment, bytes] of disk) {
    const { records } = await scanSegment({
      marker: markerOf(segment),
      size: bytes.length,
      from: 0,
      tail: 'orphan',
      maxDataBytes: MAX_BLOCK_BYTES,
      read: async (at, length) => bytes.slice(at, at + length),
    })
    for (const { kind, dataAt, dataBytes } of records) {
      if (kind !== RECORD_KINDS.block || !isHit(block++)) continue
      const at = dataAt + Math.floor(dataBytes / 2)
      bytes[at] = (bytes[at] as number) ^ 0xff
      hits += 1
    }
  }
  return hits
}

describe('[SE5] a tab that crashes', () => {
  it('has told nobody of its last blocks: another tab finds them, and fetches none of them again', async () => {
    const profile = createFakeProfile()
    const [a, b] = [await profile.open(), await profile.open()]
    await b.pass(6_000)
    const cid = await putRemote(profile, makeContent(4 * MIB, 35))
    const stuck = Promise.withResolvers<void>()
    let fetched = 0
    profile.beforeFetch = async () => {
      fetched += 1
      if (fetched < 10) return
      stuck.resolve()
      await new Promise(() => {})
    }
    const pinning = a.seeder.commands.pin(cid)
    pinning.catch(() => {})
    await settle()
    profile.isMute = true
    await stuck.promise
    a.crash()
    expect(b.seeder.state.value.items).toEqual([])
    const stored = await b.blocks.engine.list()
    profile.remote = new MemoryBlockstore()
    await b.until(() => (item(b, cid)?.heldBytes ?? 0) > 0)
    expect(item(b, cid)?.heldBytes).toBeGreaterThanOrEqual((stored.length - 1) * 256 * KIB)
  })
})

describe('[SE2] a damaged store', () => {
  it('with one of a hundred blocks bad: nothing pinned is lost, all is served again, and it is told', async () => {
    const profile = createFakeProfile()
    const a = await profile.open()
    const contents = [makeContent(15 * MIB, 40), makeContent(15 * MIB, 41)]
    const cids: string[] = []
    for (const bytes of contents) {
      cids.push((await a.seeder.add(bytes, { name: `part ${cids.length}` })).cid)
      await putRemote(profile, bytes)
    }
    await a.stop()
    expect(await damage(profile, (block) => block % 100 === 60)).toBeGreaterThan(0)
    const b = await profile.open()
    await b.pass(1_000)
    // a peer asks for everything; what is bad is found then
    const bad = new Set<string>()
    for (const cid of cids) {
      await b.content.cat(cid).catch(() => bad.add(cid))
    }
    await b.until(() =>
      b.seeder.state.value.notices.some(({ message }) => message.includes('were fetched again')),
    )
    await b.until(() => b.seeder.state.value.serving.wholeItems === 2)
    expect(b.seeder.state.value.notices.map(({ code }) => code)).toContain('SEED_BLOCK_DAMAGED')
    profile.remote = new MemoryBlockstore()
    for (const [n, cid] of cids.entries()) {
      expect(item(b, cid)).toMatchObject({ heldBytes: 15 * MIB })
      expect(equalBytes(await b.content.cat(cid), contents[n] ?? new Uint8Array(0))).toBe(true)
    }
    expect(b.seeder.state.value.serving).toMatchObject({ status: 'served', items: 2, wholeItems: 2 })
  })

  it('is found by itself: what is pinned is read again, slowly, and what is bad fetched anew', async () => {
    const profile = createFakeProfile()
    const a = await profile.open()
    const bytes = makeContent(6 * MIB, 43)
    const { cid } = await a.seeder.add(bytes)
    await putRemote(profile, bytes)
    await a.stop()
    const hits = await damage(profile, (block) => block % 8 === 3) // no node among them
    expect(hits).toBe(3)
    const b = await profile.open()
    const scrubOf = ({ seeder }: FakeSeedTab) => seeder.state.value.scrub
    await b.pass(10_000)
    expect(scrubOf(b)).toMatchObject({ status: 'waiting', checkedBytes: 0, damagedBlocks: 0 })
    while (scrubOf(b).checkedBytes < MIB) await b.pass(500)
    // while something moves it waits
    while (scrubOf(b).status !== 'waiting') {
      b.move({ direction: 'sent', peer: 'p', cid, bytes: 1 })
      await b.pass(500)
    }
    const { checkedBytes } = scrubOf(b)
    expect(checkedBytes).toBeLessThan(6 * MIB)
    await b.stop()
    // after a reload it goes on where it was
    const c = await profile.open()
    while (scrubOf(c).checkedBytes === 0) await c.pass(500)
    expect(scrubOf(c).checkedBytes).toBeGreaterThanOrEqual(checkedBytes)
    while (scrubOf(c).status !== 'resting') await c.pass(500)
    await c.until(() => c.seeder.state.value.serving.wholeItems === 1)
    expect(scrubOf(c)).toMatchObject({ damagedBlocks: hits, totalBytes: expect.any(Number) })
    expect(scrubOf(c).finishedAt).toBeGreaterThan(NOON)
    profile.remote = new MemoryBlockstore()
    expect(equalBytes(await c.content.cat(cid), bytes)).toBe(true)
    await c.pass(20_000)
    expect(scrubOf(c).status).toBe('resting')
    profile.now += 7 * 24 * 60 * 60 * 1_000
    while (scrubOf(c).status !== 'reading') await c.pass(500)
    expect(scrubOf(c).damagedBlocks).toBe(0)
    await c.stop()
  })

  it('whose node is bad keeps the blocks below it until the node came back', async () => {
    const profile = createFakeProfile()
    const a = await profile.open()
    const bytes = makeContent(4 * MIB, 42)
    const { cid } = await a.seeder.add(bytes)
    await a.stop()
    const nodes = (block: number) => block === 16 // behind its 16 leaves
    expect(await damage(profile, nodes)).toBe(1)
    const b = await profile.open()
    await b.pass(1_000)
    await expect(b.content.cat(cid)).rejects.toMatchObject({ code: 'CONTENT_NOT_FOUND' })
    expect(item(b, cid)).toMatchObject({ heldBytes: 0 })
    await b.seeder.commands.set({ quotaBytes: MIB })
    await b.stop()
    profile.now += 3 * 60 * 60 * 1_000
    const c = await profile.open()
    await c.seeder.commands.set({ quotaBytes: MIB })
    expect(c.blocks.stats().bytes).toBe(4 * MIB)
    await putRemote(profile, bytes)
    c.connect()
    await c.until(() => item(c, cid)?.heldBytes === 4 * MIB)
    expect(c.seeder.state.value.notices.some(({ code }) => code === 'SEED_BLOCK_DAMAGED')).toBe(true)
  })
})

describe('[SE6] copies', () => {
  const HOLDER = { device: 'd1', peerId: 'p1', kind: 'tab', checkedAt: 1 } as const

  it('are counted now and then, and others are asked for those that are wanted', async () => {
    const profile = createFakeProfile()
    const a = await profile.open()
    a.copies.holders = [HOLDER]
    a.copies.answers = [{ peer: 'p2', accepted: true }]
    const { cid } = await a.seeder.add(makeContent(MIB, 50))
    await a.pass(30_000)
    expect(item(a, cid)).toMatchObject({ copies: 1, holders: [HOLDER] })
    expect(a.copies.asked).toEqual([{ root: cid, bytes: MIB, wanted: 2 }])
    const checks = a.copies.checked.length
    await a.pass(60_000)
    expect(a.copies.checked.length).toBe(checks)
    profile.now += 2 * 60 * 60 * 1_000
    await a.pass(30_000)
    expect(a.copies.checked.length).toBe(checks + 1)
    expect(a.copies.asked.length).toBe(1) // those who refused are left in peace for six hours
    expect(await a.seeder.commands.check(cid)).toMatchObject([{ cid, copies: 1 }])
    expect(a.copies.asked.length).toBe(2)
  })

  it('count no false proof, and the state says how many there were', async () => {
    const profile = createFakeProfile()
    const a = await profile.open()
    a.copies.holders = [HOLDER]
    a.copies.liars = ['liar', 'other liar']
    const { cid } = await a.seeder.add(makeContent(MIB, 54))
    expect(await a.seeder.commands.check(cid)).toMatchObject([{ cid, copies: 1, falseProofs: 2 }])
    await a.stop()
    const b = await profile.open()
    await b.pass(1_000)
    expect(item(b, cid)).toMatchObject({ copies: 1, falseProofs: 2 }) // as it was counted
    b.copies.liars = []
    expect(await b.seeder.commands.check(cid)).toMatchObject([{ copies: 0, falseProofs: 0 }])
  })

  it('of others are kept for friends, within what is set aside, and fetched', async () => {
    const profile = createFakeProfile()
    const a = await profile.open()
    const friend = '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359'
    const root = await putRemote(profile, makeContent(2 * MIB, 51))
    const request = { root, bytes: 2 * MIB, neuron: friend, device: 'd', peer: 'p' }
    expect(await a.seeder.decideKeep(request)).toMatchObject({ refused: expect.stringContaining('friends') })
    await a.seeder.commands.set({ friends: [friend.toLowerCase()], keepForOthersBytes: 3 * MIB })
    expect(await a.seeder.decideKeep(request)).toBe(true)
    await a.until(() => item(a, root)?.heldBytes === 2 * MIB)
    expect(item(a, root)).toMatchObject({ reasons: ['kept'] })
    const more = { ...request, root: await putRemote(profile, makeContent(2 * MIB, 52)) }
    expect(await a.seeder.decideKeep(more)).toMatchObject({
      refused: 'This peer has 1.04 MB left of what it sets aside for others; 2.1 MB are asked for.',
    })
    const liar = { ...more, bytes: 1_000 }
    expect(await a.seeder.decideKeep(liar)).toBe(true)
    await a.until(() => (item(a, liar.root)?.reasons ?? []).length === 0)
  })

  it('[SE3] what a friend says of a content takes away no pin of my own', async () => {
    const profile = createFakeProfile()
    const a = await profile.open()
    const root = await putRemote(profile, makeContent(2 * MIB, 53))
    const friend = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
    await a.seeder.commands.set({ friends: [friend.toLowerCase()], keepForOthersBytes: 3 * MIB })
    const pinned = a.seeder.commands.pin(root)
    const request = { root, bytes: 1, neuron: friend, device: 'z6Mk', peer: 'peer' }
    expect(await a.seeder.decideKeep(request)).toBe(true)
    await a.pass(2_000)
    await pinned
    expect(item(a, root)).toMatchObject({ reasons: ['pinned'], heldBytes: 2 * MIB })
  })
})

describe('[SE6] wishes', () => {
  const FRIEND = '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359'
  const wish = (root: string, bytes: number) => ({ root, bytes, neuron: FRIEND, device: 'd', peer: 'p' })

  it('that come at once, to two tabs, are granted no further than what is set aside', async () => {
    const profile = createFakeProfile()
    const [a, b] = [await profile.open(), await profile.open()]
    await a.seeder.commands.set({ friends: [FRIEND], keepForOthersBytes: 5 * MIB })
    await b.pass(500)
    const away = createFakeProfile() // nobody is there who has them
    const roots = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((n) => putRemote(away, makeContent(2 * MIB, 500 + n))),
    )
    const answers = await Promise.all(
      roots.map((root, n) => (n % 2 === 0 ? a : b).seeder.decideKeep(wish(root, 2 * MIB))),
    )
    expect(answers.filter((answer) => answer === true)).toHaveLength(2)
  })

  it('for less than a content has are taken back after a reload, too', async () => {
    const profile = createFakeProfile()
    const a = await profile.open()
    await a.seeder.commands.set({ friends: [FRIEND], keepForOthersBytes: 5 * MIB })
    const root = await putRemote(profile, makeContent(2 * MIB, 510))
    const stuck = Promise.withResolvers<void>()
    profile.beforeFetch = async () => {
      stuck.resolve()
      await new Promise(() => {})
    }
    expect(await a.seeder.decideKeep(wish(root, 1_000))).toBe(true)
    await stuck.promise
    a.crash()
    profile.beforeFetch = async () => {}
    const b = await profile.open()
    await b.until(() => (item(b, root)?.reasons ?? []).length === 0)
    await b.pass(10_000)
    expect(item(b, root)?.reasons ?? []).toEqual([])
  })
})

describe('what moved', () => {
  it('is counted by content, hour and peer, over tabs and reloads', async () => {
    const profile = createFakeProfile()
    const a = await profile.open()
    const { cid } = await a.seeder.add(makeContent(MIB, 60))
    a.move({ direction: 'sent', peer: 'p1', cid, bytes: 1_000 })
    a.move({ direction: 'sent', peer: 'p2', cid, bytes: 500 })
    await a.pass(10_000)
    expect(item(a, cid)).toMatchObject({ sentBytes: 1_500 })
    expect(a.seeder.state.value.serving).toMatchObject({ status: 'served', takingPeers: 2 })
    await a.pass(60_000)
    expect(a.seeder.state.value.serving.takingPeers).toBe(0)
    const b = await profile.open()
    await b.pass(500)
    b.move({ direction: 'received', peer: 'p1', cid, bytes: 70 })
    profile.now += 60 * 60 * 1_000
    b.move({ direction: 'sent', peer: 'p1', cid, bytes: 7 })
    await b.stop()
    await a.stop()
    const c = await profile.open()
    await c.pass(1_000)
    expect(item(c, cid)).toMatchObject({ sentBytes: 1_507, receivedBytes: 70 })
    expect(c.seeder.state.value.history).toMatchObject([
      { sentBytes: 1_500, receivedBytes: 70 },
      { sentBytes: 7, receivedBytes: 0 },
    ])
    profile.now += 8 * 24 * 60 * 60 * 1_000
    await c.pass(6_000)
    expect(c.seeder.state.value.history).toEqual([])
  })
})
