import { describe, expect, it } from 'vitest'
import { createOwnRoots } from '#api/own-roots.ts'
import { MAX_PROVIDED } from '#core/limits.ts'
import { createMemoryRecordStore } from '#test/fakes/memory-record-store.ts'

describe('own roots', () => {
  it('[NE4] are announced again after a reload, the oldest forgotten beyond the bound', async () => {
    const store = createMemoryRecordStore()
    let time = 0
    const told: string[] = []
    const provide = async (cid: string) => void told.push(cid)
    const before = createOwnRoots({ store, provide, now: () => ++time })
    for (let i = 0; i < MAX_PROVIDED + 2; i++) await before.publish(`Qm${i}`)
    told.length = 0
    await createOwnRoots({ store, provide, now: () => ++time }).resume()
    expect(told).toHaveLength(MAX_PROVIDED)
    expect(told[0]).toBe('Qm2')
    expect(told.at(-1)).toBe(`Qm${MAX_PROVIDED + 1}`)
  })

  it('go on after one that could not be announced', async () => {
    const store = createMemoryRecordStore()
    await createOwnRoots({ store, provide: async () => {}, now: () => 1 }).publish('Qma')
    await createOwnRoots({ store, provide: async () => {}, now: () => 2 }).publish('Qmb')
    const told: string[] = []
    const provide = async (cid: string) => {
      told.push(cid)
      throw new Error('no relay')
    }
    await createOwnRoots({ store, provide, now: () => 3 }).resume()
    expect(told).toEqual(['Qma', 'Qmb'])
  })
})
