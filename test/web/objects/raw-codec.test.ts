import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '#core/bytes.ts'
import { RawReader } from '#objects/raw-reader.ts'
import { RawWriter } from '#objects/raw-writer.ts'

const reader = (hex: string) => new RawReader(fromHex(hex), 'object')

describe('raw codec', () => {
  it.each([
    [0, '00'],
    [63, '3f'],
    [64, '4040'],
    [16_383, '7fff'],
    [16_384, 'c0004000'],
    [2 ** 30 - 1, 'ffffffff'],
    [2 ** 30, '8000000040000000'],
    [Number.MAX_SAFE_INTEGER, '801fffffffffffff'],
  ])('[OB7] writes the size %i as %s and reads it back', (value, hex) => {
    expect(toHex(new RawWriter().size(value).finish())).toBe(hex)
    expect(reader(hex).size('length')).toBe(value)
  })

  it.each(['403f', 'c0003fff', '800000003fffffff', '8020000000000000'])(
    '[OB5] refuses the size %s',
    (hex) => {
      expect(() => reader(hex).size('length')).toThrow(
        expect.objectContaining({
          code: 'OBJECT_INVALID',
          details: expect.objectContaining({ path: 'object.length', offset: 0 }),
        }),
      )
    },
  )

  it('reads back every value that it writes', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        fc.boolean(),
        fc.uint8Array({ maxLength: 100 }),
        fc.string({ unit: 'grapheme' }),
        (wide, signed, flag, bytes, text) => {
          const written = new RawWriter()
            .u128(wide)
            .i64(signed)
            .bool(flag)
            .sizedBytes(bytes)
            .text(text)
            .text16(text)
            .finish()
          const back = new RawReader(written, 'object')
          expect(back.u128('wide')).toBe(wide)
          expect(back.i64('signed')).toBe(signed)
          expect(back.bool('flag')).toBe(flag)
          expect(back.sizedBytes('bytes')).toEqual(new Uint8Array(bytes))
          expect(back.text('text')).toBe(text)
          expect(back.text16('text16')).toBe(text)
          back.end()
        },
      ),
    )
  })

  it('names the field, its offset, what it got and what it expected', () => {
    const whole = reader('0102030405')
    whole.u8('first')
    expect(() => whole.within('desc', () => whole.u64('created'))).toThrowErrorMatchingInlineSnapshot(
      `[AppError: The object is not valid: object.desc.created at offset 1: expected 8 bytes, got 4 bytes. It was not used.]`,
    )
    const part = whole.part(3, 'content')
    part.u8('a')
    expect(() => part.u32('b')).toThrowErrorMatchingInlineSnapshot(
      `[AppError: The object is not valid: object.content.b at offset 2: expected 4 bytes, got 2 bytes. It was not used.]`,
    )
    expect(() => whole.end()).toThrow('object.end at offset 4: expected the end, got 1 more bytes')
  })

  it.each([
    ['a truth value that is neither 0 nor 1', (r: RawReader) => r.bool('x'), '02'],
    ['text that is no UTF-8', (r: RawReader) => r.text('x'), '02c328'],
    ['bytes that end too soon', (r: RawReader) => r.sizedBytes('x'), 'ffffffff00'],
    [
      'more entries than can follow',
      (r: RawReader) => r.count('x', { minBytes: 32, max: 1_000 }),
      `02${'00'.repeat(63)}`,
    ],
    ['more entries than are allowed', (r: RawReader) => r.count('x', { minBytes: 1, max: 1 }), '020000'],
  ])('refuses %s', (_, read, hex) => {
    expect(() => read(reader(hex))).toThrow(expect.objectContaining({ code: 'OBJECT_INVALID' }))
  })

  it.each([-1, 1.5, Number.NaN, 2 ** 53])('writes no size %d', (value) => {
    expect(() => new RawWriter().size(value)).toThrow(expect.objectContaining({ code: 'OBJECT_INVALID' }))
  })
})
