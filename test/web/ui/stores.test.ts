import { signal } from '@preact/signals'
import { describe, expect, it } from 'vitest'
import type { TablandState } from '#api/types.ts'
import { createFakeTabland } from '#test/fakes/fake-tabland.ts'
import { createFakeWorld } from '#test/fakes/fake-world.ts'
import { followState } from '#ui/early-state.ts'
import { createSettings } from '#ui/settings.ts'
import { createTheme } from '#ui/theme.ts'
import { createToasts, MAX_TOASTS, TOAST_MS } from '#ui/toasts.ts'
import { createWorldStore } from '#ui/world-store.ts'

// the stores pass the canvas on and never touch it
const canvas = {} as HTMLCanvasElement

describe('the states of a tab that starts', () => {
  it('[UI1] are there at once, and become the real ones', () => {
    const live = signal<TablandState | undefined>()
    const state = followState(live)
    expect(state.network.value.join.phase).toBe('starting')
    const fake = createFakeTabland()
    fake.network.value = { ...fake.network.value, join: { phase: 'peers', progress: 0.8 } }
    live.value = fake.tabland.state
    expect(state.network.value.join.phase).toBe('peers')
    fake.storage.value = { ...fake.storage.value, bytes: 7 }
    expect(state.storage.value.bytes).toBe(7)
  })
})

describe('the world', () => {
  it('is off when there is none to load', async () => {
    const store = createWorldStore(undefined)
    await store.start(canvas, undefined)
    expect(store.status.value).toEqual({ kind: 'off' })
  })

  it('is loaded once and stopped with the page', async () => {
    const world = createFakeWorld()
    const store = createWorldStore(world.load)
    const started = store.start(canvas, { x: 4, y: 5 })
    expect(store.status.value.kind).toBe('loading')
    await Promise.all([started, store.start(canvas, undefined)])
    expect(store.view.value).toBe(world.view)
    expect(world.position.value).toMatchObject({ x: 4.5, y: 5.5 })
    store.stop()
    expect(world.stopped).toBe(true)
    expect(store.view.value).toBeUndefined()
  })

  it('[UI4] that cannot be drawn says why', async () => {
    const world = createFakeWorld()
    world.failToLoad('WORLD_NO_GRAPHICS', 'No WebGL.')
    const store = createWorldStore(world.load)
    await store.start(canvas, undefined)
    expect(store.status.value).toMatchObject({ kind: 'failed', failure: { code: 'WORLD_NO_GRAPHICS' } })
  })

  it('that comes after the page was left is stopped', async () => {
    const world = createFakeWorld()
    const store = createWorldStore(world.load)
    const started = store.start(canvas, undefined)
    store.stop()
    await started
    expect(world.stopped).toBe(true)
    expect(store.status.value).toEqual({ kind: 'off' })
  })
})

describe('toasts', () => {
  function setup() {
    const tasks: { task: () => void; ms: number; cancelled: boolean }[] = []
    const toasts = createToasts({
      schedule(task, ms) {
        const entry = { task, ms, cancelled: false }
        tasks.push(entry)
        return () => {
          entry.cancelled = true
        }
      },
    })
    return { tasks, toasts }
  }

  it('leave by themselves', () => {
    const { tasks, toasts } = setup()
    toasts.show('done', 'Copied.')
    expect(toasts.list.value).toMatchObject([{ kind: 'done', text: 'Copied.' }])
    expect(tasks[0]?.ms).toBe(TOAST_MS)
    tasks[0]?.task()
    expect(toasts.list.value).toEqual([])
  })

  it('are few, newest last, and never the same twice', () => {
    const { toasts } = setup()
    for (const text of ['a', 'b', 'c', 'd', 'b']) toasts.show('done', text)
    expect(toasts.list.value.map(({ text }) => text)).toEqual(['c', 'd', 'b'])
    expect(toasts.list.value).toHaveLength(MAX_TOASTS)
  })

  it('can be dismissed, which ends their timer', () => {
    const { tasks, toasts } = setup()
    toasts.show('failure', 'No.')
    toasts.dismiss(toasts.list.value[0]?.id ?? 0)
    expect(toasts.list.value).toEqual([])
    expect(tasks[0]?.cancelled).toBe(true)
  })

  it('stop with the page', () => {
    const { tasks, toasts } = setup()
    toasts.show('done', 'a')
    toasts.stop()
    expect(tasks.every(({ cancelled }) => cancelled)).toBe(true)
  })
})

describe('settings and theme', () => {
  function createStorage(): Pick<Storage, 'getItem' | 'setItem'> {
    const map = new Map<string, string>()
    return {
      getItem: (key) => map.get(key) ?? null,
      setItem(key, value) {
        map.set(key, value)
      },
    }
  }

  function createDocument() {
    const attributes = new Map<string, string>()
    const documentElement = {
      setAttribute: (name: string, value: string) => attributes.set(name, value),
      removeAttribute: (name: string) => attributes.delete(name),
    }
    // only these two methods are used
    return { attributes, window: { document: { documentElement } } as unknown as Window }
  }

  it('are remembered', () => {
    const storage = createStorage()
    createSettings(() => storage).set('theme', 'dark')
    expect(createSettings(() => storage).get('theme')).toBe('dark')
  })

  it('last as long as the page where storage is forbidden', () => {
    const settings = createSettings(() => {
      throw new Error('SecurityError')
    })
    expect(settings.get('theme')).toBeUndefined()
    settings.set('theme', 'dark')
    expect(settings.get('theme')).toBe('dark')
  })

  it('[UI3] put the theme on the document', () => {
    const storage = createStorage()
    const settings = createSettings(() => storage)
    settings.set('theme', 'dark')
    const { attributes, window } = createDocument()
    const theme = createTheme(settings, window)
    expect(attributes.get('data-theme')).toBe('dark')
    theme.set('auto')
    expect(attributes.has('data-theme')).toBe(false)
    theme.set('light')
    expect(createTheme(settings, window).theme.value).toBe('light')
  })

  it('take a theme that no one knows as the system’s', () => {
    const settings = createSettings(createStorage)
    settings.set('theme', 'neon')
    expect(createTheme(settings, createDocument().window).theme.value).toBe('auto')
  })
})
