import { describe, expect, test } from 'vitest'
import type { WorldInit } from '#api/world.ts'
import { AppError } from '#core/errors.ts'
import { type Cell, parcelAt } from '#core/land.ts'
import { MAX_MODELS_LOADING, MAX_MODELS_SHOWN } from '#world/model-plan.ts'
import { type ModelName, readModel } from '../objects/glb-fixtures.ts'
import { fromVectors, press, screen, start, UPRIGHT, useScreen } from './world-harness.ts'

useScreen()

describe('[WO1] drawing on demand', () => {
  test('a still world asks for no frame', async () => {
    const { world } = await start(fromVectors)
    screen.settle()
    const { frames } = world.stats.value
    expect(frames).toBeGreaterThan(0)
    screen.frame()
    expect(world.stats.value).toMatchObject({ device: 'null', frames })
  })

  test('input draws until everything rests again', async () => {
    const { world, canvas } = await start(fromVectors)
    screen.settle()
    const before = world.position.value
    const { frames } = world.stats.value
    press(canvas, 'KeyW', 'keydown')
    for (let i = 0; i < 60; i++) screen.frame()
    press(canvas, 'KeyW', 'keyup')
    screen.settle()
    expect(world.stats.value.frames).toBeGreaterThan(frames + 59)
    expect(world.position.value.y).toBeGreaterThan(before.y + 0.2)
    expect(world.position.value.headingDegrees).toBe(0)
  })

  test('an animated model that is near plays at a bounded rate, one that is far costs nothing', async () => {
    const near = await start(fromVectors, { start: { x: 0.5, y: 31 } })
    near.build({ cell: { x: 0, y: 33 }, root: 'AnimatedMorphCube' })
    await near.until(() => near.world.stats.value.modelsLoaded === 1)
    for (let i = 0; i < 60; i++) screen.frame()
    const from = near.world.stats.value.frames
    for (let i = 0; i < 125; i++) screen.frame()
    await near.until(() => near.world.stats.value.frames > from)
    expect(near.world.stats.value.frames - from).toBeLessThan(75)
    near.world.goTo(0, 20)
    await near.until(() => screen.callbacks.size === 0)
  })
})

