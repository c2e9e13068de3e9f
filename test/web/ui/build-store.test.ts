import { signal } from '@preact/signals'
import { describe, expect, it } from 'vitest'
import type { WorldView } from '#api/world.ts'
import { AppError } from '#core/errors.ts'
import { parcelAt } from '#core/land.ts'
import { MAX_MODEL_BYTES } from '#core/limits.ts'
import { createFakeTabland } from '#test/fakes/fake-tabland.ts'
import { createFakeWorld } from '#test/fakes/fake-world.ts'
import { createBuildStore } from '#ui/build-store.ts'
import type { CheckedModel } from '#ui/inspect-model.ts'

const CHECKED: CheckedModel = {
  report: { triangles: 12, bytes: 4, bounds: { min: [-1, 0, -1], max: [1, 2, 1] } },
  misfit: ({ x }) => (x > 4 ? { code: 'GLB_LIMIT', message: 'Too far east.' } : undefined),
}

function glb(name = 'lantern.glb', bytes = new Uint8Array([0x67, 0x6c, 0x54, 0x46])): File {
  return new File([bytes], name)
}

function setup({ inspect = async () => CHECKED } = {}) {
  const fake = createFakeTabland()
  const world = createFakeWorld()
  const view = signal<WorldView | undefined>(world.view)
  const selected = signal<number | undefined>()
  const store = createBuildStore({
    tabland: Promise.resolve(fake.tabland),
    inspect,
    land: () => fake.land.value,
    selected: () => selected.value,
    position: () => ({ x: 40.5, y: 0.5 }),
    world: view,
  })
  return { fake, world, view, selected, store }
}

const HERE = parcelAt({ x: 40, y: 0 })

describe('building', () => {
  it('[WO5] shows a dropped model at once on the plot where one stands', async () => {
    const { store, world } = setup()
    await store.take(glb())
    expect(store.step.value).toMatchObject({ kind: 'ready', draft: { name: 'lantern.glb' } })
    expect(store.parcel.value).toBe(HERE)
    expect(world.previews.at(-1)).toMatchObject({ parcel: HERE, placement: { x: 0, y: 0, scale: 1 } })
    expect(world.selected.value).toBe(HERE)
    // looked at from 1.7 cells south of its middle
    expect(world.visits).toEqual([{ x: 40.5, y: 0.5 - 1.7 }])
  })

  it('[WO5] shows each change of its place', async () => {
    const { store, world } = setup()
    await store.take(glb())
    store.place({ yawDegrees: 90 })
    expect(world.previews.at(-1)?.placement.yawDegrees).toBe(90)
    store.moveToCell({ x: 50, y: 3 })
    expect(world.previews.at(-1)?.parcel).toBe(parcelAt({ x: 50, y: 3 }))
    store.resetPlacement()
    expect(store.placement.value.yawDegrees).toBe(0)
  })

  it('shows the model when the world comes later', async () => {
    const { store, world, view } = setup()
    view.value = undefined
    await store.take(glb())
    expect(world.previews.filter((preview) => preview !== undefined)).toEqual([])
    view.value = world.view
    expect(world.previews.at(-1)?.parcel).toBe(HERE)
  })

  it('takes the selected plot before all others', async () => {
    const { store, selected } = setup()
    selected.value = parcelAt({ x: -60, y: 9 })
    await store.take(glb())
    expect(store.parcel.value).toBe(selected.value)
  })

  it('[WO5] takes the plot that the file was dropped on', async () => {
    const { store, selected } = setup()
    selected.value = parcelAt({ x: -60, y: 9 })
    const under = parcelAt({ x: 44, y: 4 })
    await store.take(glb(), under)
    expect(store.parcel.value).toBe(under)
  })

  it('publishes with progress, and takes its preview away', async () => {
    const { fake, store, world } = setup()
    await store.take(glb())
    const release = fake.hold('publish')
    const publishing = store.publish()
    expect(store.step.value).toMatchObject({ kind: 'publishing', progress: { bytes: 0, total: 4 } })
    release()
    await publishing
    expect(store.step.value).toMatchObject({ kind: 'published', build: { parcel: HERE, mine: true } })
    expect(world.previews.at(-1)).toBeUndefined()
    expect(fake.tabland.land.at(40, 0)?.mine).toBe(true)
  })

  it('[UI4] keeps the draft when publishing fails, and can be tried again', async () => {
    const { fake, store } = setup()
    await store.take(glb())
    fake.fail('publish', 'STORE_QUOTA_EXCEEDED', 'Full.')
    await store.publish()
    expect(store.step.value).toMatchObject({ kind: 'ready', failure: { code: 'STORE_QUOTA_EXCEEDED' } })
    fake.mend('publish')
    await store.publish()
    expect(store.step.value.kind).toBe('published')
  })

  it('[WO2] does not publish what does not fit its plot', async () => {
    const { fake, store } = setup()
    await store.take(glb())
    store.place({ x: 4.5 })
    expect(store.misfit.value?.code).toBe('GLB_LIMIT')
    await store.publish()
    expect(fake.calls).toEqual([])
    store.place({ x: 0 })
    expect(store.misfit.value).toBeUndefined()
  })

  it('does not publish where no plot is', async () => {
    const { fake, store } = setup()
    await store.take(glb())
    store.moveToCell({ x: 0, y: 0 })
    expect(store.parcel.value).toBeUndefined()
    await store.publish()
    expect(fake.calls).toEqual([])
    store.moveToFree()
    expect(store.parcel.value).toBe(HERE)
  })
})

