import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Bytes, utf8 } from '#core/bytes.ts'
import type { RecordEntry, RecordStore } from '#core/record-store.ts'

export interface RecordStoreContractInit {
  /** a new, empty store */
  readonly create: () => Promise<RecordStore>
  /** closes the store and opens what it left; absent when nothing survives */
  readonly reopen?: (store: RecordStore) => Promise<RecordStore>
  /** what a closed store says; absent when closing does nothing */
  readonly closedCode?: string
}

export async function allEntries(store: RecordStore, prefix = ''): Promise<RecordEntry[]> {
  const entries: RecordEntry[] = []
  for await (const entry of store.entries(prefix)) entries.push(entry)
  return entries
}

/** One suite for every record store: what links, placements and keys rely on. */
export function recordStoreContract({ create, reopen, closedCode }: RecordStoreContractInit): void {
  const fox = utf8('fox')
  const moon = utf8('moon')
  let store: RecordStore

  beforeEach(async () => {
    store = await create()
  })
  afterEach(() => store.close())

  it('keeps what it is given under its key', async () => {
    expect(await store.get('a')).toBeUndefined()
    await store.put([
      { key: 'a', value: fox },
      { key: 'b', value: new Uint8Array(0) },
    ])
    expect(await store.get('a')).toEqual(fox)
    expect(await store.get('b')).toEqual(new Uint8Array(0))
    await store.put([{ key: 'a', value: moon }])
    expect(await store.get('a')).toEqual(moon)
  })

  it('the last entry of a key in one call wins', async () => {
    await store.put([
      { key: 'a', value: fox },
      { key: 'a', value: moon },
    ])
    expect(await allEntries(store)).toEqual([{ key: 'a', value: moon }])
  })

  it('deletes, known keys and unknown ones', async () => {
    await store.put(['a', 'b', 'c'].map((key) => ({ key, value: fox })))
    await store.delete(['a', 'c', 'x'])
    await store.delete([])
    expect((await allEntries(store)).map(({ key }) => key)).toEqual(['b'])
  })

  it('lists a prefix in key order, and only it', async () => {
    const keys = ['link/2', 'link/10', 'link', 'lin', 'link/é', 'link/\uffff', 'link0', 'm', '']
    await store.put(keys.map((key) => ({ key, value: utf8(key) })))
    const expected = keys.filter((key) => key.startsWith('link/')).sort()
    expect((await allEntries(store, 'link/')).map(({ key }) => key)).toEqual(expected)
    expect((await allEntries(store)).map(({ key }) => key)).toEqual([...keys].sort())
    expect(await allEntries(store, 'nothing')).toEqual([])
  })

  it('lists more than a page, while entries are written and deleted', async () => {
    const keys = Array.from({ length: 700 }, (_, index) => `k/${String(index).padStart(4, '0')}`)
    await store.put(keys.map((key) => ({ key, value: utf8(key) })))
    const seen: string[] = []
    for await (const { key, value } of store.entries('k/')) {
      expect(value).toEqual(utf8(key))
      seen.push(key)
      if (key === 'k/0003') await store.delete(['k/0002', 'k/0699'])
    }
    expect(seen.slice(0, 699)).toEqual(keys.slice(0, 699))
  })

  it('is not changed by what callers do to their bytes', async () => {
    const value: Bytes = fox.slice()
    await store.put([{ key: 'a', value }])
    value.fill(0)
    const read = await store.get('a')
    read?.fill(1)
    expect(await store.get('a')).toEqual(fox)
  })

  it('runs tasks of one name one at a time, of two names at once, and survives a failed one', async () => {
    const log: string[] = []
    let finishFirst = (): void => {}
    const first = store.exclusive('feed', async () => {
      log.push('first begins')
      await new Promise<void>((resolve) => {
        finishFirst = resolve
      })
      log.push('first ends')
      throw new Error('failed')
    })
    const second = store.exclusive('feed', async () => {
      log.push('second')
      return 2
    })
    expect(await store.exclusive('other', async () => 3)).toBe(3)
    await expect.poll(() => log).toEqual(['first begins'])
    finishFirst()
    await expect(first).rejects.toThrow('failed')
    expect(await second).toBe(2)
    expect(log).toEqual(['first begins', 'first ends', 'second'])
  })

  it('takes many changes at once', async () => {
    const keys = Array.from({ length: 100 }, (_, index) => `k${index}`)
    await Promise.all(keys.map((key) => store.put([{ key, value: utf8(key) }])))
    expect((await allEntries(store)).length).toBe(100)
  })

  if (closedCode !== undefined) {
    it('refuses work after it was closed', async () => {
      await store.close()
      await expect(store.get('a')).rejects.toMatchObject({ code: closedCode })
      await expect(store.put([{ key: 'a', value: fox }])).rejects.toMatchObject({ code: closedCode })
      await expect(store.exclusive('a', async () => 1)).rejects.toMatchObject({ code: closedCode })
    })
  }

  if (reopen !== undefined) {
    it('survives being closed and opened again', async () => {
      await store.put(['a', 'b', 'c'].map((key) => ({ key, value: utf8(key) })))
      await store.put([{ key: 'a', value: moon }])
      await store.delete(['b'])
      store = await reopen(store)
      expect(await allEntries(store)).toEqual([
        { key: 'a', value: moon },
        { key: 'c', value: utf8('c') },
      ])
    })
  }
}
