import { describe, expect, it } from 'vitest'
import { requireAddress, requireCell } from '#api/require-cell.ts'
import { requireContent, requireMode, requireText } from '#api/typed-input.ts'

const OWNER = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'

describe('what is typed into the console', () => {
  it('is taken as it is where it is right', () => {
    const bytes = new Uint8Array(3)
    expect(requireText('moon', 'search')).toBe('moon')
    expect(requireContent(bytes)).toBe(bytes)
    expect(requireContent('')).toBe('')
    expect(requireCell(-32, 6)).toEqual([-32, 6])
    expect(requireAddress(OWNER.toLowerCase())).toBe(OWNER)
    expect(requireMode('direct')).toBe('direct')
  })

  it.each([
    [() => requireText(undefined, 'search'), 'TEXT_EXPECTED', 'search takes a text or a CID, got nothing.'],
    [() => requireText('', 'search'), 'TEXT_EXPECTED', 'search takes a text or a CID, got nothing.'],
    [() => requireText(7, 'search'), 'TEXT_EXPECTED', 'search takes a text or a CID, got number 7.'],
    [
      () => requireContent(undefined),
      'CONTENT_EXPECTED',
      'add takes a text, a Blob or a Uint8Array, got nothing.',
    ],
    [
      () => requireCell('a', 'b'),
      'CELL_EXPECTED',
      'A plot is named by the two whole numbers of its cell, such as 32, 6; got string a and string b.',
    ],
    [
      () => requireCell(1.5, undefined),
      'CELL_EXPECTED',
      'A plot is named by the two whole numbers of its cell, such as 32, 6; got number 1.5 and nothing.',
    ],
    [
      () => requireAddress('0xzz'),
      'ADDRESS_INVALID',
      '"0xzz" is not the address of a wallet: expected 0x and 40 hexadecimal digits.',
    ],
    [() => requireMode('x'), 'MODE_UNKNOWN', "setMode takes 'direct' or 'relayed' (private), got x."],
  ])('is refused by a sentence that says what to give: %s', (call, code, message) => {
    expect(call).toThrow(expect.objectContaining({ code, message }))
  })
})
