import { describe, expect, test } from 'vitest'
import { CELL_SIZE_M, GRID_MAX } from '#core/land.ts'
import type { Bounds } from '#objects/glb.ts'
import {
  createBody,
  RUN_SPEED,
  reachFrom,
  SHORE_RADIUS,
  stepBody,
  WALK_SPEED,
  type Wish,
} from '#world/walker.ts'

const STILL: Wish = { vx: 0, vz: 0, jump: false }
const EAST: Wish = { vx: WALK_SPEED, vz: 0, jump: false }
const DT = 1 / 60

function walk(
  body: ReturnType<typeof createBody>,
  wish: Wish,
  boxes: readonly Bounds[],
  seconds: number,
): void {
  for (let time = 0; time < seconds; time += DT) stepBody(body, wish, boxes, DT)
}

function box(x: number, z: number, half: number, height: number, bottom = 0): Bounds {
  return { min: [x - half, bottom, z - half], max: [x + half, height, z + half] }
}

describe('[WO3] walking', () => {
  test('reaches walking speed, then comes to rest', () => {
    const body = createBody(0, 0)
    walk(body, EAST, [], 2)
    expect(body.vx).toBeCloseTo(WALK_SPEED, 1)
    let steps = 0
    while (stepBody(body, STILL, [], DT)) steps += 1
    expect(steps).toBeLessThan(60)
    expect([body.vx, body.vz]).toEqual([0, 0])
  })

  test('goes as far in few long steps as in many short ones', () => {
    const [short, long] = [createBody(0, 0), createBody(0, 0)]
    for (let i = 0; i < 240; i++) stepBody(short, EAST, [], 1 / 120)
    for (let i = 0; i < 40; i++) stepBody(long, EAST, [], 1 / 20)
    expect(Math.abs(short.x - long.x)).toBeLessThan(0.2)
  })

  test('stops at a model, slides along it, and leaves one it stands in', () => {
    const wall = [box(5, 0, 1, 3)]
    const body = createBody(0, 0)
    walk(body, EAST, wall, 4)
    expect(body.x).toBeGreaterThan(3.3)
    expect(body.x).toBeLessThan(4)
    walk(body, { vx: WALK_SPEED, vz: WALK_SPEED, jump: false }, wall, 2)
    expect(body.z).toBeGreaterThan(1)
    const inside = createBody(5, 0)
    walk(inside, EAST, wall, 2)
    expect(inside.x).toBeGreaterThan(6)
  })

  test('never leaves the shore', () => {
    const body = createBody(SHORE_RADIUS - 5, 0)
    walk(body, { vx: RUN_SPEED, vz: 3, jump: false }, [], 3)
    expect(Math.hypot(body.x, body.z)).toBeLessThanOrEqual(SHORE_RADIUS + 1e-6)
  })

  test('[CH4] on a plot in the sea one stays, goes a little farther out, and back to the land', () => {
    const body = createBody(9_000, -7_000)
    walk(body, STILL, [], 1)
    expect(body).toMatchObject({ x: 9_000, z: -7_000 })
    walk(body, { vx: RUN_SPEED, vz: 0, jump: false }, [], 20)
    expect(Math.hypot(body.x, body.z)).toBeCloseTo(reachFrom(9_000, -7_000), 3)
    walk(body, { vx: -RUN_SPEED, vz: 0, jump: false }, [], 20)
    expect(body.x).toBeLessThan(9_000 - 100)
    expect(reachFrom(SHORE_RADIUS, 0)).toBe(SHORE_RADIUS)
  })

  test('[CH4] never leaves the grid', () => {
    const edge = (GRID_MAX + 1) * CELL_SIZE_M
    const body = createBody(edge - 5, edge - 5)
    walk(body, { vx: RUN_SPEED, vz: RUN_SPEED, jump: false }, [], 3)
    expect(Math.floor(body.x / CELL_SIZE_M)).toBe(GRID_MAX)
    expect(Math.floor(body.z / CELL_SIZE_M)).toBe(GRID_MAX)
  })
})

describe('[WO3] jumping', () => {
  test('rises about a metre and lands', () => {
    const body = createBody(0, 0)
    stepBody(body, { ...STILL, jump: true }, [], DT)
    let top = 0
    let steps = 0
    while (stepBody(body, STILL, [], DT) && steps++ < 600) top = Math.max(top, body.y)
    expect(top).toBeGreaterThan(0.9)
    expect(top).toBeLessThan(1.3)
    expect(body).toMatchObject({ y: 0, grounded: true })
  })

  test('onto a box, from which one falls at its end', () => {
    const step = [box(3, 0, 1.5, 0.9)]
    const body = createBody(0.6, 0)
    stepBody(body, { ...EAST, jump: true }, step, DT)
    walk(body, EAST, step, 0.6)
    walk(body, STILL, step, 0.6)
    expect(body.y).toBeCloseTo(0.9)
    walk(body, EAST, step, 2)
    expect(body.y).toBe(0)
  })

  test('a low step needs no jump, a roof does not stop', () => {
    const body = createBody(0, 0)
    walk(body, EAST, [box(3, 0, 1, 0.3), box(6, 0, 1, 4, 2.2)], 2.2)
    expect(body.x).toBeGreaterThan(7)
  })
})
