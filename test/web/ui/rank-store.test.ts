import { describe, expect, it } from 'vitest'
import { createFakeTabland } from '#test/fakes/fake-tabland.ts'
import { createRankStore } from '#ui/rank-store.ts'

function setup() {
  const fake = createFakeTabland()
  return { fake, store: createRankStore(Promise.resolve(fake.tabland)) }
}

describe('the rank panel', () => {
  it('ranks again by the kernel asked for, one at a time', async () => {
    const { fake, store } = setup()
    const go = fake.hold('compute')
    const first = store.rank('ts')
    expect(store.view.value.ranking).toBe('ts')
    await store.rank('wasm')
    go()
    await first
    expect(store.view.value).toEqual({ ranking: undefined, measuring: false })
    expect(fake.calls.filter(({ command }) => command === 'compute')).toHaveLength(1)
    expect(fake.graph.value.rank?.kernel).toBe('ts')
  })

  it('keeps the last timings while it measures, and tells of a failure until the next try', async () => {
    const { fake, store } = setup()
    await store.measure()
    expect(store.view.value.timings?.map(({ kernel }) => kernel)).toEqual(['wasm', 'ts'])
    fake.fail('bench', 'RANK_NO_KERNEL', 'No kernel works.')
    const again = store.measure()
    expect(store.view.value).toMatchObject({ measuring: true, timings: { length: 2 } })
    await again
    expect(store.view.value).toMatchObject({ measuring: false, failure: { code: 'RANK_NO_KERNEL' } })
    fake.mend('bench')
    await store.measure()
    expect(store.view.value.failure).toBeUndefined()
  })

  it('says nothing once it is closed', async () => {
    const { fake, store } = setup()
    const go = fake.hold('compute')
    const ranking = store.rank('wasm')
    store.stop()
    go()
    await ranking
    expect(store.view.value.failure).toBeUndefined()
  })
})
