import { ByteWriter, utf8 } from '#core/bytes.ts'
import { objectInvalid } from './object-errors.ts'
import type { ObjectId } from './object-id.ts'

/** Writes CYFS's raw codec, big-endian. Integers are taken modulo their width: whoever calls has checked them. */
export class RawWriter extends ByteWriter {
  bool(value: boolean): this {
    return this.u8(value ? 1 : 0)
  }

  i64(value: bigint): this {
    return this.u64(BigInt.asUintN(64, value))
  }

  u128(value: bigint): this {
    return this.u64(BigInt.asUintN(64, value >> 64n)).u64(BigInt.asUintN(64, value))
  }

  /** A length or count in the fewest bytes: 1, 2, 4 or 8, told by the two high bits 00, 01, 11 or 10. */
  size(value: number): this {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw objectInvalid({ path: 'size', got: String(value), expected: 'a whole number from 0 to 2⁵³ − 1' })
    }
    if (value < 1 << 6) return this.u8(value)
    if (value < 1 << 14) return this.u16(0x4000 | value)
    if (value < 1 << 30) return this.u32((0xc000_0000 | value) >>> 0)
    return this.u64((1n << 63n) | BigInt(value))
  }

  sizedBytes(value: Uint8Array): this {
    return this.size(value.length).bytes(value)
  }

  /** UTF-8 behind its size. Lone surrogates, which have no UTF-8, are for the caller to refuse. */
  text(value: string): this {
    return this.sizedBytes(utf8(value))
  }

  /** UTF-8 behind a u16 length: up to 65,535 bytes. */
  text16(value: string): this {
    const bytes = utf8(value)
    if (bytes.length > 0xffff) {
      throw objectInvalid({ path: 'text', got: `${bytes.length} bytes`, expected: 'at most 65535' })
    }
    return this.u16(bytes.length).bytes(bytes)
  }

  objectId(value: ObjectId): this {
    return this.bytes(value)
  }
}
