import { describe, expect, it } from 'vitest'
import { didYouMean, nearestName } from '#relay/nearest-name.ts'

const NAMES = [
  'port',
  'host',
  'network',
  'announce',
  'reservation-ttl',
  'reservations-per-address',
  'cid',
  'cat',
]

describe('the name that may be meant', () => {
  it.each([
    ['prot', 'port'],
    ['PORT', 'port'],
    ['ports', 'port'],
    ['netwrok', 'network'],
    ['anounce', 'announce'],
    ['reservationttl', 'reservation-ttl'],
    ['reservations', 'reservations-per-address'],
    ['net', 'network'],
    ['cit', 'cid'],
  ])('of %s is %s', (typed, name) => {
    expect(nearestName(typed, NAMES)).toBe(name)
  })

  it.each(['', '-', 'x', 'moon', 'reservation-', 'a'.repeat(10_000)])(
    'of %j is none, or one that is near',
    (typed) => {
      const near = nearestName(typed, NAMES)
      expect([undefined, 'reservation-ttl']).toContain(near)
    },
  )

  it('is asked for in words', () => {
    expect(didYouMean('prot', NAMES, (name) => `--${name}`)).toBe(' (did you mean --port?)')
    expect(didYouMean('moon', NAMES)).toBe('')
  })
})