describe('[WO2] models', () => {
  test('near ones are fetched, checked and drawn, far ones are not asked for', async () => {
    const { world, build, until, cat } = await start(fromVectors)
    build({ cell: { x: 0, y: 31 } }, { cell: { x: 0, y: 100 }, root: 'GenericHand' })
    await until(() => world.stats.value.modelsLoaded === 1 && screen.callbacks.size === 0)
    expect(cat.mock.calls.map(([cid]) => cid)).toEqual(['WaterBottle'])
    expect(cat.mock.calls[0]?.[1]).toMatchObject({ maxBytes: 15_000_000 })
    expect(world.stats.value.textureBytes).toBe(Math.round(5 * 1024 * 1024 * 4 * (4 / 3)))
    world.goTo(0.5, 99)
    await until(() => world.stats.value.modelsLoaded === 1 && cat.mock.calls.length === 2)
    expect(cat.mock.calls[1]?.[0]).toBe('GenericHand')
  })

  test('the same content is fetched once, however often it stands', async () => {
    const { world, build, until, cat } = await start(fromVectors)
    build(...[-3, -2, -1, 0, 1, 2].map((x) => ({ cell: { x, y: 31 } })))
    await until(() => world.stats.value.modelsLoaded === 6)
    expect(cat).toHaveBeenCalledTimes(1)
  })

  test('one that fails says why on its parcel and never stops the rest', async () => {
    const cat: WorldInit['tabland']['cat'] = async (cid, options) => {
      if (cid === 'gone') throw new AppError('FETCH_NO_PROVIDER', 'Nobody here has this model.')
      if (cid === 'broken') return readModel('WaterBottle').slice(0, 9000)
      if (cid === 'odd') throw new TypeError('boom')
      return fromVectors(cid, options)
    }
    const { world, build, until } = await start(cat)
    const cells = [-3, -2, -1, 0, 1].map((x) => ({ x, y: 31 }))
    const tall = { ...UPRIGHT, scale: 200 }
    build(
      { cell: cells[0] as Cell, root: 'gone' },
      { cell: cells[1] as Cell, root: 'broken' },
      { cell: cells[2] as Cell, root: 'odd' },
      { cell: cells[3] as Cell, placement: tall },
      { cell: cells[4] as Cell },
    )
    await until(() => world.stats.value.modelsLoaded === 1 && world.failures.value.size === 4)
    const codes = cells.map((cell) => world.failures.value.get(parcelAt(cell) as number)?.code)
    expect(codes).toEqual(['FETCH_NO_PROVIDER', 'GLB_TRUNCATED', 'MODEL_FETCH', 'GLB_LIMIT', undefined])
  })

  test('[WO1] at most a few load at once and at most the budget stands', async () => {
    let loading = 0
    let most = 0
    const cat: WorldInit['tabland']['cat'] = async (cid) => {
      loading += 1
      most = Math.max(most, loading)
      await new Promise((resolve) => setImmediate(resolve))
      loading -= 1
      return readModel(cid.split('/')[0] as ModelName)
    }
    const { world, build, until } = await start(cat)
    const cells = Array.from({ length: 100 }, (_, i) => ({ x: (i % 20) - 10, y: 31 + Math.floor(i / 20) }))
    build(...cells.map((cell, i) => ({ cell, root: `AnimatedMorphCube/${i}` })))
    await until(() => world.stats.value.modelsLoaded === MAX_MODELS_SHOWN)
    expect(most).toBe(MAX_MODELS_LOADING)
    for (let i = 0; i < 20; i++) screen.frame()
    expect(world.stats.value.modelsLoaded).toBe(MAX_MODELS_SHOWN)
  })

  test('what one walks away from is let go, and a load that nobody waits for is stopped', async () => {
    const signals: AbortSignal[] = []
    const cat: WorldInit['tabland']['cat'] = (cid, options) => {
      if (cid === 'WaterBottle') return fromVectors(cid, options)
      signals.push(options?.signal as AbortSignal)
      return new Promise((_, reject) => {
        options?.signal?.addEventListener('abort', () => reject(options.signal?.reason))
      })
    }
    const { world, build, until } = await start(cat)
    build({ cell: { x: 0, y: 31 } }, { cell: { x: 1, y: 31 }, root: 'slow' })
    await until(() => world.stats.value.modelsLoaded === 1 && signals.length === 1)
    expect(world.stats.value.modelsLoading).toBe(1)
    world.goTo(0, -100)
    await until(() => world.stats.value.modelsLoaded === 0 && screen.callbacks.size === 0)
    expect(signals[0]?.aborted).toBe(true)
    expect(world.stats.value.modelsLoading).toBe(0)
    expect(world.failures.value.size).toBe(0)
  })

  test('a build that is cleared or replaced changes what stands', async () => {
    const { world, build, until, cat } = await start(fromVectors)
    build({ cell: { x: 0, y: 31 } })
    await until(() => world.stats.value.modelsLoaded === 1)
    build({ cell: { x: 0, y: 31 }, root: 'GenericHand' })
    await until(() => cat.mock.calls.length === 2 && world.stats.value.modelsLoaded === 1)
    build()
    await until(() => world.stats.value.modelsLoaded === 0)
  })

  test('a preview is drawn from its own bytes, moved in place, and taken away', async () => {
    const { world, until, cat } = await start(fromVectors)
    const parcel = parcelAt({ x: 0, y: 31 }) as number
    const model = readModel('WaterBottle')
    world.preview({ parcel, model, placement: { ...UPRIGHT, scale: 10 } })
    await until(() => world.stats.value.modelsLoaded === 1)
    world.preview({ parcel, model, placement: { ...UPRIGHT, scale: 100 } })
    await until(() => world.failures.value.get(parcel)?.code === 'GLB_LIMIT')
    world.preview({ parcel, model, placement: { ...UPRIGHT, scale: 12 } })
    await until(() => world.failures.value.size === 0 && world.stats.value.modelsLoaded === 1)
    world.preview(undefined)
    await until(() => world.stats.value.modelsLoaded === 0)
    expect(cat).not.toHaveBeenCalled()
  })
})
