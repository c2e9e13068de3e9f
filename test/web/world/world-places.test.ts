import { describe, expect, test } from 'vitest'
import { CELL_SIZE_M, parcelAt } from '#core/land.ts'
import { plotAt } from '#core/plots.ts'
import { ringOfParcel } from '#world/portal-ring.ts'
import { SHORE_RADIUS } from '#world/walker.ts'
import {
  click,
  fromVectors,
  HEIGHT,
  pointer,
  press,
  screen,
  start,
  UPRIGHT,
  useScreen,
  WIDTH,
} from './world-harness.ts'

useScreen()

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

  test('[CH4] on a plot that was moved into the sea one stands, walks, and finds ground', async () => {
    const cell = { x: 1_500, y: -1_200 }
    const { world, canvas, build } = await start(fromVectors, { start: cell })
    screen.settle()
    expect(world.position.value).toMatchObject({ x: 1_500.5, y: -1_199.5 })
    const { triangles } = world.stats.value
    build({ cell, root: 'gone' })
    screen.settle()
    expect(world.position.value).toMatchObject({ x: 1_500.5, y: -1_201.2 })
    // sand, the plot, and a box for the model
    expect(world.stats.value.triangles - triangles).toBe(3 * 12)
    press(canvas, 'KeyW', 'keydown')
    for (let i = 0; i < 30; i++) screen.frame()
    press(canvas, 'KeyW', 'keyup')
    screen.settle()
    expect(world.position.value.x).toBeCloseTo(1_500.5, 2)
    expect(world.position.value.y).toBeGreaterThan(-1_201.1)
    world.goTo(0, 0)
    screen.settle()
    world.select(plotAt({ x: -2_048, y: 2_047 }))
    screen.settle()
    expect(world.stats.value.triangles - triangles).toBe(5 * 12)
  })

  test('a double click on the open sea leads to the shore', async () => {
    const { world, canvas } = await start(fromVectors, { start: { x: 0.5, y: 131 } })
    screen.settle()
    const there = world.project(0.5, 150) as { x: number; y: number }
    click(canvas, there, 0)
    click(canvas, there, 200)
    screen.settle()
    expect(world.position.value.y).toBeCloseTo(SHORE_RADIUS / CELL_SIZE_M, 2)
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
