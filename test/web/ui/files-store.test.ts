import { afterEach, describe, expect, it } from 'vitest'
import type { OpenedObject } from '#api/object-types.ts'
import { createFakeTabland } from '#test/fakes/fake-tabland.ts'
import { createFilesStore, type FilesStore } from '#ui/files-store.ts'

let store: FilesStore | undefined
afterEach(() => store?.stop())

const OBJECT: OpenedObject = { id: 'id', type: 'File', name: 'a.txt', trust: { level: 'id' }, json: {} }

function setup(open: (link: string) => Promise<OpenedObject> = async () => OBJECT) {
  const fake = createFakeTabland()
  const published: string[] = []
  const { tabland } = fake
  store = createFilesStore({
    tabland: Promise.resolve({ ...tabland, objects: { ...tabland.objects, open } }),
    onPublished: (name) => published.push(name),
  })
  return { fake, store, published }
}

const file = (name: string) => ({ name, items: [{ path: '', content: new Blob([name]) }] })

describe('opening', () => {
  it('shows what the last link led to, and nothing once closed', async () => {
    const waits = new Map<string, PromiseWithResolvers<OpenedObject>>()
    const { store } = setup((link) => {
      const wait = Promise.withResolvers<OpenedObject>()
      waits.set(link, wait)
      return wait.promise
    })
    const first = store.open('one')
    expect(store.opened.value).toEqual({ link: 'one' })
    const second = store.open('two')
    await Promise.resolve()
    waits.get('two')?.resolve(OBJECT)
    await second
    waits.get('one')?.resolve({ ...OBJECT, name: 'late' })
    await first
    expect(store.opened.value).toEqual({ link: 'two', object: OBJECT })
    store.close()
    expect(store.opened.value).toBeUndefined()
  })

  it('tells why a link leads nowhere', async () => {
    const { store } = setup(() =>
      Promise.reject(Object.assign(new Error('no'), { code: 'OBJECT_NOT_FOUND' })),
    )
    await store.open('one')
    expect(store.opened.value?.failure).toMatchObject({ code: 'OBJECT_NOT_FOUND' })
  })
})

describe('opening before the one who has it is here', () => {
  it.each(['OBJECT_NOT_FOUND', 'CONTENT_NOT_FOUND'])(
    'asks again after %s when somebody comes, until it is found or closed',
    async (code) => {
      const found = Promise.withResolvers<void>()
      let asked = 0
      const { fake, store } = setup(async () => {
        asked += 1
        if (asked < 3) throw Object.assign(new Error('no'), { code })
        found.resolve()
        return OBJECT
      })
      const meet = (peerId: string) => {
        const { peers } = fake.network.value
        const peer = { kind: 'tab', transport: 'webrtc', peerId } as (typeof peers)[number]
        fake.network.value = { ...fake.network.value, peers: [...peers, peer] }
      }
      await store.open('one')
      expect(asked).toBe(1)
      meet('a')
      await expect.poll(() => asked).toBe(2)
      fake.network.value = { ...fake.network.value }
      expect(store.opened.value?.failure?.code).toBe(code)
      meet('b')
      await found.promise
      await expect.poll(() => store.opened.value).toEqual({ link: 'one', object: OBJECT })
      meet('c')
      store.close()
      meet('d')
      expect(asked).toBe(3)
    },
  )
})

it('tells of a folder that could not be read', () => {
  const { store } = setup()
  store.refuse('photos', new Error('The disk was taken away.'))
  expect(store.refused.value?.name).toBe('photos')
})

