import { signal } from '@preact/signals'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { LandState, ModelPlacement, ParcelBuild } from '#api/types.ts'
import type { WorldInit, WorldView } from '#api/world.ts'
import { AppError } from '#core/errors.ts'
import { type Cell, parcelAt } from '#core/land.ts'
import { createWorld } from '#world/create-world.ts'
import { MAX_MODELS_LOADING, MAX_MODELS_SHOWN } from '#world/model-plan.ts'
import { ringOfParcel } from '#world/portal-ring.ts'
import { type ModelName, readModel } from '../objects/glb-fixtures.ts'

const UPRIGHT: ModelPlacement = { x: 0, y: 0, z: 0, yawDegrees: 0, scale: 1 }
const WIDTH = 800
const HEIGHT = 600

/** As much of a canvas as the world touches. */
function createCanvas() {
  const page = Object.assign(new EventTarget(), { defaultView: new EventTarget() })
  return Object.assign(new EventTarget(), {
    id: 'world',
    width: WIDTH,
    height: HEIGHT,
    clientWidth: WIDTH,
    clientHeight: HEIGHT,
    style: {},
    ownerDocument: page,
    getBoundingClientRect: () => ({ left: 0, top: 0, width: WIDTH, height: HEIGHT }),
  })
}

/** Frames of the screen, fired by the test. */
const screen = {
  callbacks: new Map<number, (timestampMs: number) => void>(),
  next: 1,
  time: 0,
  /** One frame of 16 ms, if any was asked for. */
  frame() {
    const due = [...this.callbacks.values()]
    this.callbacks.clear()
    this.time += 16
    for (const callback of due) callback(this.time)
  },
  /** Frames until none is asked for any more. */
  settle() {
    for (let i = 0; i < 2000 && this.callbacks.size > 0; i++) this.frame()
    expect(this.callbacks.size).toBe(0)
  },
}

interface Harness {
  readonly world: WorldView
  readonly canvas: ReturnType<typeof createCanvas>
  readonly cat: ReturnType<typeof vi.fn<WorldInit['tabland']['cat']>>
  build(...builds: readonly (Partial<ParcelBuild> & { cell: Cell })[]): void
  /** Frames until `condition`, letting promises run between. */
  until(condition: () => boolean): Promise<void>
}

let running: WorldView | undefined

beforeEach(() => {
  screen.callbacks.clear()
  vi.stubGlobal('requestAnimationFrame', (callback: (timestampMs: number) => void) => {
    screen.callbacks.set(screen.next, callback)
    return screen.next++
  })
  vi.stubGlobal('cancelAnimationFrame', (handle: number) => screen.callbacks.delete(handle))
  vi.stubGlobal('devicePixelRatio', 1)
})

afterEach(() => {
  running?.stop()
  running = undefined
  vi.unstubAllGlobals()
})

async function start(cat: WorldInit['tabland']['cat'], init: Partial<WorldInit> = {}): Promise<Harness> {
  const land = signal<LandState>({ builds: new Map() })
  const canvas = createCanvas()
  const spy = vi.fn(cat)
  const world = await createWorld({
    canvas: canvas as unknown as HTMLCanvasElement,
    tabland: { state: { land }, cat: spy } as unknown as WorldInit['tabland'],
    device: 'null',
    ...init,
  })
  running = world
  return {
    world,
    canvas,
    cat: spy,
    build(...builds) {
      land.value = { builds: new Map(builds.map(toBuild).map((build) => [build.parcel, build])) }
    },
    async until(condition) {
      for (let i = 0; i < 500 && !condition(); i++) {
        screen.frame()
        await new Promise((resolve) => setImmediate(resolve))
      }
      expect(condition()).toBe(true)
    },
  }
}

function toBuild(build: Partial<ParcelBuild> & { cell: Cell }): ParcelBuild {
  const parcel = parcelAt(build.cell)
  if (parcel === undefined) throw new Error('no parcel there')
  return { parcel, root: 'WaterBottle', placement: UPRIGHT, neuron: '0x0', time: 0, mine: false, ...build }
}

const fromVectors: WorldInit['tabland']['cat'] = async (cid, options) => {
  const bytes = readModel(cid as ModelName)
  options?.onProgress?.({ bytes: bytes.length, total: bytes.length })
  return bytes
}

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

function press(canvas: ReturnType<typeof createCanvas>, code: string, type: 'keydown' | 'keyup'): Event {
  const event = Object.assign(new Event(type, { cancelable: true }), { code })
  canvas.ownerDocument.dispatchEvent(event)
  return event
}

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

