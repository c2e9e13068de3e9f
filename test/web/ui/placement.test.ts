import { describe, expect, it } from 'vitest'
import {
  extentOf,
  initialPlacement,
  MAX_SCALE,
  MIN_SCALE,
  scaleToSlider,
  sliderToScale,
} from '#ui/placement.ts'

function box(x: number, y: number, z: number, from: readonly [number, number, number] = [0, 0, 0]) {
  return { min: from, max: [from[0] + x, from[1] + y, from[2] + z] as const }
}

describe('initialPlacement', () => {
  it('leaves a model of a good size as it is, in the middle, on the ground', () => {
    expect(initialPlacement(box(4, 3, 2, [-2, -1, -1]))).toEqual({
      x: 0,
      y: 1,
      z: 0,
      yawDegrees: 0,
      scale: 1,
    })
  })

  it('moves a model that is off its own centre', () => {
    expect(initialPlacement(box(2, 2, 2, [10, 5, -4]))).toMatchObject({ x: -11, y: -5, z: 3 })
  })

  it.each([
    ['wide', box(100, 1, 40)],
    ['high', box(1, 200, 1)],
    ['large', box(1e6, 1e6, 1e6)],
    ['tight', box(7.08, 1, 7.08)],
  ])('shrinks a %s model until it fits however it is turned', (_name, bounds) => {
    const { scale } = initialPlacement(bounds)
    const { x, y, z } = extentOf(bounds, scale)
    expect(Math.hypot(x, z)).toBeLessThanOrEqual(10)
    expect(y).toBeLessThanOrEqual(20)
  })

  it('enlarges what would be overlooked', () => {
    const bounds = box(0.02, 0.05, 0.02)
    const { y } = extentOf(bounds, initialPlacement(bounds).scale)
    expect(y).toBeCloseTo(2, 1)
  })

  it('takes a flat or empty model as it is', () => {
    expect(initialPlacement(box(0, 0, 0)).scale).toBe(1)
    expect(initialPlacement(box(3, 0, 3)).scale).toBe(1)
  })
})

describe('the slider of the scale', () => {
  it('runs by factors of ten', () => {
    expect(scaleToSlider(1)).toBe(0)
    expect(scaleToSlider(100)).toBe(2)
    expect(sliderToScale(-1)).toBe(0.1)
  })

  it.each([0.001, 0.29, 0.5, 1, 2.5, 7.6, 42, 990, 1000])('leads back to %d', (scale) => {
    expect(sliderToScale(scaleToSlider(scale))).toBe(scale)
  })

  it('stays within its bounds', () => {
    expect(scaleToSlider(0)).toBe(Math.log10(MIN_SCALE))
    expect(scaleToSlider(1e9)).toBe(Math.log10(MAX_SCALE))
  })
})
