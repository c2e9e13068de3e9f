import { AppError } from './errors.ts'

/** Bytes that own an ordinary (not shared) buffer, as WebCrypto and IndexedDB ask for. */
export type Bytes = Uint8Array<ArrayBuffer>

export type BytesErrorCode = 'BYTES_TRUNCATED' | 'BYTES_TRAILING' | 'HEX_INVALID'

const encoder = new TextEncoder()
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export function utf8(text: string): Bytes {
  return encoder.encode(text)
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
  let length = 0
  for (const part of parts) length += part.length
  const out = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Lexicographic order of unsigned bytes; a prefix comes before what it begins. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

export function toHex(bytes: Uint8Array): string {
  let out = ''
  for (const byte of bytes) out += HEX[byte]
  return out
}

/** @throws HEX_INVALID when `text` is not an even number of hexadecimal digits (a leading 0x is allowed) */
export function fromHex(text: string): Bytes {
  const digits = text.startsWith('0x') ? text.slice(2) : text
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) {
    throw new AppError<BytesErrorCode>(
      'HEX_INVALID',
      `Expected pairs of hexadecimal digits, got "${text.slice(0, 80)}".`,
    )
  }
  const out = new Uint8Array(digits.length / 2)
  for (let i = 0; i < out.length; i++) out[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16)
  return out
}

/** Writes fixed-width big-endian fields into one growing buffer. */
export class ByteWriter {
  #buffer: Bytes
  #view: DataView
  #length = 0

  constructor(capacity = 256) {
    this.#buffer = new Uint8Array(capacity)
    this.#view = new DataView(this.#buffer.buffer)
  }

  u8(value: number): this {
    const at = this.#grow(1)
    this.#view.setUint8(at, value)
    return this
  }

  u16(value: number): this {
    const at = this.#grow(2)
    this.#view.setUint16(at, value)
    return this
  }

  u32(value: number): this {
    const at = this.#grow(4)
    this.#view.setUint32(at, value)
    return this
  }

  i32(value: number): this {
    const at = this.#grow(4)
    this.#view.setInt32(at, value)
    return this
  }

  u64(value: bigint): this {
    const at = this.#grow(8)
    this.#view.setBigUint64(at, value)
    return this
  }

  bytes(value: Uint8Array): this {
    const at = this.#grow(value.length)
    this.#buffer.set(value, at)
    return this
  }

  /** A copy of what was written so far. */
  finish(): Bytes {
    return this.#buffer.slice(0, this.#length)
  }

  /** Reserves `count` bytes and returns their offset. The buffer may move: read #buffer and #view only after this. */
  #grow(count: number): number {
    const at = this.#length
    this.#length += count
    if (this.#length > this.#buffer.length) {
      const next = new Uint8Array(Math.max(this.#length, 2 * this.#buffer.length))
      next.set(this.#buffer)
      this.#buffer = next
      this.#view = new DataView(next.buffer)
    }
    return at
  }
}

/**
 * Reads fixed-width big-endian fields. Every read is bounded; an error names the field and its offset.
 * `bytes` returns copies, so that a record never keeps the message alive that carried it.
 */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get offset(): number {
    return this.#at
  }

  get remaining(): number {
    return this.#bytes.length - this.#at
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

  bytes(length: number, field: string): Bytes {
    const at = this.#take(length, field)
    return new Uint8Array(this.#bytes.subarray(at, at + length))
  }

  /** @throws BYTES_TRAILING when bytes are left over: a canonical encoding has none */
  end(what: string): void {
    if (this.remaining === 0) return
    throw new AppError<BytesErrorCode>(
      'BYTES_TRAILING',
      `${what}: expected the end at offset ${this.#at}, got ${this.remaining} more bytes.`,
    )
  }

  #take(length: number, field: string): number {
    if (length > this.remaining) {
      throw new AppError<BytesErrorCode>(
        'BYTES_TRUNCATED',
        `${field}: expected ${length} bytes at offset ${this.#at}, got ${this.remaining}.`,
      )
    }
    const at = this.#at
    this.#at += length
    return at
  }
}

/** Everything that `source` gives, as one copy. The caller bounds the source. */
export async function collectBytes(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Bytes> {
  const parts: Uint8Array[] = []
  for await (const part of source) parts.push(part)
  return concat(...parts)
}
