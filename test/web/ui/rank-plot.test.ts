import { describe, expect, it } from 'vitest'
import { FAKE_RANK } from '#test/fakes/fake-facts.ts'
import { edgesPerSecond, formatPower, formatRate, PLOT, plotConvergence } from '#ui/rank-plot.ts'

describe('the plot of convergence', () => {
  it('[KG10] falls by iteration on a logarithmic scale, and shows where it ends', () => {
    const convergence = [
      { iteration: 8, delta: 1e-2 },
      { iteration: 16, delta: 1e-6 },
      { iteration: 24, delta: 0 },
    ]
    const { points, grid, stopY, lastIteration, line } = plotConvergence(convergence)
    const [first, second, last] = points
    expect(points.map(({ x }) => x)).toEqual([130.7, 221.3, 312])
    expect(first!.y).toBeLessThan(second!.y)
    expect(last).toMatchObject({ x: PLOT.width - PLOT.right, y: PLOT.height - PLOT.bottom })
    expect(stopY).toBeGreaterThan(second!.y)
    expect(stopY).toBeLessThan(last!.y)
    expect(grid.map(({ exponent }) => exponent)).toEqual([-1, -3, -5, -7, -9, -11])
    expect([lastIteration, line.split(' ').length]).toEqual([24, 3])
  })

  it('draws one point, and none', () => {
    expect(plotConvergence([{ iteration: 8, delta: 0 }]).points).toHaveLength(1)
    expect(plotConvergence([])).toMatchObject({ points: [], line: '', lastIteration: 0 })
  })

  it('names powers and rates', () => {
    expect([-11, 0, 2].map(formatPower)).toEqual(['10⁻¹¹', '10⁰', '10²'])
    expect([312_345, 4_210_000, 48_213_000, 480_000_000].map(formatRate)).toEqual([
      '310,000/s',
      '4.2 million/s',
      '48 million/s',
      '480 million/s',
    ])
    expect(edgesPerSecond({ ...FAKE_RANK, links: 1_000, iterations: 40, iterateMs: 20 })).toBe(2_000_000)
    expect(edgesPerSecond({ ...FAKE_RANK, iterateMs: 0 })).toBeUndefined()
  })
})
