import { describe, expect, it } from 'vitest'
import { fakeCid } from '#test/fakes/fake-contents.ts'
import { createFakeTabland } from '#test/fakes/fake-tabland.ts'
import { createGraphStore, directionsOf, NODE_LIMITS } from '#ui/graph-store.ts'

function setup() {
  const fake = createFakeTabland()
  fake.addLink('moon', 'night')
  fake.addLink('wolf', 'moon')
  fake.addLink('moon', 'wolf')
  fake.addLink('night', 'star')
  return { fake, store: createGraphStore(Promise.resolve(fake.tabland)) }
}

const nodes = (store: ReturnType<typeof createGraphStore>) =>
  store.view.value.neighbourhood?.nodes.map(({ text }) => text)

describe('the graph panel', () => {
  it('looks around a particle, step by step', async () => {
    const { store } = setup()
    await store.show(fakeCid('moon'))
    expect(store.view.value).toMatchObject({ cid: fakeCid('moon'), status: 'done' })
    expect(nodes(store)).toEqual(['moon', 'night', 'wolf', 'star'])
    expect(directionsOf(store.view.value.neighbourhood!)).toEqual(['none', 'to', 'both', 'none'])
    await store.setDepth(1)
    expect(nodes(store)).toEqual(['moon', 'night', 'wolf'])
  })

  it('begins at the top of the rank, and says when there is nothing', async () => {
    const { store } = setup()
    await store.show(undefined)
    expect(store.view.value.status).toBe('done')
    const empty = createGraphStore(Promise.resolve(createFakeTabland().tabland))
    await empty.show(undefined)
    expect(empty.view.value).toEqual({ cid: undefined, status: 'empty' })
    await store.show(fakeCid('comet'))
    expect(store.view.value).toMatchObject({ cid: fakeCid('comet'), status: 'empty' })
  })

  it('draws more when asked, as long as something is left out', async () => {
    const { fake, store } = setup()
    for (let i = 0; i < 130; i++) fake.addLink('hub', `word ${i}`)
    await store.show(fakeCid('hub'))
    expect([nodes(store)!.length, store.hasMore()]).toEqual([NODE_LIMITS[0], true])
    await store.more()
    await store.more()
    expect([nodes(store)!.length, store.hasMore()]).toEqual([131, false])
    await store.more()
    expect(store.limit.value).toBe(NODE_LIMITS[2])
  })

  it('a new rank changes nothing that is drawn alike, and failures of it are not told', async () => {
    const { fake, store } = setup()
    await store.show(fakeCid('moon'))
    const before = store.view.value
    await store.refresh()
    expect(store.view.value).toBe(before)
    fake.fail('neighbourhood', 'UNKNOWN', 'The worker is away.')
    await store.refresh()
    expect(store.view.value).toBe(before)
    fake.mend('neighbourhood')
    fake.addLink('moon', 'sea')
    await store.refresh()
    expect(nodes(store)).toContain('sea')
  })

  it('what was drawn stays while the next is on its way; an older answer does not replace it', async () => {
    const { fake, store } = setup()
    await store.show(fakeCid('moon'))
    const go = fake.hold('neighbourhood')
    const slow = store.show(fakeCid('night'))
    expect(store.view.value).toMatchObject({
      status: 'loading',
      neighbourhood: { particle: fakeCid('moon') },
    })
    const last = store.show(fakeCid('wolf'))
    go()
    await Promise.all([slow, last])
    expect(store.view.value).toMatchObject({ cid: fakeCid('wolf'), status: 'done' })
  })

  it('tells of a failure, and tries again', async () => {
    const { fake, store } = setup()
    fake.fail('neighbourhood', 'UNKNOWN', 'The worker is away.')
    await store.show(fakeCid('moon'))
    expect(store.view.value).toMatchObject({ status: 'failed', failure: { message: 'The worker is away.' } })
    fake.mend('neighbourhood')
    await store.refresh()
    expect(store.view.value.status).toBe('done')
  })
})