describe('publishing', () => {
  it('takes one after the other', async () => {
    const { fake, store, published } = setup()
    const release = fake.hold('publish')
    const publishing = store.publish([file('a'), file('b')])
    void store.publish([file('c')])
    await expect.poll(() => fake.calls.length).toBe(1)
    release()
    await publishing
    await expect.poll(() => published).toEqual(['a', 'b', 'c'])
    expect(fake.files.value.published.map(({ name }) => name)).toEqual(['c', 'b', 'a'])
  })

  it('passes on who may read it', async () => {
    const options: unknown[] = []
    const { tabland } = createFakeTabland()
    const publish = async (...args: Parameters<typeof tabland.objects.publish>) => {
      options.push(args[1]?.readers)
      return tabland.objects.publish(...args)
    }
    store = createFilesStore({
      tabland: Promise.resolve({ ...tabland, objects: { ...tabland.objects, publish } }),
      onPublished() {},
    })
    await store.publish([file('a')])
    store.setReaders(' 0x1, 0x2\n')
    await store.publish([file('b')])
    expect(options).toEqual([undefined, ['0x1', '0x2']])
  })

  it('can be cancelled, which is no failure, and tried again when it failed', async () => {
    const { fake, store, published } = setup()
    const release = fake.hold('publish')
    const publishing = store.publish([file('a')])
    await expect.poll(() => fake.calls.length).toBe(1)
    store.cancel('a')
    release()
    await publishing
    expect(store.refused.value).toBeUndefined()
    fake.fail('publish', 'PUBLISH_EMPTY', 'There is nothing.')
    await store.publish([file('b')])
    expect(store.refused.value).toMatchObject({ name: 'b', code: 'PUBLISH_EMPTY' })
    fake.mend('publish')
    store.retry('b')
    await expect.poll(() => published).toEqual(['b'])
    expect(store.refused.value).toBeUndefined()
  })

  it('can be cancelled while it waits for others', async () => {
    const { fake, store, published } = setup()
    const release = fake.hold('publish')
    const publishing = store.publish([file('a'), file('b'), file('c')])
    await expect.poll(() => fake.calls.length).toBe(1)
    store.cancel('b')
    release()
    await publishing
    expect(published).toEqual(['a', 'c'])
    store.retry('b')
    expect(fake.calls.length).toBe(2)
  })

  it('does not try again what was cancelled or is published already', async () => {
    const { fake, store } = setup()
    const release = fake.hold('publish')
    const publishing = store.publish([file('a'), file('b')])
    await expect.poll(() => fake.calls.length).toBe(1)
    store.cancel('a')
    release()
    await publishing
    store.retry('a')
    store.retry('b')
    expect(fake.calls.length).toBe(2)
  })

  it('tells that nothing can be published, or taken off, when Tabland did not start', async () => {
    const error = Object.assign(new Error('no'), { code: 'STORE_FAILED' })
    store = createFilesStore({ tabland: Promise.reject(error), onPublished() {} })
    await store.publish([file('a')])
    expect(store.refused.value).toMatchObject({ name: 'a', code: 'STORE_FAILED' })
    await store.unpublish('id')
    expect(store.failures.value.get('id')).toMatchObject({ code: 'STORE_FAILED' })
  })

  it('is not begun any more when it was cancelled before Tabland had started', async () => {
    const fake = createFakeTabland()
    const starting = Promise.withResolvers<typeof fake.tabland>()
    store = createFilesStore({ tabland: starting.promise, onPublished() {} })
    const publishing = store.publish([file('a')])
    store.cancel('a')
    starting.resolve(fake.tabland)
    await publishing
    expect(fake.calls).toEqual([])
    expect(store.refused.value).toBeUndefined()
  })

  it('takes one thing off once, however often it is asked for, and keeps what failed beside it', async () => {
    const { fake, store } = setup()
    await store.publish([file('a'), file('b')])
    const [second, first] = fake.files.value.published
    const release = fake.hold('unpublish')
    const all = [first, first, second].map((item) => store.unpublish(item!.id))
    await expect.poll(() => fake.calls.filter(({ command }) => command === 'unpublish').length).toBe(2)
    fake.fail('unpublish', 'OBJECT_NOT_PUBLISHED', 'It is gone.')
    release()
    await Promise.all(all)
    expect([...store.failures.value.keys()].sort()).toEqual([first!.id, second!.id].sort())
  })

  it('takes off what was published, or tells why not', async () => {
    const { fake, store } = setup()
    await store.publish([file('a')])
    const [item] = fake.files.value.published
    fake.fail('unpublish', 'OBJECT_NOT_PUBLISHED', 'It is gone.')
    await store.unpublish(item!.id)
    expect(store.failures.value.get(item!.id)).toMatchObject({ code: 'OBJECT_NOT_PUBLISHED' })
    fake.mend('unpublish')
    await store.unpublish(item!.id)
    expect(store.failures.value.size).toBe(0)
    expect(fake.files.value.published).toEqual([])
  })
})
