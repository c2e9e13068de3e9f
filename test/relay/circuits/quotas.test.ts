import { describe, expect, it } from 'vitest'
import { createQuotas } from '#relay/circuits/quotas.ts'

describe('[RE3] quotas of bytes', () => {
  it('says whose bytes are used up, until the period ends', () => {
    let time = 0
    const quotas = createQuotas({
      bytes: { peer: 100, address: 150, total: 200 },
      periodMs: 1_000,
      now: () => time,
    })
    quotas.spend('ann', 'home', 99)
    expect(quotas.usedUp('ann', 'home')).toBeUndefined()
    quotas.spend('ann', 'home', 1)
    expect(quotas.usedUp('ann', 'home')).toBe('peer')
    expect(quotas.usedUp('ben', 'home')).toBeUndefined()
    quotas.spend('ben', 'home', 50)
    expect(quotas.usedUp('ben', 'home')).toBe('address')
    expect(quotas.usedUp('cem', 'away')).toBeUndefined()
    time = 500
    quotas.spend('cem', 'away', 50)
    expect(quotas.usedUp('dan', 'elsewhere')).toBe('all')
    time = 1_000
    expect(quotas.usedUp('ann', 'home')).toBeUndefined()
    quotas.spend('cem', 'away', 51)
    expect(quotas.usedUp('cem', 'away')).toBe('peer')
  })

  it('remembers a bounded number of peers', () => {
    const quotas = createQuotas({
      bytes: { peer: 10, address: 1e9, total: 1e9 },
      periodMs: 1_000,
      now: () => 0,
    })
    quotas.spend('first', 'a', 10)
    for (let i = 0; i < 20_000; i++) quotas.spend(`peer ${i}`, 'a', 1)
    expect(quotas.usedUp('first', 'a')).toBeUndefined()
  })
})
