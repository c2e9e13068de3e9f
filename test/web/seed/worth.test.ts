import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type WorthInput, worthOf } from '#seed/worth.ts'

const MIB = 1024 * 1024

const input: fc.Arbitrary<WorthInput> = fc.record({
  rankShare: fc.double({ min: 0, max: 1, noNaN: true }),
  bytes: fc.integer({ min: 1, max: 1024 * MIB }),
  parcelsAway: fc.option(fc.integer({ min: 0, max: 400 }), { nil: undefined }),
  daysSinceUse: fc.double({ min: 0, max: 365, noNaN: true }),
})

/** The rule step by step: halves are taken one by one, their fractions by roots. */
function slowWorth({ rankShare, bytes, parcelsAway = 0, daysSinceUse }: WorthInput): number {
  const halve = (value: number, times: number) => {
    let left = value
    for (let i = 0; i < Math.floor(times); i++) left /= 2
    return left / Math.exp((times - Math.floor(times)) * Math.LN2)
  }
  return halve(halve((rankShare + 1 / 1_000_000_000) / bytes, parcelsAway / 8), daysSinceUse / 7)
}

describe('[SE4] worth', () => {
  it('is (share of rank + 10⁻⁹) / bytes · 2^(−parcels / 8) · 2^(−days / 7)', () => {
    expect(worthOf({ rankShare: 0, bytes: 1, parcelsAway: 0, daysSinceUse: 0 })).toBe(1e-9)
    expect(worthOf({ rankShare: 0.5, bytes: 1_000, parcelsAway: 8, daysSinceUse: 7 })).toBeCloseTo(
      0.000125,
      9,
    )
    expect(worthOf({ rankShare: 0.5, bytes: 1_000, daysSinceUse: 0 })).toBeCloseTo(0.0005, 9)
  })

  it('does not grow by a clock that went back', () => {
    const now = { rankShare: 0.1, bytes: 1, daysSinceUse: 0 }
    expect(worthOf({ ...now, daysSinceUse: -30 })).toBe(worthOf(now))
  })

  it('orders contents as a slow model does', () => {
    fc.assert(
      fc.property(fc.array(input, { minLength: 2, maxLength: 20 }), (inputs) => {
        for (const one of inputs) {
          expect(worthOf(one) / slowWorth(one)).toBeCloseTo(1, 9)
        }
        const byWorth = [...inputs].sort((a, b) => worthOf(a) - worthOf(b)).map(slowWorth)
        for (const [at, worth] of byWorth.entries()) {
          expect(worth).toBeGreaterThanOrEqual((byWorth[at - 1] ?? 0) * (1 - 1e-9))
        }
      }),
    )
  })
})
