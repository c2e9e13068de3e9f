import { expect, it } from 'vitest'
import { readTerms } from '#ui/components/price-form.tsx'
import { formatMoment, formatTerms, formatTermsTime, formatUntil } from '#ui/terms.ts'

const CYBR = 10n ** 18n

it('[CH7] terms are told in the largest unit that divides them', () => {
  expect([0, 1, 90, 3_600, 86_400, 2_592_000, 86_401].map(formatTermsTime)).toEqual([
    'for ever',
    '1 second',
    '90 seconds',
    '1 hour',
    '1 day',
    '30 days',
    '86,401 seconds',
  ])
  expect(formatTerms(5n * CYBR, 2_592_000)).toBe('5 CYBR, 30 days')
  expect(formatTerms(0n, 2_592_000)).toBe('free')
  expect(formatUntil(Number.POSITIVE_INFINITY)).toBe('for ever')
  expect(formatUntil(Date.UTC(2026, 10, 27, 12))).toMatch(/^until .*2026/)
  expect(formatMoment(Date.UTC(2026, 10, 27, 12))).toMatch(/^Nov 2\d, 2026, /)
})

it('[CH7] terms are taken as they are typed, and nothing is guessed', () => {
  expect(readTerms('2.5', '30')).toEqual({ priceWei: 25n * 10n ** 17n, durationSeconds: 2_592_000 })
  expect(readTerms(' 0 ', '0')).toEqual({ priceWei: 0n, durationSeconds: 0 })
  expect(readTerms('0.00', '7')).toEqual({ priceWei: 0n, durationSeconds: 604_800 })
  for (const [price, days] of [
    ['', '30'],
    ['1,5', '30'],
    ['-1', '30'],
    ['1', ''],
    ['1', '1.5'],
    ['1', '-1'],
    ['1', '36501'],
    ['1', 'x'],
  ] as const)
    expect(readTerms(price, days), `${price} ${days}`).toBeUndefined()
})