describe('[WO2] refusing', () => {
  it('refuses by name before reading', async () => {
    const { store } = setup({
      inspect: async () => {
        throw new Error('read')
      },
    })
    await store.take(glb('lantern.obj'))
    expect(store.step.value).toMatchObject({ kind: 'refused', failure: { code: 'GLB_NOT_GLB' } })
  })

  it('refuses by size before reading', async () => {
    const { store } = setup()
    const file = glb()
    Object.defineProperty(file, 'size', { value: MAX_MODEL_BYTES + 1 })
    await store.take(file)
    expect(store.step.value).toMatchObject({
      kind: 'refused',
      failure: { code: 'GLB_LIMIT', message: expect.stringContaining('15,000,001') },
    })
  })

  it('says what the check found', async () => {
    const { store, world } = setup({
      inspect: async () => {
        throw new AppError('GLB_TRUNCATED', 'The file ends at byte 4 of 1,000. Export it again.')
      },
    })
    await store.take(glb())
    expect(store.step.value).toMatchObject({ kind: 'refused', failure: { code: 'GLB_TRUNCATED' } })
    expect(world.previews.at(-1)).toBeUndefined()
  })
})

describe('changing one’s mind', () => {
  it('a second file replaces the first, whichever is read first', async () => {
    const gates = [Promise.withResolvers<CheckedModel>(), Promise.withResolvers<CheckedModel>()]
    let turn = 0
    const { store } = setup({ inspect: () => (gates[turn++] ?? Promise.withResolvers()).promise })
    const first = store.take(glb('first.glb'))
    const second = store.take(glb('second.glb'))
    // both have been read once the check has been asked for twice
    while (turn < 2) await new Promise((resolve) => setTimeout(resolve, 0))
    for (const gate of gates.reverse()) gate.resolve(CHECKED)
    await Promise.all([first, second])
    expect(store.step.value).toMatchObject({ kind: 'ready', draft: { name: 'second.glb' } })
  })

  it('discarding ends everything, and what comes late changes nothing', async () => {
    const { fake, store, world } = setup()
    await store.take(glb())
    const release = fake.hold('publish')
    const publishing = store.publish()
    store.discard()
    release()
    await publishing
    expect(store.step.value).toEqual({ kind: 'empty' })
    expect(world.previews.at(-1)).toBeUndefined()
    expect(fake.land.value.builds.size).toBe(0)
  })
})
