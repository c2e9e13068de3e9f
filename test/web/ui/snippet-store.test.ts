import { describe, expect, it } from 'vitest'
import { createFakeTabland } from '#test/fakes/fake-tabland.ts'
import { createSnippetStore, MAX_FETCHES, MAX_SNIPPETS } from '#ui/snippet-store.ts'

function setup() {
  const fake = createFakeTabland()
  return { fake, store: createSnippetStore(Promise.resolve(fake.tabland)) }
}

async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0))
}

describe('snippets', () => {
  it('are fetched once for each CID', async () => {
    const { fake, store } = setup()
    const cid = fake.put('a text')
    const state = store.get(cid)
    expect(state.value).toEqual({ status: 'loading' })
    expect(store.get(cid)).toBe(state)
    await settle()
    expect(state.value).toMatchObject({ status: 'done', snippet: { text: 'a text' } })
    expect(fake.calls).toHaveLength(1)
  })

  it('are fetched a few at a time, all of them in the end', async () => {
    const { fake, store } = setup()
    const cids = Array.from({ length: 3 * MAX_FETCHES }, (_, i) => fake.put(`text ${i}`))
    const release = fake.hold('snippet')
    const states = cids.map((cid) => store.get(cid))
    await settle()
    expect(fake.calls).toHaveLength(MAX_FETCHES)
    release()
    await settle()
    expect(states.every(({ value }) => value.status === 'done')).toBe(true)
  })

  it('[UI4] that did not come say why, and can be tried again', async () => {
    const { fake, store } = setup()
    const cid = fake.put('a text')
    fake.fail('snippet', 'CONTENT_NOT_FOUND', 'Nobody has it.')
    const state = store.get(cid)
    await settle()
    expect(state.value).toMatchObject({ status: 'failed', failure: { code: 'CONTENT_NOT_FOUND' } })
    fake.mend('snippet')
    store.retry(cid)
    expect(state.value.status).toBe('loading')
    await settle()
    expect(state.value.status).toBe('done')
  })

  it('are forgotten, oldest first, beyond their bound', async () => {
    const { fake, store } = setup()
    const first = fake.put('first')
    const kept = store.get(first)
    for (let i = 0; i < MAX_SNIPPETS; i++) store.get(fake.put(`text ${i}`))
    expect(store.get(first)).not.toBe(kept)
  })

  it('are not fetched any more once stopped', async () => {
    const { fake, store } = setup()
    store.stop()
    store.get(fake.put('a text'))
    await settle()
    expect(fake.calls).toHaveLength(0)
  })
})
