import { MemoryBlockstore } from 'blockstore-core'
import { sha256 } from 'multiformats/hashes/sha2'
import { afterEach, describe, expect, it } from 'vitest'
import { collectBytes } from '#core/bytes.ts'
import { createDagFetcher } from '#peer/dag-fetcher.ts'
import { createFile, createSourceFixtures, type Source } from './source-fixtures.ts'

const MIB = 1024 * 1024
const fixtures = createSourceFixtures()

afterEach(() => fixtures.stop())

/** A file, `count` sources that each have all of it behind 4 Mbit/s, and a reader that is connected to them. */
async function setup(count: number, bytes: number) {
  const file = await createFile(bytes)
  const sources: Source[] = []
  for (let i = 0; i < count; i++) {
    const source = await fixtures.source()
    await file.copyTo(source.blockstore)
    sources.push(source)
  }
  return { file, sources, reader: await fixtures.reader(sources) }
}

describe('[SE7] a file from several peers', () => {
  it('takes at most 1/(0.7·k) of the time with k equal sources', { timeout: 120_000 }, async () => {
    const seconds = new Map<number, number>()
    for (const count of [1, 2, 4]) {
      const { file, reader } = await setup(count, 8 * MIB)
      const startedAt = performance.now()
      expect(Buffer.compare(await reader.content.cat(file.root), file.bytes)).toBe(0)
      seconds.set(count, (performance.now() - startedAt) / 1_000)
    }
    const [one = 0, two = 0, four = 0] = seconds.values()
    console.log(
      `8 MiB at 4 Mbit/s each: ${[...seconds].map(([k, s]) => `${k}: ${s.toFixed(1)} s`).join(', ')}`,
    )
    expect(one / two).toBeGreaterThan(0.7 * 2)
    expect(one / four).toBeGreaterThan(0.7 * 4)
  })

  it('[SE5] goes on from what is here, in any order, and tells how far it is and from how many', async () => {
    const { file, sources, reader } = await setup(2, 2 * MIB)
    const stop = new AbortController()
    const fetcher = createDagFetcher({
      blockstore: reader.helia.blockstore,
      exchange: reader.blocks.exchange,
    })
    const broken = fetcher.fetchAll(file.root, {
      signal: stop.signal,
      onProgress: ({ bytes }) => {
        if (bytes > MIB) stop.abort(new Error('reload'))
      },
    })
    await expect(broken).rejects.toThrow('reload')
    const before = reader.moved.reduce((sum, { bytes }) => sum + bytes, 0)
    const seen: { bytes: number; total: number; sources: number }[] = []
    await fetcher.fetchAll(file.root, { onProgress: (progress) => seen.push(progress) })
    const all = reader.moved.reduce((sum, { bytes }) => sum + bytes, 0)
    expect(before).toBeGreaterThan(MIB)
    // no block twice, but for those that were on their way at the break
    expect(all).toBeLessThan(file.bytes.length + 5 * 256 * 1024)
    expect(seen.at(-1)?.bytes).toBe(seen.at(-1)?.total)
    expect(seen.at(-1)?.total).toBeGreaterThan(file.bytes.length)
    expect(Math.max(...seen.map((progress) => progress.sources))).toBe(2)
    expect(new Set(reader.moved.map(({ peer }) => peer))).toEqual(
      new Set(sources.map(({ peerId }) => peerId)),
    )
    await Promise.all(sources.map(({ helia }) => helia.stop()))
    expect(Buffer.compare(await reader.content.cat(file.root), file.bytes)).toBe(0)
  })

  it('a source that serves garbage is dropped and named, and the file is right', {
    timeout: 60_000,
  }, async () => {
    const file = await createFile(3 * MIB)
    const [good, liar] = [
      await fixtures.source(),
      await fixtures.source({ blockstore: new LyingBlockstore() }),
    ]
    for (const { blockstore } of [good, liar]) await file.copyTo(blockstore)
    const named: string[] = []
    const reader = await fixtures.reader([liar, good], {
      onMisbehaviour: (peer, error) => named.push(`${peer} ${error.code}`),
    })
    expect(Buffer.compare(await reader.content.cat(file.root), file.bytes)).toBe(0)
    expect(named).toEqual([`${liar.peerId} BLOCK_FORGED`])
    expect(reader.moved.every(({ peer }) => peer === good.peerId)).toBe(true)
    // what is stored is what its CID says
    for await (const { cid, bytes } of reader.blockstore.getAll()) {
      const block = await collectBytes(bytes)
      expect((await sha256.digest(block)).digest).toEqual(cid.multihash.digest)
    }
  })

  it('a source whose link stops in the middle is made up for', { timeout: 60_000 }, async () => {
    const { file, sources, reader } = await setup(2, 3 * MIB)
    let stopped = false
    reader.blocks.onBlock(() => {
      if (reader.moved.length > 4) stopped = true
      sources[1]?.link.freeze(stopped)
    })
    expect(Buffer.compare(await reader.content.cat(file.root), file.bytes)).toBe(0)
    expect(stopped).toBe(true)
  })
})

/** Says that it has what it has, and gives other bytes. */
class LyingBlockstore extends MemoryBlockstore {
  override async *get(...args: Parameters<MemoryBlockstore['get']>): AsyncGenerator<Uint8Array> {
    for await (const block of super.get(...args)) yield block.map((byte) => byte ^ 1)
  }
}
