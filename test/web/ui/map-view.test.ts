import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LAND_RADIUS } from '#core/land.ts'
import {
  cellUnder,
  clampView,
  edgePoint,
  landAt,
  MAX_SCALE,
  panBy,
  pointOf,
  wholeView,
  zoomAt,
} from '#ui/map-view.ts'

const SIDE = 320
const whole = wholeView(SIDE)

describe('the map', () => {
  it('shows all of the land at first', () => {
    const west = pointOf(whole, { x: -LAND_RADIUS, y: 0 }, SIDE)
    const east = pointOf(whole, { x: LAND_RADIUS, y: 0 }, SIDE)
    expect(west.x).toBeGreaterThan(0)
    expect(east.x).toBeLessThan(SIDE)
  })

  it('has north up', () => {
    expect(pointOf(whole, { x: 0, y: 100 }, SIDE).y).toBeLessThan(SIDE / 2)
    expect(cellUnder(whole, { x: SIDE / 2 + 1, y: SIDE / 2 - 1 }, SIDE)).toEqual({ x: 0, y: 0 })
    expect(cellUnder(whole, { x: SIDE / 2 - 1, y: SIDE / 2 + 1 }, SIDE)).toEqual({ x: -1, y: -1 })
  })

  it('finds the place of a point again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: SIDE }), fc.integer({ min: 0, max: SIDE }), (x, y) => {
        const point = pointOf(whole, landAt(whole, { x, y }, SIDE), SIDE)
        expect(point.x).toBeCloseTo(x)
        expect(point.y).toBeCloseTo(y)
      }),
    )
  })

  it('keeps what is under the pointer when it zooms', () => {
    const point = { x: 200, y: 140 }
    const zoomed = zoomAt(whole, 4, point, SIDE)
    expect(zoomed.scale).toBeCloseTo(4 * whole.scale)
    const before = landAt(whole, point, SIDE)
    const after = landAt(zoomed, point, SIDE)
    expect(after.x).toBeCloseTo(before.x)
    expect(after.y).toBeCloseTo(before.y)
  })

  it('never leaves the land nor its scales', () => {
    const step = fc.record({
      factor: fc.double({ min: 0.1, max: 10, noNaN: true }),
      dx: fc.integer(),
      dy: fc.integer(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
        let view = whole
        for (const { factor, dx, dy } of steps) {
          view = panBy(zoomAt(view, factor, { x: 9, y: 300 }, SIDE), dx, dy, SIDE)
        }
        expect(view.scale).toBeGreaterThanOrEqual(whole.scale)
        expect(view.scale).toBeLessThanOrEqual(MAX_SCALE)
        expect(view).toEqual(clampView(view, SIDE))
        expect(Math.abs(view.x)).toBeLessThanOrEqual(LAND_RADIUS + 6)
      }),
    )
  })

  it('moves with the pointer', () => {
    const near = zoomAt(whole, 10, { x: SIDE / 2, y: SIDE / 2 }, SIDE)
    const moved = panBy(near, near.scale, 0, SIDE)
    expect(moved.x).toBeCloseTo(near.x - 1)
    expect(panBy(near, 0, near.scale, SIDE).y).toBeCloseTo(near.y + 1)
  })

  it('tells at its edge of a place that is off it, and where that lies', () => {
    expect(edgePoint({ x: 10, y: SIDE - 1 }, SIDE, 8)).toBeUndefined()
    const far = edgePoint(pointOf(whole, { x: 2_000, y: 0 }, SIDE), SIDE, 8)
    expect(far).toMatchObject({ x: SIDE - 8, y: SIDE / 2, angle: 0 })
    const corner = edgePoint(pointOf(whole, { x: -500, y: -500 }, SIDE), SIDE, 8)
    expect(corner?.x).toBeCloseTo(8)
    expect(corner?.y).toBeCloseTo(SIDE - 8)
    expect(corner?.angle).toBeCloseTo((3 * Math.PI) / 4)
  })
})
