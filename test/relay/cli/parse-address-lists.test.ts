import { describe, expect, it } from 'vitest'
import { isAppError } from '#core/errors.ts'
import { parseAddressLists } from '#relay/cli/parse-address-lists.ts'

const ONE = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
const OTHER = '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359'

function refusalOf(...lists: readonly string[]): string {
  try {
    parseAddressLists('--readers', lists)
  } catch (error) {
    if (isAppError(error, 'ADDRESS_INVALID')) return error.message
    throw error
  }
  throw new Error('they were taken')
}

describe('addresses of an option', () => {
  it('are taken of all its lists, with spaces around them', () => {
    expect(parseAddressLists('--readers', [`${ONE}, ${OTHER}`, ONE])).toEqual([ONE, OTHER, ONE])
  })

  it('are refused all at once, each by its place and reason', () => {
    const miswritten = ONE.replace('aAeb', 'aaeb')
    expect(refusalOf(`0x12,${ONE}`, `${miswritten},`)).toMatchInlineSnapshot(`
      "--readers: 3 of 4 cannot be used. Nothing was read or stored.
        1. "0x12" is not the address of a wallet: expected 0x and 40 hexadecimal digits.
        3. "0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed" is not the address of a wallet: a character of it was mistaken.
        4. There is nothing between two commas, or before or behind one."
    `)
  })

  it('are told of up to a screen of them, in one line each', () => {
    const lines = refusalOf(Array.from({ length: 500 }, () => '\u001b[2J\nx').join()).split('\n')
    expect(lines.length).toBe(22)
    expect(lines.at(-1)).toBe('  … and 480 more')
    expect(lines.join('')).not.toMatch(/\p{Cc}/u)
  })
})
