import { describe, expect, it } from 'vitest'
import type { ParcelBuild } from '#api/types.ts'
import { type Cell, LAND_RADIUS, parcelAt } from '#core/land.ts'
import { LAND_IMAGE_SIDE, paintLand } from '#ui/land-image.ts'

function pixelAt(pixels: Uint8ClampedArray, { x, y }: Cell): number[] {
  const at = 4 * ((LAND_RADIUS - 1 - y) * LAND_IMAGE_SIDE + x + LAND_RADIUS)
  return [...pixels.subarray(at, at + 4)]
}

function buildAt(cell: Cell, mine: boolean): [number, ParcelBuild] {
  const parcel = parcelAt(cell) ?? -1
  const placement = { x: 0, y: 0, z: 0, yawDegrees: 0, scale: 1 }
  return [parcel, { parcel, cell, root: 'Qm', placement, neuron: '0x0', time: 0, mine }]
}

describe('paintLand', () => {
  const pixels = paintLand(new Map([buildAt({ x: 40, y: 7 }, false), buildAt({ x: -40, y: -7 }, true)]))

  it('has one pixel for each cell', () => {
    expect(pixels).toHaveLength(4 * LAND_IMAGE_SIDE ** 2)
    const painted = pixels.filter((value, index) => index % 4 === 3 && value === 255).length
    // 50,000 plots and the square of 62 × 62
    expect(painted).toBe(50_000 + 62 * 62)
  })

  it('colours the square sand, builds clay, mine gold, the sea not at all', () => {
    expect(pixelAt(pixels, { x: 0, y: 0 })).toEqual([0xe6, 0xd9, 0xb8, 255])
    expect(pixelAt(pixels, { x: 40, y: 7 })).toEqual([0xc8, 0x71, 0x4a, 255])
    expect(pixelAt(pixels, { x: -40, y: -7 })).toEqual([0xe2, 0xb2, 0x3a, 255])
    expect(pixelAt(pixels, { x: -131, y: 130 })).toEqual([0, 0, 0, 0])
  })

  it('gives what is sold at auction another colour, until somebody builds on it', () => {
    const [sold, built] = [parcelAt({ x: 50, y: 0 }) ?? -1, parcelAt({ x: 40, y: 7 }) ?? -1]
    const painted = paintLand(new Map([buildAt({ x: 40, y: 7 }, false)]), new Set([sold, built]))
    const [red = 0, green = 0, blue = 0] = pixelAt(painted, { x: 50, y: 0 })
    expect([red > green, green - blue > 70]).toEqual([true, true])
    expect(pixelAt(painted, { x: 51, y: 0 })).toEqual(pixelAt(pixels, { x: 51, y: 0 }))
    expect(pixelAt(painted, { x: 40, y: 7 })).toEqual(pixelAt(pixels, { x: 40, y: 7 }))
  })

  it('gives free plots shades of green of their own', () => {
    const a = pixelAt(pixels, { x: 50, y: 0 })
    const b = pixelAt(pixels, { x: 51, y: 0 })
    expect(a).not.toEqual(b)
    for (const [r = 0, g = 0, blue = 0] of [a, b]) {
      expect(g).toBeGreaterThan(r)
      expect(g).toBeGreaterThan(blue)
    }
  })
})
