import { expect, it } from 'vitest'
import { toKey } from '#seed/blockstore/block-key.ts'
import { HalfAddedList } from '#seed/half-added.ts'
import { createMemoryRecordStore } from '#test/fakes/memory-record-store.ts'

const FIRST = toKey(Uint8Array.of(0x12, 0x20, ...new Array<number>(32).fill(1)))

it('[SE5] a file that is forgotten while the list is read does not come back', async () => {
  const store = createMemoryRecordStore()
  const reading = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const slow = {
    get: store.get.bind(store),
    put: store.put.bind(store),
    delete: store.delete.bind(store),
    exclusive: store.exclusive.bind(store),
    close: store.close.bind(store),
    async *entries(prefix: string) {
      for await (const entry of store.entries(prefix)) {
        yield entry
        reading.resolve()
        await go.promise
      }
    },
  }
  const list = new HalfAddedList({ store: slow, tab: 'tab', now: () => 1, newId: () => 'one' })
  const id = await list.begin(FIRST, { name: 'film.mp4' }, () => true)
  await list.expect(id, FIRST)
  await list.breakOff(id)
  const loading = list.load()
  await reading.promise
  const forgetting = list.forget(id)
  go.resolve()
  await Promise.all([loading, forgetting])
  expect(list.all()).toEqual([])
  expect([...store.map.keys()]).toEqual([])
})
