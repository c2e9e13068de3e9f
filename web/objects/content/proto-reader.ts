import { BinaryReader, type WireType } from '@bufbuild/protobuf/wire'
import type { Bytes } from '#core/bytes.ts'
import type { AppError } from '#core/errors.ts'
import { type ObjectErrorCode, objectInvalid } from '../object-errors.ts'

/**
 * Reads one proto3 message and refuses numbers that are longer than they need to be, so that a message has one
 * encoding. Errors are OBJECT_INVALID with path and offset in the outermost bytes; paths are put together only then.
 */
export class ProtoReader {
  readonly #reader: BinaryReader
  readonly #path: () => string
  readonly #base: number
  #index: number | undefined

  constructor(bytes: Uint8Array, path: string | (() => string), base: number) {
    // the library's reader gives views, and slices of a Node.js Buffer would be views too
    this.#reader = new BinaryReader(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength))
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
      this.#assertShort('tag', start, this.#reader.pos - start, tag[0] * 8)
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

  /** A copy. */
  bytes(name: string): Bytes {
    return this.#view(name).slice() as Bytes
  }

  text(name: string): string {
    const start = this.#reader.pos
    try {
      return UTF8.decode(this.#view(name))
    } catch (cause) {
      throw this.#broken(name, start, cause)
    }
  }

  /** A reader of the message that follows, which stays part of this one. */
  message(name: string): ProtoReader {
    const bytes = this.#view(name)
    const index = this.#index
    return new ProtoReader(bytes, () => this.#pathOf(name, index), this.offset - bytes.length)
  }

  refusal(name: string, got: string, expected: string, back = 0, cause?: unknown): AppError<ObjectErrorCode> {
    const path = this.#pathOf(name, this.#index)
    return objectInvalid({ path, offset: this.offset - back, got, expected }, cause)
  }

  #view(name: string): Uint8Array {
    const start = this.#reader.pos
    try {
      const bytes = this.#reader.bytes()
      this.#assertShort(name, start, this.#reader.pos - start - bytes.length, bytes.length)
      return bytes
    } catch (cause) {
      throw this.#broken(name, start, cause)
    }
  }

  #pathOf(name: string, index: number | undefined): string {
    return `${this.#path()}.${name}${index === undefined ? '' : `[${index}]`}`
  }

  /** @throws when the varint of `length` bytes from `start` on has more of them than `value` needs */
  #assertShort(name: string, start: number, length: number, value: number | bigint): void {
    if (length === 1 || BigInt(value) >> BigInt(7 * (length - 1)) !== 0n) return
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
