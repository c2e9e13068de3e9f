import 'fake-indexeddb/auto'
import { openDB } from 'idb'
import { describe, expect, it } from 'vitest'
import { utf8 } from '#core/bytes.ts'
import { MAX_BLOCK_BYTES } from '#core/limits.ts'
import type { BlockEngine } from '#seed/blockstore/block-engine.ts'
import { createBlockstore } from '#seed/blockstore/create-blockstore.ts'
import { deferBlockstore } from '#seed/blockstore/defer-blockstore.ts'
import { EngineBlockstore } from '#seed/blockstore/engine-blockstore.ts'
import { toStoreError } from '#seed/blockstore/errors.ts'
import { IdbEngine } from '#seed/blockstore/idb-engine.ts'
import { MemoryEngine } from '#seed/blockstore/memory-engine.ts'
import {
  blockstoreContract,
  rawCid,
  readBlock,
  type StoreUnderTest,
} from '#test/contract/blockstore-contract.ts'

let databases = 0

function toStore(engine: BlockEngine): StoreUnderTest {
  return {
    blockstore: new EngineBlockstore(engine),
    stats: () => engine.stats(),
    close: () => engine.close(),
  }
}

describe('MemoryEngine', () => {
  blockstoreContract({ create: async () => toStore(new MemoryEngine()) })
})

describe('deferBlockstore', () => {
  blockstoreContract({
    create: async () => {
      const opened = toStore(new MemoryEngine())
      const opening = new Promise<typeof opened.blockstore>((resolve) =>
        setTimeout(() => resolve(opened.blockstore)),
      )
      return { ...opened, blockstore: deferBlockstore(opening) }
    },
  })
})

describe('IdbEngine', () => {
  let name = ''

  describe('contract', () => {
    blockstoreContract({
      create: async () => {
        name = `engine-${databases++}`
        return toStore(await IdbEngine.open(name))
      },
      reopen: async (store) => {
        await store.close()
        return toStore(await IdbEngine.open(name))
      },
    })
  })

  it('[SE2] finds a damaged block on read, drops it, tells, and takes it again', async () => {
    const engine = await IdbEngine.open('damaged')
    const told: string[] = []
    const store = new EngineBlockstore(engine, { onDamage: (cid) => told.push(cid.toString()) })
    const block = utf8('lantern')
    await store.put(rawCid(block), block)
    const db = await openDB('tabland-blocks-1/damaged')
    await db.put('blocks', utf8('lantérn'), rawCid(block).multihash.bytes.slice())
    db.close()
    await expect(readBlock(store, rawCid(block))).rejects.toMatchObject({ name: 'NotFoundError' })
    expect(told).toEqual([rawCid(block).toString()])
    expect(await store.has(rawCid(block))).toBe(false)
    await store.put(rawCid(block), block)
    expect(await readBlock(store, rawCid(block))).toEqual(block)
    expect(engine.stats().blocks).toBe(1)
    await engine.close()
  })

  it('shares its blocks with other tabs', async () => {
    const [a, b] = [await IdbEngine.open('shared'), await IdbEngine.open('shared')]
    const block = utf8('fox')
    await new EngineBlockstore(a).put(rawCid(block), block)
    expect(await readBlock(new EngineBlockstore(b), rawCid(block))).toEqual(block)
    await a.close()
    await b.close()
  })
})

describe('EngineBlockstore', () => {
  it('hands a bounded number of bytes to the engine, and the rest as room comes', async () => {
    const memory = new MemoryEngine()
    const finish: (() => void)[] = []
    const taken: number[] = []
    const slow: BlockEngine = Object.create(memory, {
      put: {
        value: (_: string, { length }: Uint8Array) => {
          taken.push(length)
          return new Promise<void>((resolve) => finish.push(resolve))
        },
      },
    })
    const store = new EngineBlockstore(slow)
    const blocks = Array.from({ length: 40 }, (_, index) => new Uint8Array(MAX_BLOCK_BYTES).fill(index))
    const cid = rawCid(utf8('the engine would check'))
    const puts = Promise.all(blocks.map((block) => store.put(cid, block)))
    await expect.poll(() => taken.length).toBe(16)
    while (taken.length < 40) {
      for (const resolve of finish.splice(0, 1)) resolve()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(finish.length).toBeLessThanOrEqual(16)
    for (const resolve of finish) resolve()
    await puts
  })
})

describe('createBlockstore', () => {
  it('takes IndexedDB where there is no OPFS', async () => {
    const store = await createBlockstore({ name: 'here' })
    expect(store).toMatchObject({ kind: 'indexeddb' })
    expect(store.failure).toBeUndefined()
    await store.close()
  })

  it('takes memory where there is nothing, and says so', async () => {
    const known = globalThis.indexedDB
    Reflect.set(globalThis, 'indexedDB', undefined)
    try {
      const store = await createBlockstore({ name: 'nowhere' })
      expect(store.kind).toBe('memory')
      expect(store.failure).toMatchObject({ code: 'STORE_NOT_DURABLE' })
      expect(store.failure?.message).toMatchInlineSnapshot(
        `"This browser lets Tabland keep nothing on disk, so content is gone when the tab closes. Leave private browsing, or allow this site to store data, then reload."`,
      )
    } finally {
      Reflect.set(globalThis, 'indexedDB', known)
    }
  })
})

describe('toStoreError', () => {
  it('tells a full disk or quota from other failures, in browsers and Node.js', () => {
    for (const error of [{ name: 'QuotaExceededError' }, { code: 'ENOSPC' }, { code: 'EDQUOT' }]) {
      expect(toStoreError(Object.assign(new Error('x'), error))).toMatchObject({
        code: 'STORE_QUOTA_EXCEEDED',
      })
    }
    expect(toStoreError(new Error('the disk is on fire')).message).toMatchInlineSnapshot(
      `"Reading or writing stored content failed: the disk is on fire. What was acknowledged stays; try again, or reload the page."`,
    )
    expect(toStoreError({ name: 'QuotaExceededError' }).message).toMatchInlineSnapshot(
      `"The browser or disk gives Tabland no more room. What is stored stays; delete content or free disk space, then try again."`,
    )
    const typed = toStoreError(new Error('x'))
    expect(toStoreError(typed)).toBe(typed)
  })
})
