import 'fake-indexeddb/auto'
import { openDB } from 'idb'
import { describe, expect, it } from 'vitest'
import { createBrowserLandStore } from '#chain/land/land-store.ts'
import { MAX_ZEROS } from '#chain/land/land-table.ts'
import { makeLand } from '../../../fakes/land.ts'

const table = { ...makeLand(new Map([[1, { owner: 5n }]]), new Map([[5n, 9]])), zeros: new Uint8Array(64) }
const land = { root: '0x01', table, block: 7, blockTime: 1_750_000_007 } as const

describe('[CH15] the kept land', () => {
  it('is what was put last, by chain and grid', async () => {
    const store = createBrowserLandStore('1 0xa7', 'kept')
    expect(await store.get()).toBeUndefined()
    await store.put(land)
    await store.put({ ...land, block: 8 })
    expect(await createBrowserLandStore('1 0xa7', 'kept').get()).toEqual({ ...land, block: 8 })
    expect(await createBrowserLandStore('2 0xa7', 'kept').get()).toBeUndefined()
  })

  it('has the table of its root, whichever tab put it', async () => {
    const [one, two] = [createBrowserLandStore('k', 'tabs'), createBrowserLandStore('k', 'tabs')]
    const other = makeLand(new Map([[1, { owner: 6n }]]))
    await one.put(land)
    await two.put({ ...land, root: '0x02', table: other })
    await one.put(land)
    expect(await two.get()).toEqual(land)
  })

  it('is none when somebody wrote something else there', async () => {
    const store = createBrowserLandStore('k', 'damaged')
    await store.put(land)
    const db = await openDB('damaged', 1)
    for (const wrong of [
      null,
      { words: [], owners: [] },
      { ...table, words: new Uint8Array(31) },
      // as it was kept before zeros were
      { words: table.words, owners: table.owners },
      { ...table, zeros: new Uint8Array(32 * (MAX_ZEROS + 1)) },
    ]) {
      await db.put('tables', { root: '0x01', table: wrong }, 'k')
      expect(await store.get()).toBeUndefined()
    }
    db.close()
  })
})
