import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type LabelSpot, placeLabels, sidesOf } from '#ui/graph-labels.ts'

const HEIGHT = 14
/** wide enough for all to stand to the right of their dots, and with no room on the left */
const SIZES = { heightPx: HEIGHT, pictureWidthPx: 10_000 }

interface Named extends LabelSpot {
  readonly key: string
}

function spot(key: string, spot: Partial<LabelSpot>): Named {
  return { key, x: 0, y: 0, size: 5, width: 60, weight: 1, ...spot }
}

function keysOf(spots: readonly Named[]): readonly string[] {
  return placeLabels(spots, SIZES).map(({ key }) => key)
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

  it('stand to the left of their dots where the right is taken, or the picture ends', () => {
    const sizes = { heightPx: HEIGHT, pictureWidthPx: 400 }
    const spots = [spot('heavy', { x: 200, weight: 2 }), spot('light', { x: 190 }), spot('edge', { x: 380 })]
    const lefts = placeLabels(spots, sizes).map(({ key, left }) => [key, left])
    expect(lefts).toEqual([
      ['heavy', 208],
      ['light', 122],
      ['edge', 312],
    ])
  })

  it('begin at the right where they are whole on neither side', () => {
    expect(sidesOf(spot('wide', { x: 50, width: 300 }), 200)).toEqual([58])
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
        const drawn = placeLabels(spots, SIZES)
        for (const each of spots) {
          const own = drawn.find(({ key }) => key === each.key)
          const others = drawn.filter((other) => other !== own)
          if (own !== undefined) expect(others.filter((other) => meets(own, other))).toEqual([])
          else {
            for (const left of sidesOf(each, SIZES.pictureWidthPx)) {
              const met = others.filter((other) => meets({ ...each, left }, other))
              expect(met.some(({ weight }) => weight >= each.weight)).toBe(true)
            }
          }
        }
      }),
    )
  })
})

type Beginning = Pick<LabelSpot, 'y' | 'width'> & { readonly left: number }

/** Do two labels overlap, with the eight pixels that are left free beside them? */
function meets(a: Beginning, b: Beginning): boolean {
  return a.left < b.left + b.width + 8 && b.left < a.left + a.width + 8 && Math.abs(a.y - b.y) < HEIGHT
}
