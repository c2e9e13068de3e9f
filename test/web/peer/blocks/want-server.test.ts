import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import { describe, expect, it } from 'vitest'
import { createWantServer, type ServedWant } from '#peer/blocks/want-server.ts'

const MIB = 1024 * 1024

interface Told {
  readonly blocks: readonly string[]
  readonly here: readonly string[]
  readonly absent: readonly string[]
}

async function cidOf(bytes: Uint8Array): Promise<CID> {
  return CID.createV1(0x55, await sha256.digest(bytes))
}

/** A server of 12 blocks of 1 MiB, one peer, and what it was told, in order. */
async function setup({ groupBytes = 4 * MIB } = {}) {
  const store = new Map<string, Uint8Array>()
  const cids: CID[] = []
  for (let i = 0; i < 12; i++) {
    const bytes = new Uint8Array(MIB).fill(i)
    const cid = await cidOf(bytes)
    cids.push(cid)
    store.set(cid.toString(), bytes)
  }
  const told: Told[] = []
  const passed: number[] = []
  const damaged = new Set<string>()
  const onRead: (() => void)[] = []
  const reads = { count: 0 }
  let broken = false
  let sending: PromiseWithResolvers<void> | undefined
  let reading: PromiseWithResolvers<void> | undefined
  const say = async (part: Partial<Told>) => {
    if (broken) throw new Error('the connection broke')
    told.push({ blocks: [], here: [], absent: [], ...part })
    await sending?.promise
  }
  const nameOf = (cid: CID) => String(cids.findIndex((other) => other.equals(cid)))
  const server = createWantServer({
    blockstore: {
      has: (cid) => store.has(cid.toString()) || damaged.has(cid.toString()),
      async *get(cid) {
        reads.count += 1
        for (const told of onRead.splice(0)) told()
        await reading?.promise
        const bytes = store.get(cid.toString())
        if (bytes === undefined) throw new Error('damaged')
        yield bytes
      },
    },
    gate: {
      groupBytes: () => groupBytes,
      async pass(bytes) {
        passed.push(bytes)
      },
    },
    sendBlocks: (_, blocks) => say({ blocks: blocks.map(({ cid }) => nameOf(cid)) }),
    sendPresences: (_, presences) =>
      say({
        here: presences.filter(({ has }) => has).map(({ cid }) => nameOf(cid)),
        absent: presences.filter(({ has }) => !has).map(({ cid }) => nameOf(cid)),
      }),
  })
  const want = (i: number, kind: ServedWant['kind'] = 'block'): ServedWant => ({
    cid: cids[i] as CID,
    kind,
    tellAbsent: true,
  })
  return {
    server,
    cids: (...all: number[]) => all.map((i) => cids[i] as CID),
    wants: (...all: number[]) => all.map((i) => want(i)),
    haves: (...all: number[]) => all.map((i) => want(i, 'have')),
    told,
    passed,
    reads,
    lose(i: number) {
      const bytes = store.get(String(cids[i])) as Uint8Array
      store.delete(String(cids[i]))
      return () => {
        store.set(String(cids[i]), bytes)
        server.arrived(cids[i] as CID)
      }
    },
    damage(i: number) {
      store.delete(String(cids[i]))
      damaged.add(String(cids[i]))
    },
    breakNext(value: boolean) {
      broken = value
    },
    holdSending() {
      sending = Promise.withResolvers()
      return () => {
        sending?.resolve()
        sending = undefined
      }
    },
    holdReading() {
      reading = Promise.withResolvers()
      const begun = new Promise<void>((resolve) => onRead.push(resolve))
      return {
        begun,
        release() {
          reading?.resolve()
          reading = undefined
        },
      }
    },
  }
}

