import { describe, expect, it } from 'vitest'
import { FAKE_ME } from '#test/fakes/fake-facts.ts'
import { isWalletAddress, readAmount, roomierQuota, showAmount } from '#ui/seed-settings.ts'

const GB = { scale: 1e9 }
const CAP = { scale: 1e6, optional: true }
const COUNT = { scale: 1, whole: true }

describe('an amount that is typed', () => {
  it.each([
    ['10', GB, 10e9],
    [' 1,5 ', GB, 1.5e9],
    ['.5', CAP, 500_000],
    ['2.', CAP, 2_000_000],
    ['', CAP, undefined],
    ['0', GB, 0],
    ['3', COUNT, 3],
  ])('%j is read in its unit', (typed, rule, amount) => {
    expect(readAmount(typed, rule)).toBe(amount)
  })

  it.each([
    ['', GB, 'missing'],
    ['ten', GB, 'number'],
    ['-1', GB, 'number'],
    ['1e9', GB, 'number'],
    ['1.2.3', GB, 'number'],
    ['9'.repeat(17), GB, 'number'],
    ['2.5', COUNT, 'whole'],
    ['0', CAP, 'zero'],
    ['0.0000001', CAP, 'zero'],
  ])('%j is refused', (typed, rule, mistake) => {
    expect(readAmount(typed, rule)).toBe(mistake)
  })

  it('is shown as it would be typed', () => {
    expect(showAmount(10 * 1024 ** 3, GB)).toBe('10.737')
    expect(showAmount(undefined, CAP)).toBe('')
    expect(showAmount(3, COUNT)).toBe('3')
  })
})

describe('the quota that pins need', () => {
  it('has a tenth more, in whole GB, within what the browser grants', () => {
    expect(roomierQuota(2.1e9, undefined)).toBe(3e9)
    expect(roomierQuota(2.1e9, 4e9)).toBe(3e9)
    expect(roomierQuota(2.1e9, 3.7e9)).toBeUndefined()
  })
})

describe('the address of a friend', () => {
  it('is 0x and 40 digits', () => {
    expect(isWalletAddress(FAKE_ME)).toBe(true)
    expect(isWalletAddress(FAKE_ME.slice(0, -1))).toBe(false)
    expect(isWalletAddress(`${FAKE_ME.slice(0, -1)}g`)).toBe(false)
  })
})
