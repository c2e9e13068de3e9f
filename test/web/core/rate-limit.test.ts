import { describe, expect, it } from 'vitest'
import { createRateLimit } from '#core/rate-limit.ts'

describe('createRateLimit', () => {
  it('lets the burst through, then the rate', () => {
    let time = 0
    const limit = createRateLimit({ perSecond: 2, burst: 3, maxKeys: 10, now: () => time })
    const takeAll = () => {
      let taken = 0
      while (limit.take('a')) taken++
      return taken
    }
    expect(takeAll()).toBe(3)
    time = 499
    expect(takeAll()).toBe(0)
    time = 1_000
    expect(takeAll()).toBe(2)
    time = 1_000_000
    expect(takeAll()).toBe(3)
    time = 0 // set back
    expect(takeAll()).toBe(0)
  })

  it('tells what it would let through, and takes nothing for that', () => {
    const limit = createRateLimit({ perSecond: 0, burst: 2, maxKeys: 1, now: () => 0 })
    expect([limit.allows('a', 3), limit.allows('a', 2), limit.take('a', 2), limit.allows('a')]).toEqual([
      false,
      true,
      true,
      false,
    ])
  })

  it('takes several at once, or none of them', () => {
    const limit = createRateLimit({ perSecond: 0, burst: 5, maxKeys: 1, now: () => 0 })
    expect([limit.take('a', 3), limit.take('a', 3), limit.take('a', 2), limit.take('a')]).toEqual([
      true,
      false,
      true,
      false,
    ])
  })

  it('counts each key for itself and remembers a bounded number', () => {
    const limit = createRateLimit({ perSecond: 0, burst: 1, maxKeys: 2, now: () => 0 })
    expect([limit.take('a'), limit.take('a'), limit.take('b'), limit.take('b')]).toEqual([
      true,
      false,
      true,
      false,
    ])
    expect(limit.take('c')).toBe(true)
    // a was forgotten for c, b was not.
    expect([limit.take('b'), limit.take('a')]).toEqual([false, true])
  })
})
