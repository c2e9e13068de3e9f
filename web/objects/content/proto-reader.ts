import { BinaryReader, type WireType } from '@bufbuild/protobuf/wire'
import type { Bytes } from '#core/bytes.ts'
import type { AppError } from '#core/errors.ts'
import { type ObjectErrorCode, objectInvalid } from '../object-errors.ts'

const MAX_U64 = (1n << 64n) - 1n

/** Reads one proto3 message; its errors are OBJECT_INVALID with path and offset in the outermost bytes. */
export class ProtoReader {
  readonly #reader: BinaryReader
  readonly #path: string
  readonly #base: number

  constructor(bytes: Uint8Array, path: string, base: number) {
    this.#reader = new BinaryReader(bytes)
    this.#path = path
    this.#base = base
  }

  get offset(): number {
    return this.#base + this.#reader.pos
  }

  get done(): boolean {
    return this.#reader.pos >= this.#reader.len
  }

  tag(): readonly [number: number, wire: WireType] {
    return this.#run('tag', () => this.#reader.tag())
  }

  uint(name: string): bigint {
    return this.#run(name, () => BigInt(this.#reader.uint64())) & MAX_U64
  }

  int(name: string): bigint {
    return this.#run(name, () => BigInt(this.#reader.int64()))
  }

  /** A copy. */
  bytes(name: string): Bytes {
    return new Uint8Array(this.#run(name, () => this.#reader.bytes()))
  }

  text(name: string): string {
    return this.#run(name, () => this.#reader.string(true))
  }

  /** A reader of the message that follows, which stays part of this one. */
  message(name: string): ProtoReader {
    const bytes = this.#run(name, () => this.#reader.bytes())
    return new ProtoReader(bytes, `${this.#path}.${name}`, this.offset - bytes.length)
  }

  refusal(name: string, got: string, expected: string, back = 0, cause?: unknown): AppError<ObjectErrorCode> {
    return objectInvalid({ path: `${this.#path}.${name}`, offset: this.offset - back, got, expected }, cause)
  }

  #run<T>(name: string, read: () => T): T {
    const start = this.#reader.pos
    try {
      return read()
    } catch (cause) {
      const back = this.#reader.pos - start
      throw this.refusal(name, (cause as Error).message, 'valid proto3', back, cause)
    }
  }
}
