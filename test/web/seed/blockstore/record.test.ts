import { describe, expect, it } from 'vitest'
import { utf8 } from '#core/bytes.ts'
import {
  decodeIds,
  decodeRecordHeader,
  encodeIds,
  encodeRecordHeader,
  isWhole,
  markerOf,
  RECORD_KINDS,
} from '#seed/blockstore/record.ts'

const marker = markerOf('0123456789abcdef')
const fields = { kind: RECORD_KINDS.tombstone, key: 'some key', id: 2 ** 48 - 3 }
const data = utf8('some data')

describe('record header', () => {
  const header = encodeRecordHeader(marker, fields, data)

  it('reads back as it was written', async () => {
    const decoded = decodeRecordHeader(marker, header)
    expect(decoded).toMatchObject({ ...fields, dataBytes: data.length })
    expect(decoded !== undefined && (await isWhole(decoded, data))).toBe(true)
    expect(decoded !== undefined && (await isWhole(decoded, utf8('some date')))).toBe(false)
  })

  it('is refused with any bit flipped, cut at any byte, or of another segment', () => {
    for (let bit = 0; bit < header.length * 8; bit++) {
      const damaged = header.slice()
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(decodeRecordHeader(marker, damaged)).toBeUndefined()
    }
    for (let length = 0; length < header.length; length++) {
      expect(decodeRecordHeader(marker, header.subarray(0, length))).toBeUndefined()
    }
    expect(decodeRecordHeader(markerOf('fedcba9876543210'), header)).toBeUndefined()
  })

  it('keeps ids of 48 bits', () => {
    const ids = [0, 1, 2 ** 32, 2 ** 48 - 1]
    expect(decodeIds(encodeIds(ids))).toEqual(ids)
  })
})
