import { describe, expect, test } from 'vitest'
import type { Intent } from '#world/input.ts'
import { Visitor } from '#world/visitor.ts'

const REST: Intent = { moveX: 0, moveY: 0, turn: 0, run: false, jump: false, zoom: 0 }
const DT = 1 / 60

function run(visitor: Visitor, intent: Intent, seconds: number): void {
  for (let time = 0; time < seconds; time += DT) visitor.step(intent, [], DT)
}

/** Steps until at rest. @returns seconds */
function settle(visitor: Visitor): number {
  let seconds = 0
  while (visitor.step(REST, [], DT) && seconds < 60) seconds += DT
  return seconds
}

describe('[WO3]', () => {
  test('forward is where one looks; heading 0 is north, 90 east', () => {
    const north = new Visitor(0, 0, 0)
    run(north, { ...REST, moveY: 1 }, 1)
    expect(north.pose.z).toBeLessThan(-3)
    expect(Math.abs(north.pose.x)).toBeLessThan(0.01)
    const east = new Visitor(0, 0, 90)
    run(east, { ...REST, moveY: 1 }, 1)
    expect(east.pose.x).toBeGreaterThan(3)
  })

  test('running is faster, and going across no faster than straight on', () => {
    const distances = [
      { ...REST, moveY: 1 },
      { ...REST, moveY: 1, moveX: 1 },
      { ...REST, moveY: 1, run: true },
    ].map((intent) => {
      const visitor = new Visitor(0, 0, 0)
      run(visitor, intent, 2)
      return Math.hypot(visitor.pose.x, visitor.pose.z)
    })
    expect(distances[1]).toBeCloseTo(distances[0] as number, 3)
    expect(distances[2]).toBeGreaterThan(2.5 * (distances[0] as number))
  })

  test('opens above the land and settles to walking height where it began', () => {
    const visitor = new Visitor(10, -280, 0)
    visitor.open()
    expect(visitor.camera.y).toBeGreaterThan(1000)
    expect(settle(visitor)).toBeLessThan(6)
    expect(visitor.pose).toMatchObject({ x: 10, z: -280, distance: 0 })
    expect(visitor.camera.y).toBeCloseTo(1.7)
  })

  test('who moves during a flight gets to its end soon, without a jump', () => {
    const visitor = new Visitor(10, -280, 0)
    visitor.open()
    let last = visitor.camera.y
    let seconds = 0
    while (visitor.isFlying) {
      visitor.step({ ...REST, moveY: 1 }, [], DT)
      expect(Math.abs(visitor.camera.y - last)).toBeLessThan(260)
      last = visitor.camera.y
      seconds += DT
    }
    expect(seconds).toBeLessThan(1)
  })

  test('flies over and comes down where it looked; the wheel does both', () => {
    const visitor = new Visitor(0, 0, 0)
    visitor.zoom(1.2)
    expect(visitor.movement).toBe('fly')
    settle(visitor)
    expect(visitor.camera.y).toBeGreaterThan(1000)
    run(visitor, { ...REST, moveY: 1 }, 0.5)
    expect(visitor.pose.z).toBeLessThan(-100)
    for (let i = 0; i < 40; i++) visitor.zoom(0.8)
    settle(visitor)
    expect(visitor.movement).toBe('walk')
    expect(visitor.camera.y).toBeCloseTo(1.7)
  })

  test('from above one never looks up through the ground', () => {
    const visitor = new Visitor(0, 0, 0)
    visitor.setMovement('fly', 0)
    visitor.look(0, 5000)
    expect(visitor.pose.pitchDegrees).toBeLessThanOrEqual(-12)
    visitor.look(0, -9000)
    expect(visitor.pose.pitchDegrees).toBeGreaterThanOrEqual(-88)
    expect(visitor.camera.y).toBeGreaterThan(0)
  })

  test('goes to a place in a short flight that lifts over long ways, or at once', () => {
    const visitor = new Visitor(0, 0, 0)
    visitor.goTo(900, -500)
    let highest = 0
    let seconds = 0
    while (visitor.step(REST, [], DT)) {
      highest = Math.max(highest, visitor.camera.y)
      seconds += DT
    }
    expect(visitor.pose).toMatchObject({ x: 900, z: -500, distance: 0 })
    expect(highest).toBeGreaterThan(100)
    expect(seconds).toBeLessThan(2.5)
    visitor.goTo(5, 5, 0)
    expect(visitor.pose).toMatchObject({ x: 5, z: 5 })
    expect(visitor.body).toMatchObject({ x: 5, z: 5 })
  })
})
