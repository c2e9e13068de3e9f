import { describe, expect, it } from 'vitest'
import type { CatOptions } from '#api/types.ts'
import { MAX_MODEL_BYTES } from '#core/limits.ts'
import { createFakeTabland } from '#test/fakes/fake-tabland.ts'
import {
  createPictureStore,
  type DrawPicture,
  MAX_DRAWING,
  MAX_PICTURES,
  PICTURE_SIDE,
  POSTER,
  POSTER_BYTES,
} from '#ui/picture-store.ts'

const blank: DrawPicture = async (_, { side }) => ({
  width: side,
  height: side,
  rgba: new Uint8ClampedArray(4 * side * side),
})

function setup(draw = blank) {
  const fake = createFakeTabland()
  return { fake, store: createPictureStore({ tabland: Promise.resolve(fake.tabland), draw }) }
}

async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0))
}

describe('pictures of models', () => {
  it('are fetched and drawn once for each CID', async () => {
    const drawn: number[] = []
    const { fake, store } = setup((model, options) => {
      drawn.push(model.length)
      return blank(model, options)
    })
    const cid = fake.put(new Uint8Array(9), 'model')
    const state = store.get(cid)
    expect(state.value).toEqual({ status: 'drawing' })
    expect(store.get(cid)).toBe(state)
    await settle()
    expect(state.value).toMatchObject({ status: 'done', picture: { width: PICTURE_SIDE } })
    expect(drawn).toEqual([9])
    expect(fake.calls).toMatchObject([{ command: 'cat' }])
  })

  it('[WO2] are of models within the bound alone', async () => {
    const asked: unknown[] = []
    const cat = async (_: string, options: unknown) => {
      asked.push(options)
      return new Uint8Array(1)
    }
    createPictureStore({ tabland: Promise.resolve({ cat }), draw: blank }).get('Qm')
    await settle()
    expect(asked).toMatchObject([{ maxBytes: MAX_MODEL_BYTES }])
  })

  it('of films are of their beginning, and of those that come in time', async () => {
    const asked: CatOptions[] = []
    const cat = (_: string, options: CatOptions = {}) => {
      asked.push(options)
      const { promise, reject } = Promise.withResolvers<Uint8Array<ArrayBuffer>>()
      options.signal?.addEventListener('abort', () => reject(options.signal?.reason))
      return promise
    }
    const sides: number[] = []
    const draw: DrawPicture = (film, options) => {
      sides.push(options.side)
      return blank(film, options)
    }
    const fake = createFakeTabland()
    const films = createPictureStore({ tabland: Promise.resolve(fake.tabland), draw, ...POSTER })
    films.get(fake.put(new Uint8Array(9), 'video', 'video/webm'))
    await settle()
    expect(sides).toEqual([POSTER.side])
    const late = createPictureStore({ tabland: Promise.resolve({ cat }), draw, ...POSTER, maxMs: 0 })
    const state = late.get('Qm')
    await new Promise<void>((resolve) => {
      state.subscribe(({ status }) => status === 'failed' && resolve())
    })
    expect(asked).toMatchObject([{ length: POSTER_BYTES }])
  })

  it('are made a few at a time, all of them in the end', async () => {
    const { fake, store } = setup()
    const cids = Array.from({ length: 3 * MAX_DRAWING }, (_, i) => fake.put(new Uint8Array(i + 1), 'model'))
    const release = fake.hold('cat')
    const states = cids.map((cid) => store.get(cid))
    await settle()
    expect(fake.calls).toHaveLength(MAX_DRAWING)
    release()
    await settle()
    expect(states.every(({ value }) => value.status === 'done')).toBe(true)
  })

  it('[UI4] that could not be made say why, and can be tried again', async () => {
    const { fake, store } = setup()
    const cid = fake.put(new Uint8Array(9), 'model')
    fake.fail('cat', 'CONTENT_NOT_FOUND', 'Nobody has it.')
    const state = store.get(cid)
    await settle()
    expect(state.value).toMatchObject({ status: 'failed', failure: { code: 'CONTENT_NOT_FOUND' } })
    fake.mend('cat')
    store.retry(cid)
    expect(state.value.status).toBe('drawing')
    await settle()
    expect(state.value.status).toBe('done')
  })

  it('are forgotten beyond their bound, those asked for longest ago first', async () => {
    const { fake, store } = setup()
    const [first, second] = [fake.put(new Uint8Array(1), 'model'), fake.put(new Uint8Array(2), 'model')]
    const [one, two] = [store.get(first), store.get(second)]
    for (let i = 0; i < MAX_PICTURES - 2; i++) store.get(fake.put(new Uint8Array(i + 3), 'model'))
    store.get(first)
    store.get(fake.put(new Uint8Array(1000), 'model'))
    expect(store.get(first)).toBe(one)
    expect(store.get(second)).not.toBe(two)
    await settle()
  })

  it('are not made any more once stopped', async () => {
    const { fake, store } = setup()
    store.stop()
    store.get(fake.put(new Uint8Array(9), 'model'))
    await settle()
    expect(fake.calls).toHaveLength(0)
  })
})
