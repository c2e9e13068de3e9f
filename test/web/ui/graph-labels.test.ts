import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type LabelSpot, placeLabels } from '#ui/graph-labels.ts'

const HEIGHT = 14

interface Named extends LabelSpot {
  readonly key: string
}

function spot(key: string, spot: Partial<LabelSpot>): Named {
  return { key, x: 0, y: 0, size: 5, width: 60, weight: 1, ...spot }
}

function keysOf(spots: readonly Named[]): readonly string[] {
  return placeLabels(spots, HEIGHT).map(({ key }) => key)
}

describe('labels of the graph', () => {
  it('are left out where a weightier one lies, whichever comes first', () => {
    const [light, heavy] = [spot('light', { x: 40 }), spot('heavy', { y: 9, weight: 2 })]
    expect(keysOf([light, heavy])).toEqual(['heavy'])
    expect(keysOf([heavy, light])).toEqual(['heavy'])
  })

  it('keep their order where they weigh the same', () => {
    expect(keysOf([spot('a', {}), spot('b', { x: 10 })])).toEqual(['a'])
  })

  it('are drawn side by side and one above the other', () => {
    expect(keysOf([spot('a', {}), spot('b', { x: 68 }), spot('c', { y: HEIGHT })])).toEqual(['a', 'b', 'c'])
  })

  it('give room to a third where the second was left out', () => {
    const spots = [spot('a', { weight: 3 }), spot('b', { x: 50, weight: 2 }), spot('c', { x: 100 })]
    expect(keysOf(spots)).toEqual(['a', 'c'])
  })

  it('come back as one zooms in', () => {
    const spots = Array.from({ length: 40 }, (_, i) => spot(`${i}`, { x: (i % 8) * 20, y: (i >> 3) * 6 }))
    const zoomed = spots.map((each) => ({ ...each, x: 6 * each.x, y: 6 * each.y }))
    expect(keysOf(spots).length).toBeLessThan(15)
    expect(keysOf(zoomed)).toHaveLength(40)
  })

  it('never overlap, and each that is left out overlaps one that weighs as much', () => {
    const place = fc.integer({ min: -300, max: 300 })
    const size = { size: fc.integer({ min: 1, max: 16 }), width: fc.integer({ min: 1, max: 180 }) }
    const any = fc.record({ x: place, y: place, weight: fc.integer({ min: 0, max: 5 }), ...size })
    fc.assert(
      fc.property(fc.array(any, { maxLength: 80 }), (places) => {
        const spots = places.map((each, i) => ({ key: `${i}`, ...each }))
        const drawn = placeLabels(spots, HEIGHT)
        for (const each of spots) {
          const met = drawn.filter((other) => other !== each && meets(each, other))
          if (drawn.includes(each)) expect(met).toEqual([])
          else expect(met.some(({ weight }) => weight >= each.weight)).toBe(true)
        }
      }),
    )
  })
})

/** Do two labels overlap, with the eight pixels that are left free beside them? */
function meets(a: LabelSpot, b: LabelSpot): boolean {
  const [left, other] = [a.x + a.size, b.x + b.size]
  return left < other + b.width + 8 && other < left + a.width + 8 && Math.abs(a.y - b.y) < HEIGHT
}
