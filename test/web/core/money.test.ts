import { describe, expect, it } from 'vitest'
import { formatCybr, parseAmount } from '#core/money.ts'

const CYBR = 10n ** 18n

describe('amounts of money', () => {
  it.each(['1,250', '0,25', '1,250.5'])('"%s" is not guessed at: its comma could be either', (text) => {
    expect(() => parseAmount(text)).toThrow(
      expect.objectContaining({ code: 'AMOUNT_INVALID', message: expect.stringContaining('has a comma') }),
    )
  })

  it.each([
    [0n, '0'],
    [CYBR, '1'],
    [1_250n * CYBR + CYBR / 2n, '1,250.5'],
    [CYBR / 3n, '0.3333'],
    [10n ** 9n * CYBR, '1,000,000,000'],
    [1n, '<0.0001'],
    [-2n * CYBR, '−2'],
  ])('%s wei is shown as %s', (wei, text) => {
    expect(formatCybr(wei)).toBe(text)
  })

  it('are shown to the last digit before anything is signed', () => {
    expect(formatCybr(CYBR + 1n, 18)).toBe('1.000000000000000001')
  })

  it.each([
    ['1', CYBR],
    [' 12.5 ', (25n * CYBR) / 2n],
    ['0.25', CYBR / 4n],
    ['1250.5', (2_501n * CYBR) / 2n],
    ['0.000000000000000001', 1n],
  ])('"%s" is read exactly', (text, wei) => {
    expect(parseAmount(text)).toBe(wei)
  })

  it.each(['', '0', '0.0', '-1', '1e3', '1.2.3', 'ten', '0x10'])('"%s" is no amount', (text) => {
    expect(() => parseAmount(text)).toThrow(expect.objectContaining({ code: 'AMOUNT_INVALID' }))
  })

  it.each([
    ['AMOUNT_DECIMALS', '1.0000000000000000001'],
    ['AMOUNT_TOO_LARGE', '1234567890123'],
    ['AMOUNT_TOO_LARGE', `1${'0'.repeat(30)}`],
  ])('%s is said of "%s"', (code, text) => {
    expect(() => parseAmount(text)).toThrow(expect.objectContaining({ code }))
  })
})
