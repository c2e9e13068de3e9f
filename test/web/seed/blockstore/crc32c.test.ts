import { describe, expect, it } from 'vitest'
import { utf8 } from '#core/bytes.ts'
import { crc32c } from '#seed/blockstore/crc32c.ts'

// RFC 3720 appendix B.4
const VECTORS: readonly (readonly [string, Uint8Array, number])[] = [
  ['32 bytes of zeroes', new Uint8Array(32), 0x8a9136aa],
  ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['32 bytes ascending', Uint8Array.from({ length: 32 }, (_, at) => at), 0x46dd794e],
  ['32 bytes descending', Uint8Array.from({ length: 32 }, (_, at) => 31 - at), 0x113fdb5c],
  ['the digits', utf8('123456789'), 0xe3069283],
  ['nothing', new Uint8Array(0), 0],
]

describe('crc32c', () => {
  it.each(VECTORS)('of %s', (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected)
  })

  it('is the same at every split', () => {
    const bytes = Uint8Array.from({ length: 40 }, (_, at) => (at * 37) & 255)
    for (let at = 0; at <= bytes.length; at++) {
      expect(crc32c(bytes.subarray(at), crc32c(bytes.subarray(0, at)))).toBe(crc32c(bytes))
    }
  })
})
