import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ByteReader,
  ByteWriter,
  collectBytes,
  compareBytes,
  concat,
  equalBytes,
  fromHex,
  toHex,
  utf8,
} from '#core/bytes.ts'

describe('bytes', () => {
  it('round-trips hexadecimal and refuses what is none', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => equalBytes(fromHex(toHex(bytes)), bytes)))
    expect(fromHex('0xFf')).toEqual(new Uint8Array([255]))
    for (const bad of ['f', 'zz', '0x0']) expect(() => fromHex(bad)).toThrow(/hexadecimal/)
  })

  it('orders bytes as numbers do, prefixes first', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Math.sign(Buffer.compare(a, b)))
        expect(compareBytes(a, b) === 0).toBe(equalBytes(a, b))
      }),
    )
  })

  it('writes and reads every field, growing as needed', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 600 }),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        (bytes, big) => {
          const out = new ByteWriter(1)
            .u8(7)
            .u16(65_535)
            .u32(4_000_000_000)
            .i32(-5)
            .u64(big)
            .bytes(bytes)
            .finish()
          const reader = new ByteReader(out)
          expect([
            reader.u8('a'),
            reader.u16('b'),
            reader.u32('c'),
            reader.i32('d'),
            reader.u64('e'),
          ]).toEqual([7, 65_535, 4_000_000_000, -5, big])
          expect(reader.bytes(bytes.length, 'f')).toEqual(new Uint8Array(bytes))
          expect(reader.remaining).toBe(0)
          reader.end('message')
        },
      ),
    )
  })

  it('names the field, the offset and what was there when bytes are missing or left over', () => {
    const reader = new ByteReader(new Uint8Array(6))
    reader.u32('size')
    expect(() => reader.u32('count')).toThrow('count: expected 4 bytes at offset 4, got 2.')
    expect(() => reader.end('batch')).toThrow('batch: expected the end at offset 4, got 2 more bytes.')
    expect(reader.offset).toBe(4)
  })

  it('reads a view into a larger buffer and returns copies', () => {
    const whole = new Uint8Array([0, 1, 2, 3])
    const taken = new ByteReader(whole.subarray(1, 3)).bytes(2, 'x')
    whole.fill(9)
    expect(taken).toEqual(new Uint8Array([1, 2]))
  })

  it('collects pieces in order', async () => {
    expect(await collectBytes([utf8('a'), new Uint8Array(), utf8('b')])).toEqual(concat(utf8('ab')))
  })
})
