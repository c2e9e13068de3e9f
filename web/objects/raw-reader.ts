import { type Bytes, toHex } from '#core/bytes.ts'
import type { AppError } from '#core/errors.ts'
import { type ObjectErrorCode, objectInvalid } from './object-errors.ts'
import { OBJECT_ID_BYTES, type ObjectId } from './object-id.ts'

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const HIGH_BITS = 0xc0
/** Sizes beyond are refused before they become a number that a double cannot hold. */
const MAX_SIZE = BigInt(Number.MAX_SAFE_INTEGER)

/**
 * Reads CYFS's raw codec, big-endian, and refuses what a writer would have written otherwise. Each refusal is
 * OBJECT_INVALID with the field's path and its offset in the outermost bytes. Nothing is allocated for a length or
 * count before the bytes for it are known to be there.
 */
export class RawReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #base: number
  readonly #path: string[]
  #at = 0
  #index: number | undefined

  /** `path` names the whole, as `object` or `desc`; `base` is the offset of `bytes` in what errors count from. */
  constructor(bytes: Uint8Array, path: string | readonly string[], base = 0) {
    // a view: slices of a Node.js Buffer would not be copies
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#base = base
    this.#path = typeof path === 'string' ? [path] : [...path]
  }

  /** Bytes read so far, counted from the start of the outermost bytes. */
  get offset(): number {
    return this.#base + this.#at
  }

  get remaining(): number {
    return this.#bytes.length - this.#at
  }

  /** Runs `read` with `name` added to the path of its errors. */
  within<T>(name: string, read: () => T): T {
    this.#path.push(this.#named(name))
    this.#index = undefined
    try {
      return read()
    } finally {
      this.#path.pop()
    }
  }

  /** The next value is this one of a list; undefined: of none. */
  set index(index: number | undefined) {
    this.#index = index
  }

  u8(field: string): number {
    return this.#view.getUint8(this.#take(1, field))
  }

  u16(field: string): number {
    return this.#view.getUint16(this.#take(2, field))
  }

  u32(field: string): number {
    return this.#view.getUint32(this.#take(4, field))
  }

  i32(field: string): number {
    return this.#view.getInt32(this.#take(4, field))
  }

  u64(field: string): bigint {
    return this.#view.getBigUint64(this.#take(8, field))
  }

  i64(field: string): bigint {
    return this.#view.getBigInt64(this.#take(8, field))
  }

  u128(field: string): bigint {
    const at = this.#take(16, field)
    return (this.#view.getBigUint64(at) << 64n) | this.#view.getBigUint64(at + 8)
  }

  /** One byte, 0 or 1: CYFS reads any other as true, which would give one value two encodings. */
  bool(field: string): boolean {
    const value = this.u8(field)
    if (value <= 1) return value === 1
    throw this.refusal(field, String(value), '0 or 1', 1)
  }

  /** A size of the raw codec: two high bits 00, 01, 11 or 10 say 1, 2, 4 or 8 bytes. Longer ones than needed are refused. */
  size(field: string): number {
    const start = this.#at
    const first = this.u8(field)
    this.#at = start
    let value: bigint
    let below: bigint
    switch (first & HIGH_BITS) {
      case 0x00:
        this.#at++
        return first
      case 0x40:
        value = BigInt(this.u16(field) & 0x3fff)
        below = 1n << 6n
        break
      case 0xc0:
        value = BigInt(this.u32(field)) & 0x3fff_ffffn
        below = 1n << 14n
        break
      default:
        value = this.u64(field) & ((1n << 62n) - 1n)
        below = 1n << 30n
    }
    const length = this.#at - start
    if (value < below) throw this.refusal(field, `${value} in ${length} bytes`, 'the shortest size', length)
    if (value > MAX_SIZE) throw this.refusal(field, String(value), `a size up to ${MAX_SIZE}`, length)
    return Number(value)
  }

  /** A number of entries that take `minBytes` each at least: as many as can still follow, and `max` at most. */
  count(field: string, { minBytes, max }: { readonly minBytes: number; readonly max: number }): number {
    const start = this.#at
    const value = this.size(field)
    const room = Math.min(max, Math.floor(this.remaining / Math.max(1, minBytes)))
    if (value <= room) return value
    throw this.refusal(field, `${value} entries`, `at most ${room}`, this.#at - start)
  }

  /** A copy of the next `length` bytes. */
  bytes(length: number, field: string): Bytes {
    const at = this.#take(length, field)
    return this.#bytes.slice(at, at + length) as Bytes
  }

  /** A copy of as many bytes as a size before them says. */
  sizedBytes(field: string): Bytes {
    return this.bytes(this.size(field), field)
  }

  /** UTF-8 text behind its size. */
  text(field: string): string {
    return this.#text(this.size(field), field)
  }

  /** UTF-8 text behind a u16 length, as CYFS writes its older strings. */
  text16(field: string): string {
    return this.#text(this.u16(field), field)
  }

  objectId(field: string): ObjectId {
    return this.bytes(OBJECT_ID_BYTES, field) as ObjectId
  }

  /** A reader of the next `length` bytes alone; its errors keep this path and count from the same start. */
  part(length: number, field: string): RawReader {
    const at = this.#take(length, field)
    return new RawReader(
      this.#bytes.subarray(at, at + length),
      [...this.#path, this.#named(field)],
      this.#base + at,
    )
  }

  /** The bytes between two offsets (see `offset`) as a copy: what was hashed or signed. */
  slice(start: number, end: number): Bytes {
    return this.#bytes.slice(start - this.#base, end - this.#base) as Bytes
  }

  /** @throws OBJECT_INVALID when bytes are left over: a canonical encoding has none */
  end(): void {
    if (this.remaining > 0) throw this.refusal('end', `${this.remaining} more bytes`, 'the end')
  }

  /** An error about `field`, which began `back` bytes before here. */
  refusal(
    field: string,
    got: string,
    expected: string,
    back = 0,
    cause?: unknown,
  ): AppError<ObjectErrorCode> {
    return objectInvalid({ path: this.pathOf(field), offset: this.offset - back, got, expected }, cause)
  }

  /** Names of `field` and of what it is in, from the outside in. */
  pathOf(field: string): string {
    return [...this.#path, this.#named(field)].join('.')
  }

  #named(field: string): string {
    return this.#index === undefined ? field : `${field}[${this.#index}]`
  }

  #text(length: number, field: string): string {
    const at = this.#take(length, field)
    const bytes = this.#bytes.subarray(at, at + length)
    try {
      return UTF8.decode(bytes)
    } catch (cause) {
      throw this.refusal(field, toHex(bytes.subarray(0, 16)), 'UTF-8', length, cause)
    }
  }

  #take(length: number, field: string): number {
    if (length > this.remaining) {
      throw this.refusal(field, `${this.remaining} bytes`, `${length} bytes`)
    }
    const at = this.#at
    this.#at += length
    return at
  }
}
