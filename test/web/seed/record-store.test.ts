import 'fake-indexeddb/auto'
import { describe, expect, it } from 'vitest'
import { utf8 } from '#core/bytes.ts'
import { IdbRecordStore } from '#seed/idb-record-store.ts'
import { MemoryRecordStore } from '#seed/memory-record-store.ts'
import { createRecordStore } from '#seed/record-store.ts'
import { recordStoreContract } from '#test/contract/record-store-contract.ts'
import { createMemoryRecordStore } from '#test/fakes/memory-record-store.ts'

let databases = 0

describe('IdbRecordStore', () => {
  let name = ''

  describe('contract', () => {
    recordStoreContract({
      create: async () => {
        name = `records-${databases++}`
        return IdbRecordStore.open(name)
      },
      reopen: async (store) => {
        await store.close()
        return IdbRecordStore.open(name)
      },
      closedCode: 'STORE_CLOSED',
    })
  })

  it('is shared by the tabs of a profile, and so are its exclusive sections', async () => {
    const [a, b] = [await IdbRecordStore.open('tabs'), await IdbRecordStore.open('tabs')]
    const next = async (store: IdbRecordStore): Promise<void> => {
      await store.exclusive('feed', async () => {
        const count = (await store.get('count'))?.length ?? 0
        await store.put([{ key: 'count', value: new Uint8Array(count + 1) }])
      })
    }
    await Promise.all(Array.from({ length: 20 }, (_, index) => next(index % 2 ? a : b)))
    expect((await a.get('count'))?.length).toBe(20)
    await a.close()
    await b.close()
  })

  it('writes all of a call or nothing', async () => {
    const store = await IdbRecordStore.open('atomic')
    const unwritable = { key: 'b', value: (() => {}) as unknown as Uint8Array<ArrayBuffer> }
    await expect(store.put([{ key: 'a', value: utf8('fox') }, unwritable])).rejects.toMatchObject({
      code: 'STORE_IO_FAILED',
    })
    expect(await store.get('a')).toBeUndefined()
    await store.close()
  })
})

describe('MemoryRecordStore', () => {
  recordStoreContract({ create: async () => new MemoryRecordStore(), closedCode: 'STORE_CLOSED' })
})

describe('the fake of the tests', () => {
  recordStoreContract({ create: async () => createMemoryRecordStore() })
})

describe('createRecordStore', () => {
  it('takes IndexedDB', async () => {
    const { store, kind, failure } = await createRecordStore({ name: 'here' })
    expect([kind, failure]).toEqual(['indexeddb', undefined])
    await store.close()
  })

  it('takes memory where there is nothing, and says so', async () => {
    const known = globalThis.indexedDB
    Reflect.set(globalThis, 'indexedDB', undefined)
    try {
      const { kind, failure } = await createRecordStore({ name: 'nowhere' })
      expect(kind).toBe('memory')
      expect(failure).toMatchObject({ code: 'STORE_NOT_DURABLE' })
      expect(failure?.message).toMatchInlineSnapshot(
        `"This browser lets Tabland keep no records, so links and placements are gone when the tab closes. Leave private browsing, or allow this site to store data, then reload."`,
      )
    } finally {
      Reflect.set(globalThis, 'indexedDB', known)
    }
  })
})