describe('[WO3] place and selection', () => {
  test('begins where it is told, goes where it is told', async () => {
    const { world } = await start(fromVectors, { start: { x: 40.5, y: -12.5 } })
    screen.settle()
    expect(world.position.value).toEqual({ x: 40.5, y: -12.5, headingDegrees: 0 })
    world.goTo(-60, 70)
    screen.settle()
    expect(world.position.value).toMatchObject({ x: -59.5, y: 70.5 })
    world.goTo(3.25, 4)
    screen.settle()
    expect(world.position.value).toMatchObject({ x: 3.25, y: 4 })
  })

  test('stops in front of what is built, facing it, also when that is heard of only later', async () => {
    const { world, build } = await start(fromVectors, { start: { x: 40, y: 40 } })
    screen.settle()
    build({ cell: { x: 40, y: 40 } }, { cell: { x: -60, y: 70 } })
    screen.settle()
    expect(world.position.value).toMatchObject({ x: 40.5, y: 38.8, headingDegrees: 0 })
    world.goTo(-60, 70)
    screen.settle()
    expect(world.position.value).toMatchObject({ x: -59.5, y: 68.8, headingDegrees: 0 })
  })

  test('a click selects the parcel under it, a drag does not; the square selects nothing', async () => {
    const { world, canvas } = await start(fromVectors, { start: { x: 0.5, y: 29.5 } })
    screen.settle()
    const onParcel = world.project(0.5, 32.5) as { x: number; y: number }
    expect(world.cellAt(onParcel.x, onParcel.y)).toEqual({ x: 0, y: 32 })
    click(canvas, onParcel, 0)
    expect(world.selected.value).toBe(parcelAt({ x: 0, y: 32 }))
    const onSquare = world.project(0.5, 30.2) as { x: number; y: number }
    click(canvas, onSquare, 1000)
    expect(world.selected.value).toBeUndefined()
    pointer(canvas, 'pointerdown', onParcel, 2000)
    pointer(canvas, 'pointermove', { x: onParcel.x + 50, y: onParcel.y }, 2100)
    pointer(canvas, 'pointermove', { x: onParcel.x + 90, y: onParcel.y }, 2100)
    pointer(canvas, 'pointerup', { x: onParcel.x + 90, y: onParcel.y }, 2200)
    screen.settle()
    expect(world.selected.value).toBeUndefined()
    expect(world.position.value.headingDegrees).not.toBe(0)
    expect(world.cellAt(WIDTH / 2, 0)).toBeUndefined()
  })

  test('a double click walks there', async () => {
    const { world, canvas } = await start(fromVectors, { start: { x: 0.5, y: 29.5 } })
    screen.settle()
    const there = world.project(0.5, 33.5) as { x: number; y: number }
    click(canvas, there, 0)
    click(canvas, there, 200)
    screen.settle()
    expect(world.position.value.x).toBeCloseTo(0.5, 3)
    expect(world.position.value.y).toBeCloseTo(33.5, 3)
  })

  test('keys typed into a field or with a modifier move nobody', async () => {
    class FakeElement extends EventTarget {
      closest() {
        return this
      }
    }
    const { world, canvas } = await start(fromVectors)
    screen.settle()
    const typed = new Event('keydown', { cancelable: true })
    Object.defineProperty(typed, 'target', { value: new FakeElement() })
    canvas.ownerDocument.dispatchEvent(Object.assign(typed, { code: 'KeyW' }))
    canvas.ownerDocument.dispatchEvent(
      Object.assign(new Event('keydown', { cancelable: true }), { code: 'KeyW', ctrlKey: true }),
    )
    expect(typed.defaultPrevented).toBe(false)
    expect(screen.callbacks.size).toBe(0)
    expect(world.position.value.y).toBeCloseTo(28.5)
  })

  test('flies and walks by command, and says so', async () => {
    const { world, canvas } = await start(fromVectors)
    screen.settle()
    world.setMovement('fly')
    screen.settle()
    expect(world.movement.value).toBe('fly')
    press(canvas, 'KeyF', 'keydown')
    expect(world.movement.value).toBe('walk')
    screen.settle()
  })
})

function click(canvas: ReturnType<typeof createCanvas>, at: { x: number; y: number }, time: number): void {
  pointer(canvas, 'pointerdown', at, time)
  pointer(canvas, 'pointerup', at, time + 50)
}

