import { expect, test } from 'vitest'
import { RING_RADIUS, ringOfParcel, stepsThrough } from '#world/portal-ring.ts'

const RING = { x: 10, z: -20 }
const at = (x: number, z: number, y = 0) => ({ x, y, z })

test('[CH5] a portal stands on its parcel, whole', () => {
  const { x, z } = ringOfParcel({ x: 3, y: 7 })
  expect(x - RING_RADIUS).toBeGreaterThan(30)
  expect(x + RING_RADIUS).toBeLessThan(40)
  expect(z).toBeGreaterThan(-80)
  expect(z).toBeLessThan(-70)
})

test('[CH5] who walks through a ring passes it, from either side', () => {
  expect(stepsThrough(RING, at(10, -19.9), at(10, -20.1))).toBe(true)
  expect(stepsThrough(RING, at(10.5, -20.1), at(10.2, -19.9))).toBe(true)
  // aslant: what counts is where the ring's plane is met
  expect(stepsThrough(RING, at(8, -19), at(12, -21))).toBe(true)
  expect(stepsThrough(RING, at(8, -19.1), at(8.1, -24))).toBe(false)
})

test('[CH5] who stands, passes beside it or high above it does not', () => {
  expect(stepsThrough(RING, at(10, -20), at(10, -20))).toBe(false)
  expect(stepsThrough(RING, at(10, -20), at(10, -20.3))).toBe(false)
  expect(stepsThrough(RING, at(10, -19), at(10, -19.5))).toBe(false)
  expect(stepsThrough(RING, at(12, -19.9), at(12, -20.1))).toBe(false)
  expect(stepsThrough(RING, at(10, -19.9, 9), at(10, -20.1, 9))).toBe(false)
})
