import { BinaryReader, type WireType } from '@bufbuild/protobuf/wire'
import type { Bytes } from '#core/bytes.ts'
import type { AppError } from '#core/errors.ts'
import { type ObjectErrorCode, objectInvalid } from '../object-errors.ts'

/**
 * Reads one proto3 message and refuses numbers that are longer than they need to be, so that a message has one
 * encoding. Errors are OBJECT_INVALID with path and offset in the outermost bytes; paths are put together only then.
 */
export class ProtoReader {
  readonly #bytes: Uint8Array
  readonly #reader: BinaryReader
  readonly #path: () => string
  readonly #base: number
  #index: number | undefined
  #length = 0

  constructor(bytes: Uint8Array, path: string | (() => string), base: number) {
    // slices of a Node.js Buffer would be views
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#reader = new BinaryReader(bytes)
    this.#path = typeof path === 'string' ? () => path : path
    this.#base = base
  }

  get offset(): number {
    return this.#base + this.#reader.pos
  }

  get done(): boolean {
    return this.#reader.pos >= this.#reader.len
  }

  /** The next value is this one of a list; undefined: of none. */
  set index(index: number | undefined) {
    this.#index = index
  }

  tag(): readonly [number: number, wire: WireType] {
    const start = this.#reader.pos
    try {
      const tag = this.#reader.tag()
      this.#assertShort('tag', start, this.#reader.pos - start, tag[0] * 8 + tag[1])
      return tag
    } catch (cause) {
      throw this.#broken('tag', start, cause)
    }
  }

  /** Up to 2⁵³. */
  uint(name: string): number {
    const value = this.uint64(name)
    return value <= MAX_NUMBER ? Number(value) : Number.MAX_SAFE_INTEGER
  }

  uint64(name: string): bigint {
    const start = this.#reader.pos
    try {
      const value = BigInt(this.#reader.uint64())
      this.#assertShort(name, start, this.#reader.pos - start, value)
      return value
    } catch (cause) {
      throw this.#broken(name, start, cause)
    }
  }

  int64(name: string): bigint {
    const start = this.#reader.pos
    try {
      const value = BigInt(this.#reader.int64())
      this.#assertShort(name, start, this.#reader.pos - start, BigInt.asUintN(64, value))
      return value
    } catch (cause) {
      throw this.#broken(name, start, cause)
    }
  }

  /** A copy. The library's own are views, which would keep the whole message alive. */
  bytes(name: string): Bytes {
    const end = this.#skip(name)
    return this.#bytes.slice(end - this.#length, end) as Bytes
  }

  text(name: string): string {
    const start = this.#reader.pos
    try {
      const end = this.#skip(name)
      return UTF8.decode(this.#bytes.subarray(end - this.#length, end))
    } catch (cause) {
      throw this.#broken(name, start, cause)
    }
  }

  /** A reader of the message that follows, which stays part of this one. */
  message(name: string): ProtoReader {
    const end = this.#skip(name)
    const start = end - this.#length
    const index = this.#index
    const path = () => this.#pathOf(name, index)
    return new ProtoReader(this.#bytes.subarray(start, end), path, this.#base + start)
  }

  refusal(name: string, got: string, expected: string, back = 0, cause?: unknown): AppError<ObjectErrorCode> {
    const path = this.#pathOf(name, this.#index)
    return objectInvalid({ path, offset: this.offset - back, got, expected }, cause)
  }

  /** Goes over a length and as many bytes. @returns where they end; #length says how many they are */
  #skip(name: string): number {
    const start = this.#reader.pos
    try {
      const length = this.#reader.uint32()
      const at = this.#reader.pos
      this.#assertShort(name, start, at - start, length)
      if (length > this.#reader.len - at) {
        throw this.refusal(name, `${this.#reader.len - at} bytes`, `${length} bytes`, at - start)
      }
      this.#length = length
      this.#reader.pos = at + length
      return at + length
    } catch (cause) {
      throw this.#broken(name, start, cause)
    }
  }

  #pathOf(name: string, index: number | undefined): string {
    return `${this.#path()}.${name}${index === undefined ? '' : `[${index}]`}`
  }

  /** @throws when the varint of `length` bytes from `start` on has more bytes or bits than `value` needs */
  #assertShort(name: string, start: number, length: number, value: number | bigint): void {
    if (length === 1) return
    const rest = BigInt(value) >> BigInt(7 * (length - 1))
    // the library's reader drops bits beyond 32 or 64
    if (rest !== 0n && rest === BigInt(this.#bytes[start + length - 1]!)) return
    const back = this.#reader.pos - start
    throw this.refusal(name, `${value} in ${length} bytes`, 'the shortest number', back)
  }

  #broken(name: string, start: number, cause: unknown): unknown {
    if ((cause as { name?: unknown }).name === 'AppError') return cause
    const back = this.#reader.pos - start
    return this.refusal(name, (cause as Error).message, 'valid proto3', back, cause)
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const MAX_NUMBER = BigInt(Number.MAX_SAFE_INTEGER)