function pointer(
  canvas: ReturnType<typeof createCanvas>,
  type: string,
  { x, y }: { x: number; y: number },
  time: number,
): void {
  const event = Object.assign(new Event(type), { clientX: x, clientY: y, pointerId: 1, button: 0 })
  Object.defineProperty(event, 'timeStamp', { value: time })
  canvas.dispatchEvent(event)
}

describe('[CH5] portals and planets', () => {
  const CELL = { x: 0, y: 31 }

  /** Walks north through the ring of a portal on CELL. */
  async function walkThrough() {
    const ring = ringOfParcel(CELL)
    const from = { x: ring.x / 10, y: -(ring.z + 1) / 10 }
    const harness = await start(fromVectors, { start: from })
    screen.settle()
    harness.world.setPortals([CELL])
    const steps: unknown[] = []
    harness.world.stepped.subscribe((step) => step !== undefined && steps.push(step))
    press(harness.canvas, 'KeyW', 'keydown')
    for (let i = 0; i < 60; i++) screen.frame()
    press(harness.canvas, 'KeyW', 'keyup')
    screen.settle()
    return { ...harness, steps }
  }

  test('whoever walks through a ring is told of, once', async () => {
    const { steps } = await walkThrough()
    expect(steps).toEqual([{ to: 'planet', cell: CELL }])
  })

  test('who is brought past a ring, or flies over it, walks through none', async () => {
    const { world } = await start(fromVectors, { start: { x: 0.5, y: 29.5 } })
    screen.settle()
    world.setPortals([CELL])
    world.goTo(0.82, 33)
    screen.settle()
    world.goTo(0.82, 29)
    screen.settle()
    expect(world.stepped.value).toBeUndefined()
  })

  test('on a planet stands what is placed there, the land is left alone, and one comes back to where one was', async () => {
    const { world, steps, canvas, until, cat, build } = await walkThrough()
    build({ cell: { x: 1, y: 31 }, root: 'GenericHand' })
    await until(() => world.stats.value.modelsLoaded === 1)
    const left = world.position.value
    const placement = { ...UPRIGHT, x: 30, z: -20, scale: 40 }
    world.visit({ id: 7, models: [{ id: 3, root: 'WaterBottle', placement }] })
    await until(() => world.stats.value.modelsLoaded === 1 && cat.mock.calls.length === 2)
    // no plot is under the pointer, and the address stays where the portal is
    expect(world.cellAt(WIDTH / 2, HEIGHT - 10)).toBeUndefined()
    press(canvas, 'KeyW', 'keydown')
    for (let i = 0; i < 30; i++) screen.frame()
    press(canvas, 'KeyW', 'keyup')
    screen.settle()
    expect(world.position.value).toEqual(left)
    // backwards, through the ring that one came out of
    press(canvas, 'KeyS', 'keydown')
    for (let i = 0; i < 200; i++) screen.frame()
    press(canvas, 'KeyS', 'keyup')
    screen.settle()
    expect(steps.at(-1)).toEqual({ to: 'land' })
    world.visit(undefined)
    screen.settle()
    // out of the ring, away from it
    const ring = ringOfParcel(CELL)
    expect(world.position.value.headingDegrees).toBe(180)
    expect(world.position.value.x).toBeCloseTo(ring.x / 10)
    expect(-10 * world.position.value.y - ring.z).toBeCloseTo(1.2)
    // still in the ring that one came out of: going on the same way does not lead back at once
    const { length } = steps
    press(canvas, 'KeyS', 'keydown')
    for (let i = 0; i < 80; i++) screen.frame()
    press(canvas, 'KeyS', 'keyup')
    screen.settle()
    expect(steps).toHaveLength(length)
    press(canvas, 'KeyW', 'keydown')
    for (let i = 0; i < 100; i++) screen.frame()
    press(canvas, 'KeyW', 'keyup')
    screen.settle()
    expect(steps.at(-1)).toEqual({ to: 'planet', cell: CELL })
    expect(world.stats.value.modelsLoaded).toBe(1)
    expect(cat).toHaveBeenCalledTimes(2)
  })

  test('an empty planet can be walked on, and another place be gone to from there', async () => {
    const { world } = await start(fromVectors)
    screen.settle()
    world.visit({ id: 1, models: [] })
    screen.settle()
    expect(world.stats.value.modelsLoaded).toBe(0)
    world.goTo(40.5, 3.5)
    screen.settle()
    expect(world.position.value).toMatchObject({ x: 40.5, y: 3.5 })
    expect(world.stepped.value).toEqual({ to: 'land' })
    expect(world.cellAt(WIDTH / 2, HEIGHT - 10)).toBeDefined()
  })
})
