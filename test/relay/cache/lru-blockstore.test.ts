import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { afterEach, describe, expect, it } from 'vitest'
import { sha256 } from '#core/hash.ts'
import { type LruBlockstore, openLruBlockstore } from '#relay/cache/lru-blockstore.ts'
import { createFsBlockstore } from '#relay/fs-blockstore.ts'

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tabland-cache-'))
  folders.push(folder)
  return folder
}

function blockOf(number: number, length = 1_000): { cid: CID; bytes: Uint8Array } {
  const bytes = new Uint8Array(length).fill(number)
  return { cid: CID.createV1(0x55, Digest.create(0x12, sha256(bytes))), bytes }
}

async function open(folder: string, { maxBytes = 3_000, maxBlocks = 100 } = {}) {
  const store = await createFsBlockstore({ folder })
  return { store, cache: await openLruBlockstore(store, { maxBytes, maxBlocks }) }
}

const held = async (cache: LruBlockstore, count: number): Promise<number[]> => {
  const numbers: number[] = []
  for (let i = 0; i < count; i++) if (await cache.has(blockOf(i).cid)) numbers.push(i)
  return numbers
}

describe('[RE5] the blocks of a bounded cache', () => {
  it('make room by bytes, the one first that was used the longest ago', async () => {
    const { store, cache } = await open(await makeFolder())
    for (let i = 0; i < 3; i++) await cache.put(blockOf(i).cid, blockOf(i).bytes)
    expect(await cache.get(blockOf(0).cid)).toEqual(blockOf(0).bytes)
    await cache.put(blockOf(3).cid, blockOf(3).bytes)
    expect(await held(cache, 4)).toEqual([0, 2, 3])
    expect(await cache.get(blockOf(1).cid)).toBeUndefined()
    expect(cache.stats()).toMatchObject({ blocks: 3, bytes: 3_000, evicted: 1 })
    await store.close()
  })

  it('make room by number, and one that is larger than everything does not stay', async () => {
    const { store, cache } = await open(await makeFolder(), { maxBlocks: 2 })
    for (let i = 0; i < 3; i++) await cache.put(blockOf(i).cid, blockOf(i).bytes)
    expect(await held(cache, 3)).toEqual([1, 2])
    const large = blockOf(9, 4_000)
    await cache.put(large.cid, large.bytes)
    expect(cache.stats().bytes).toBeLessThanOrEqual(3_000)
    expect(await cache.has(large.cid)).toBe(false)
    await store.close()
  })

  it('outlive a restart, within a bound that may have been lowered', async () => {
    const folder = await makeFolder()
    const first = await open(folder)
    for (let i = 0; i < 3; i++) await first.cache.put(blockOf(i).cid, blockOf(i).bytes)
    await first.store.close()
    const second = await open(folder, { maxBytes: 2_000 })
    expect(second.cache.stats()).toMatchObject({ blocks: 2, bytes: 2_000, evicted: 1 })
    await second.store.close()
  })

  it('are what their CIDs say, or are not stored', async () => {
    const { store, cache } = await open(await makeFolder())
    await expect(cache.put(blockOf(1).cid, blockOf(2).bytes)).rejects.toMatchObject({
      code: 'STORE_BLOCK_MISMATCH',
    })
    expect(await cache.has(blockOf(1).cid)).toBe(false)
    await store.close()
  })
})
