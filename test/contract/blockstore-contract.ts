import type { Blockstore } from 'interface-blockstore'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Bytes, concat, utf8 } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import { MAX_BLOCK_BYTES } from '#core/limits.ts'
import type { StoreStats } from '#seed/blockstore/block-engine.ts'

export interface StoreUnderTest {
  readonly blockstore: Blockstore
  stats(): StoreStats
  close(): Promise<void>
}

export interface BlockstoreContractInit {
  /** a new, empty store */
  readonly create: () => Promise<StoreUnderTest>
  /** closes the store and opens what it left; absent when nothing survives */
  readonly reopen?: (store: StoreUnderTest) => Promise<StoreUnderTest>
}

/** CIDv1 raw of `bytes`. */
export function rawCid(bytes: Uint8Array): CID {
  return CID.createV1(0x55, Digest.create(0x12, sha256(bytes)))
}

export async function readBlock(store: Blockstore, cid: CID): Promise<Bytes> {
  const parts: Uint8Array[] = []
  for await (const part of store.get(cid)) parts.push(part)
  return concat(...parts)
}

/** One suite for every store: what Helia and the rest of Tabland rely on. */
export function blockstoreContract({ create, reopen }: BlockstoreContractInit): void {
  const content = utf8('lantern '.repeat(1000))
  const cid = rawCid(content)
  let store: StoreUnderTest

  beforeEach(async () => {
    store = await create()
  })
  afterEach(() => store.close())

  it('[SE1] gives back what it was given, and says what it holds', async () => {
    expect(await store.blockstore.has(cid)).toBe(false)
    expect(await store.blockstore.put(cid, content)).toBe(cid)
    expect(await store.blockstore.has(cid)).toBe(true)
    expect(await readBlock(store.blockstore, cid)).toEqual(content)
    expect(store.stats()).toMatchObject({ blocks: 1, bytes: content.length })
  })

  it('keeps the empty block', async () => {
    const empty = new Uint8Array(0)
    await store.blockstore.put(rawCid(empty), empty)
    expect(await readBlock(store.blockstore, rawCid(empty))).toEqual(empty)
  })

  it('takes blocks in pieces and from buffers that are reused', async () => {
    const buffer = content.slice()
    const put = store.blockstore.put(cid, buffer)
    buffer.fill(0)
    await put
    expect(await readBlock(store.blockstore, cid)).toEqual(content)
    const other = concat(content, content)
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield content
      yield content
    }
    await store.blockstore.put(rawCid(other), pieces())
    expect(await readBlock(store.blockstore, rawCid(other))).toEqual(other)
  })

  it('is not changed by what a reader does to the bytes it got', async () => {
    await store.blockstore.put(cid, content)
    const first = await readBlock(store.blockstore, cid)
    first.fill(0)
    expect(await readBlock(store.blockstore, cid)).toEqual(content)
  })

  it('knows one block by all its CIDs', async () => {
    await store.blockstore.put(CID.createV0(cid.multihash as Digest.Digest<0x12, number>), content)
    await store.blockstore.put(cid, content)
    await Promise.all([store.blockstore.put(cid, content), store.blockstore.put(cid, content)])
    expect(store.stats().blocks).toBe(1)
    expect(await readBlock(store.blockstore, CID.createV1(0x70, cid.multihash))).toEqual(content)
  })

  it('[SE2] refuses a block that does not hash to its CID', async () => {
    await expect(store.blockstore.put(cid, utf8('fox'))).rejects.toMatchObject({
      code: 'STORE_BLOCK_MISMATCH',
    })
    expect(await store.blockstore.has(cid)).toBe(false)
  })

  it('[SE2] refuses hashes that it cannot check', async () => {
    const blake = CID.createV1(0x55, Digest.create(0xb220, sha256(content)))
    await expect(store.blockstore.put(blake, content)).rejects.toMatchObject({
      code: 'STORE_HASH_UNSUPPORTED',
    })
    const cut = CID.createV1(0x55, Digest.create(0x12, sha256(content).slice(0, 4)))
    await expect(store.blockstore.put(cut, content)).rejects.toMatchObject({ code: 'STORE_HASH_UNSUPPORTED' })
    expect(await store.blockstore.has(blake)).toBe(false)
  })

  it('refuses a block over the limit, whole or in pieces', async () => {
    const large = new Uint8Array(MAX_BLOCK_BYTES + 1)
    const refused = { code: 'STORE_BLOCK_TOO_LARGE' }
    await expect(store.blockstore.put(cid, large)).rejects.toMatchObject(refused)
    await expect(store.blockstore.put(cid, [large.subarray(1), large.subarray(0, 1)])).rejects.toMatchObject(
      refused,
    )
    const largest = large.subarray(1)
    await store.blockstore.put(rawCid(largest), largest)
    expect((await readBlock(store.blockstore, rawCid(largest))).length).toBe(MAX_BLOCK_BYTES)
  })

  it('serves identity CIDs without storing them', async () => {
    const identity = CID.createV1(0x55, Digest.create(0, utf8('moon')))
    expect(await store.blockstore.has(identity)).toBe(true)
    expect(await readBlock(store.blockstore, identity)).toEqual(utf8('moon'))
    await store.blockstore.put(identity, utf8('moon'))
    await expect(store.blockstore.put(identity, utf8('sun'))).rejects.toMatchObject({
      code: 'STORE_BLOCK_MISMATCH',
    })
    await store.blockstore.delete(identity)
    expect(store.stats()).toMatchObject({ blocks: 0, bytes: 0 })
  })

  it('says that a missing block is not found, by the name that bitswap looks for', async () => {
    await expect(readBlock(store.blockstore, cid)).rejects.toMatchObject({
      name: 'NotFoundError',
      code: 'STORE_NOT_FOUND',
    })
  })

  it('deletes, and takes the block again afterwards', async () => {
    await store.blockstore.put(cid, content)
    await store.blockstore.delete(cid)
    await store.blockstore.delete(cid)
    expect(await store.blockstore.has(cid)).toBe(false)
    expect(store.stats()).toMatchObject({ blocks: 0, bytes: 0 })
    await store.blockstore.put(cid, content)
    expect(await readBlock(store.blockstore, cid)).toEqual(content)
  })

  it('handles many at once, in the order given', async () => {
    const blocks = Array.from({ length: 50 }, (_, index) => utf8(`block ${index}`))
    const cids = blocks.map(rawCid)
    const pairs = blocks.map((bytes, index) => ({ cid: cids[index] as CID, bytes }))
    expect(await all(store.blockstore.putMany(pairs))).toEqual(cids)
    const read = await all(store.blockstore.getMany(cids))
    expect(await Promise.all(read.map((pair) => joined(pair.bytes)))).toEqual(blocks)
    const listed = await all(store.blockstore.getAll())
    expect(listed.map((pair) => String(pair.cid)).sort()).toEqual(cids.map(String).sort())
    expect(await all(store.blockstore.deleteMany(cids.slice(0, 20)))).toEqual(cids.slice(0, 20))
    expect(store.stats().blocks).toBe(30)
  })

  it('passes an abort through unchanged and goes on working', async () => {
    const reason = new Error('enough')
    const aborted = AbortSignal.abort(reason)
    await expect(store.blockstore.put(cid, content, { signal: aborted })).rejects.toBe(reason)
    await expect(store.blockstore.has(cid, { signal: aborted })).rejects.toBe(reason)
    await expect(store.blockstore.delete(cid, { signal: aborted })).rejects.toBe(reason)
    await expect(joined(store.blockstore.get(cid, { signal: aborted }))).rejects.toBe(reason)
    const controller = new AbortController()
    const put = store.blockstore.put(cid, content, { signal: controller.signal })
    controller.abort(reason)
    await expect(put).rejects.toBe(reason)
    await store.blockstore.put(cid, content)
    expect(await store.blockstore.has(cid)).toBe(true)
  })

  it('refuses work after it was closed', async () => {
    await store.close()
    await expect(store.blockstore.put(cid, content)).rejects.toMatchObject({ code: 'STORE_CLOSED' })
    await expect(store.blockstore.has(cid)).rejects.toMatchObject({ code: 'STORE_CLOSED' })
  })

  if (reopen === undefined) return

  it('[SE1] survives being closed and opened again', async () => {
    const gone = utf8('gone')
    await store.blockstore.put(cid, content)
    await store.blockstore.put(rawCid(gone), gone)
    await store.blockstore.delete(rawCid(gone))
    store = await reopen(store)
    expect(store.stats()).toMatchObject({ blocks: 1, bytes: content.length })
    expect(await readBlock(store.blockstore, cid)).toEqual(content)
    expect(await store.blockstore.has(rawCid(gone))).toBe(false)
  })
}

async function all<T>(source: Iterable<T> | AsyncIterable<T>): Promise<T[]> {
  const out: T[] = []
  for await (const item of source) out.push(item)
  return out
}

async function joined(parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<Bytes> {
  return concat(...(await all(parts)))
}
