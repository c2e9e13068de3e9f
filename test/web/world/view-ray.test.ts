import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  meetBox,
  meetGround,
  projectPoint,
  rayThrough,
  type Vector,
  type ViewCamera,
} from '#world/view-ray.ts'

const CAMERA: ViewCamera = {
  x: 3,
  y: 20,
  z: 40,
  headingDegrees: 0,
  pitchDegrees: -30,
  fovDegrees: 60,
  aspect: 1.6,
}

test('the middle of the view is straight ahead', () => {
  const [x, y, z] = rayThrough(CAMERA, 0, 0)
  expect(x).toBeCloseTo(0)
  expect(y).toBeCloseTo(-0.5)
  expect(z).toBeLessThan(0)
})

test('[WO3] a point of the ground is seen where a click on it goes', () => {
  fc.assert(
    fc.property(
      fc.record({
        heading: fc.double({ min: 0, max: 360, noNaN: true }),
        pitch: fc.double({ min: -85, max: -15, noNaN: true }),
        x: fc.double({ min: -0.9, max: 0.9, noNaN: true }),
        y: fc.double({ min: -0.9, max: 0, noNaN: true }),
      }),
      ({ heading, pitch, x, y }) => {
        const camera = { ...CAMERA, headingDegrees: heading, pitchDegrees: pitch }
        const origin: Vector = [camera.x, camera.y, camera.z]
        const ray = rayThrough(camera, x, y)
        const way = meetGround(origin, ray) as number
        const seen = projectPoint(camera, [origin[0] + way * ray[0], 0, origin[2] + way * ray[2]])
        expect(seen?.x).toBeCloseTo(x, 6)
        expect(seen?.y).toBeCloseTo(y, 6)
      },
    ),
  )
})

test('a ray into the sky meets no ground, what is behind is not seen', () => {
  expect(meetGround([0, 1, 0], [0, 0.1, -1])).toBeUndefined()
  expect(meetGround([0, 1, 0], [0, 0, -1])).toBeUndefined()
  expect(projectPoint(CAMERA, [3, 20, 100])).toBeUndefined()
})

test('a box is met at its near side, or missed', () => {
  const box = { min: [-1, 0, -6], max: [1, 4, -4] } as const
  expect(meetBox([0, 1, 0], [0, 0, -1], box)).toBe(4)
  expect(meetBox([0, 1, 0], [0, 0, 1], box)).toBeUndefined()
  expect(meetBox([0, 9, 0], [0, 0, -1], box)).toBeUndefined()
  expect(meetBox([0, 1, -5], [0, 0, -1], box)).toBe(0)
})
