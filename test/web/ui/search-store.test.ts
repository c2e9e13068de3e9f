import { describe, expect, it } from 'vitest'
import { FAKE_OTHER } from '#test/fakes/fake-facts.ts'
import { createFakeTabland } from '#test/fakes/fake-tabland.ts'
import { createSearchStore, MAX_SUGGESTIONS, PAGE_SIZE } from '#ui/search-store.ts'

function setup() {
  const fake = createFakeTabland()
  const store = createSearchStore(Promise.resolve(fake.tabland))
  return { fake, store }
}

/** Lets everything that is already resolved go on. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0))
}

describe('the search', () => {
  it('[KG21] shows what a query links to', async () => {
    const { fake, store } = setup()
    fake.addLink('moon', 'a body that circles a planet')
    await store.run('  moon ')
    expect(store.input.value).toBe('moon')
    expect(store.view.value).toMatchObject({ query: 'moon', status: 'done', total: 1 })
    expect(store.view.value.results[0]?.links).toEqual([{ neuron: FAKE_OTHER, time: expect.any(Number) }])
  })

  it('[KG21] offers the nearest texts for a query that nothing is linked from', async () => {
    const { fake, store } = setup()
    fake.addLink('moon', 'a body that circles a planet')
    await store.run('moom')
    expect(store.view.value).toMatchObject({ status: 'done', results: [], nearest: ['moon'] })
  })

  it('[KG21] says which text is shown when it is not the query itself', async () => {
    const page = { particle: 'Qm', results: [], total: 1, suggestions: [], shown: 'moon' }
    const commands = { search: async () => page, suggest: async () => [] }
    const store = createSearchStore(Promise.resolve(commands))
    await store.run('MOON')
    expect(store.view.value).toMatchObject({ query: 'MOON', shown: 'moon' })
  })

  it('[KG16a] follows the order of a signed block, with what this tab lacks, and then what is in no block yet', async () => {
    const { fake, store } = setup()
    const [first, second] = ['a planet', 'a lamp'].map((text) => fake.tabland.cid(text))
    for (const text of ['a planet', 'a lamp']) fake.addLink('moon', text)
    await store.run('moon')
    const { particle } = store.view.value
    const result = (cid: string, rank: bigint) => ({ cid, rank, share: 0.1, index: 0, neurons: [] })
    const page = { particle: particle!, results: [result('Qm1', 9n), result(second!, 8n)], total: 2 }
    store.prove({ ...page, particle: 'Qm of another query' })
    expect(store.view.value.total).toBe(2)
    store.prove(page)
    const shown = () => store.view.value.results.map(({ cid, rank, links }) => [cid, rank, links.length])
    const whole = [
      ['Qm1', 9n, 0],
      [second, 8n, 1],
      [first, expect.anything(), 1],
    ]
    expect(shown()).toEqual(whole)
    expect(store.view.value.total).toBe(3)
    await store.refresh()
    expect(shown()).toEqual(whole)
    // nobody proves it any more
    store.prove(undefined)
    expect(shown().flat()).not.toContain('Qm1')
    expect(store.view.value.total).toBe(2)
    store.prove(page)
    // more pages to come: their order is this tab's
    for (let i = 0; i < PAGE_SIZE; i++) fake.addLink('moon', `thing ${i}`)
    await store.run('moon')
    expect(shown().flat()).not.toContain('Qm1')
  })

  it('finds what arrived after the search, and leaves a long list as it is', async () => {
    const { fake, store } = setup()
    await store.run('moon')
    expect(store.view.value.total).toBe(0)
    fake.addLink('moon', 'a body that circles a planet')
    await store.refresh()
    expect(store.view.value).toMatchObject({ status: 'done', total: 1 })
    for (let i = 0; i < PAGE_SIZE; i++) fake.addLink('moon', `thing ${i}`)
    await store.refresh()
    fake.addLink('moon', 'one more')
    await store.refresh()
    expect(store.view.value.total).toBe(PAGE_SIZE + 1)
  })

  it('[KG21] appends pages by cursor, each result once', async () => {
    const { fake, store } = setup()
    for (let i = 0; i < PAGE_SIZE + 3; i++) fake.addLink('moon', `thing ${i}`)
    await store.run('moon')
    expect(store.view.value.results).toHaveLength(PAGE_SIZE)
    await store.more()
    const { results, cursor, loadingMore } = store.view.value
    expect(new Set(results.map(({ cid }) => cid)).size).toBe(PAGE_SIZE + 3)
    expect(cursor).toBeUndefined()
    expect(loadingMore).toBe(false)
    await store.more()
    expect(store.view.value.results).toHaveLength(PAGE_SIZE + 3)
  })

  it('shows the newest query when an older one answers later', async () => {
    const { fake, store } = setup()
    fake.addLink('moon', 'old')
    fake.addLink('fox', 'new')
    const release = fake.hold('search')
    const first = store.run('moon')
    await settle()
    expect(store.view.value).toMatchObject({ query: 'moon', status: 'loading' })
    const second = store.run('fox')
    release()
    await Promise.all([first, second])
    expect(store.view.value).toMatchObject({ query: 'fox', status: 'done', total: 1 })
  })

  it('[UI4] keeps what it shows and says why more did not come', async () => {
    const { fake, store } = setup()
    for (let i = 0; i < PAGE_SIZE + 1; i++) fake.addLink('moon', `thing ${i}`)
    await store.run('moon')
    fake.fail('search', 'RANK_FAILED', 'The rank failed.')
    await store.more()
    expect(store.view.value).toMatchObject({ status: 'failed', failure: { code: 'RANK_FAILED' } })
    expect(store.view.value.results).toHaveLength(PAGE_SIZE)
    fake.mend('search')
    await store.run('moon')
    expect(store.view.value.failure).toBeUndefined()
  })

  it('[UI4] says why the peer could not be started', async () => {
    const store = createSearchStore(
      Promise.reject(Object.assign(new Error('No.'), { code: 'STORE_OPEN_FAILED' })),
    )
    await store.run('moon')
    expect(store.view.value).toMatchObject({ status: 'failed', failure: { code: 'STORE_OPEN_FAILED' } })
  })

  it('is empty again for an empty query', async () => {
    const { fake, store } = setup()
    fake.addLink('moon', 'x')
    await store.run('moon')
    await store.run('  ')
    expect(store.view.value).toMatchObject({ query: '', status: 'idle', results: [] })
  })
})

describe('suggestions', () => {
  it('follow the latest text', async () => {
    const { fake, store } = setup()
    for (const word of ['lamp', 'lantern', 'moon']) fake.addLink(word, 'x')
    store.type('l')
    store.type('la')
    store.type('lan')
    await settle()
    expect(store.suggestions.value).toEqual(['lantern'])
  })

  it('are bounded', async () => {
    const { fake, store } = setup()
    for (let i = 0; i < 40; i++) fake.addLink(`word ${i}`, 'x')
    store.type('word')
    await settle()
    expect(store.suggestions.value).toHaveLength(MAX_SUGGESTIONS)
  })

  it('go when the field is emptied, the search is run, or they fail', async () => {
    const { fake, store } = setup()
    fake.addLink('lantern', 'x')
    for (const end of [() => store.type(''), () => store.closeSuggestions(), () => store.run('lantern')]) {
      store.type('l')
      await settle()
      expect(store.suggestions.value).toHaveLength(1)
      await end()
      expect(store.suggestions.value).toEqual([])
    }
    store.type('l')
    await settle()
    fake.fail('suggest', 'RANK_FAILED', 'No.')
    store.type('la')
    await settle()
    expect(store.suggestions.value).toEqual([])
  })

  it('do not come back after the search was run', async () => {
    const { fake, store } = setup()
    fake.addLink('lantern', 'x')
    const release = fake.hold('suggest')
    store.type('l')
    await settle()
    await store.run('lantern')
    release()
    await settle()
    expect(store.suggestions.value).toEqual([])
  })
})
