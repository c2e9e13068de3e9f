import { describe, expect, it } from 'vitest'
import { circuitLeftOf, toCircuitLimit } from '#peer/circuit-limits.ts'

const open = (limits?: { bytes?: bigint; seconds?: number }) => ({
  status: 'open' as const,
  ...(limits === undefined ? {} : { limits }),
})

describe('what circuits may carry', () => {
  it('is told by a reservation in bytes and ms; 0 is no limit', () => {
    expect(toCircuitLimit({ bytes: 1024n, seconds: 60 })).toEqual({ bytes: 1024, ms: 60_000 })
    expect(toCircuitLimit({ bytes: 0n, seconds: 60 })).toEqual({ ms: 60_000 })
    expect(toCircuitLimit({ bytes: 0n })).toBeUndefined()
    expect(toCircuitLimit({})).toBeUndefined()
  })

  it('is what is left to the circuit that may carry the most', () => {
    expect(circuitLeftOf([open({ bytes: 5n, seconds: 9 }), open({ bytes: 50n, seconds: 3 })])).toEqual({
      bytes: 50,
      ms: 3_000,
    })
    expect(circuitLeftOf([open({ bytes: 50n, seconds: -1 }), open({ bytes: 5n, seconds: 9 })])).toEqual({
      bytes: 5,
      ms: 9_000,
    })
    expect(circuitLeftOf([open({ bytes: 0n })])).toEqual({ bytes: 0 })
  })

  it('is not bounded where one circuit is not, or none is open', () => {
    expect(circuitLeftOf([open({ bytes: 5n }), open()])).toBeUndefined()
    expect(circuitLeftOf([{ status: 'closed', limits: { bytes: 5n } }])).toBeUndefined()
  })
})