/** Turns of the event loop, more than any answer takes here. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}
const blocksOf = (told: readonly Told[]) => told.map(({ blocks }) => blocks.length)
const NOTHING: Told = { blocks: [], here: [], absent: [] }

describe('wants of several peers', () => {
  it('are answered in smaller groups, so that what one waits for is not behind all that the others get', async () => {
    const { server, wants, told, holdSending } = await setup()
    const release = holdSending()
    for (const peer of ['a', 'b', 'c', 'd']) server.receive(peer, wants(0, 1, 2, 3))
    await settled()
    expect(blocksOf(told)).toEqual([1, 1, 1, 1])
    release()
    await expect.poll(() => blocksOf(told).reduce((sum, blocks) => sum + blocks, 0)).toBe(16)
  })
})

describe('wants of a peer', () => {
  it('are answered with blocks, 4 MiB at a time, whatever it wants at once', async () => {
    const { server, wants, told, passed } = await setup()
    server.receive('a', wants(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11))
    await expect.poll(() => blocksOf(told)).toEqual([4, 4, 4])
    expect(passed).toEqual([4 * MIB, 4 * MIB, 4 * MIB])
  })

  it('[SE4] leave one by one while a cap holds', async () => {
    const { server, wants, told } = await setup({ groupBytes: MIB / 4 })
    server.receive('a', wants(0, 1, 2))
    await expect.poll(() => blocksOf(told)).toEqual([1, 1, 1])
  })

  it('are told of presences first, for which nothing is read', async () => {
    const { server, wants, haves, told, reads } = await setup()
    server.receive('a', [...wants(0), ...haves(1)])
    await expect
      .poll(() => told)
      .toEqual([
        { ...NOTHING, here: ['1'] },
        { ...NOTHING, blocks: ['0'] },
      ])
    expect(reads.count).toBe(1)
  })

  it('are nothing that it has taken back meanwhile', async () => {
    const { server, wants, cids, told, holdSending } = await setup()
    const release = holdSending()
    server.receive('a', wants(0, 1, 2, 3, 4, 5, 6, 7, 8, 9))
    await expect.poll(() => told.length).toBe(1)
    server.receive('a', [], { cancelled: cids(4, 5, 6, 7) })
    release()
    await expect
      .poll(() => told.map(({ blocks }) => blocks))
      .toEqual([
        ['0', '1', '2', '3'],
        ['8', '9'],
      ])
  })

  it('are nothing that it takes back while it is read', async () => {
    const { server, wants, cids, told, holdReading } = await setup()
    const { begun, release } = holdReading()
    server.receive('a', wants(0, 1))
    await begun
    server.receive('a', [], { cancelled: cids(0) })
    release()
    await expect.poll(() => told.map(({ blocks }) => blocks)).toEqual([['1']])
  })

  it('lack a block that cannot be read, and no other', async () => {
    const { server, wants, told, damage } = await setup()
    damage(1)
    server.receive('a', wants(0, 1, 2))
    await expect
      .poll(() => told)
      .toEqual([
        { ...NOTHING, absent: ['1'] },
        { ...NOTHING, blocks: ['0', '2'] },
      ])
  })

  it('are answered each time that they are asked: not here, or once more', async () => {
    const { server, wants, haves, told, lose } = await setup()
    lose(0)
    server.receive('a', haves(0))
    await expect.poll(() => told.length).toBe(1)
    server.receive('a', wants(0))
    await expect
      .poll(() => told)
      .toEqual([
        { ...NOTHING, absent: ['0'] },
        { ...NOTHING, absent: ['0'] },
      ])
    for (const times of [3, 4]) {
      server.receive('a', wants(1))
      await expect.poll(() => told.length).toBe(times)
      expect(told.at(-1)?.blocks).toEqual(['1'])
    }
  })

  it('are answered later when the block comes, unless the peer began anew', async () => {
    const { server, wants, told, lose } = await setup()
    const [findFirst, findSecond] = [lose(0), lose(1)]
    server.receive('a', wants(0))
    await expect.poll(() => told.length).toBe(1)
    findFirst()
    await expect.poll(() => told.at(-1)?.blocks).toEqual(['0'])
    server.receive('a', wants(1))
    await expect.poll(() => told.at(-1)?.absent).toEqual(['1'])
    server.receive('a', wants(2), { full: true })
    await expect.poll(() => told.at(-1)?.blocks).toEqual(['2'])
    findSecond()
    await settled()
    expect(told).toHaveLength(4)
  })

  it('find a block that came while it was looked for', async () => {
    const { server, wants, told, damage, cids, holdReading } = await setup()
    damage(0)
    const { begun, release } = holdReading()
    server.receive('a', wants(0))
    await begun
    server.arrived(cids(0)[0] as CID)
    release()
    // it is read once more, and is still not to be read
    await expect.poll(() => told).toEqual([{ ...NOTHING, absent: ['0'] }])
  })

  it('of others go on when a connection breaks, and its own when it asks again', async () => {
    const { server, wants, told, breakNext } = await setup()
    breakNext(true)
    server.receive('a', wants(0))
    await settled()
    breakNext(false)
    server.receive('b', wants(1))
    server.receive('a', wants(0))
    await expect.poll(() => told.flatMap(({ blocks }) => blocks).sort()).toEqual(['0', '1'])
  })

  it('end with its connection and with the server', async () => {
    const { server, wants, told, holdSending } = await setup()
    const release = holdSending()
    server.receive('a', wants(0, 1, 2, 3, 4, 5))
    await expect.poll(() => told.length).toBe(1)
    server.disconnect('a')
    release()
    await settled()
    expect(told).toHaveLength(1)
    server.stop()
    server.receive('b', wants(0))
    await settled()
    expect(told).toHaveLength(1)
  })
})
