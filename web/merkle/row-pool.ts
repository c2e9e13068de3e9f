import type { Bytes } from '#core/bytes.ts'

const FIRST_ROWS = 16

/** Rows of one width in one growing array, numbered from 0. Millions of small arrays would take five times as much. */
export class RowPool {
  readonly #width: number
  readonly #released: number[] = []
  #bytes: Bytes
  #count = 0

  /** @param width bytes of a row */
  constructor(width: number) {
    this.#width = width
    this.#bytes = new Uint8Array(FIRST_ROWS * width)
  }

  /** A row of unknown content. */
  take(): number {
    const released = this.#released.pop()
    if (released !== undefined) return released
    if ((this.#count + 1) * this.#width > this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#bytes.length)
      grown.set(this.#bytes)
      this.#bytes = grown
    }
    return this.#count++
  }

  /** Gives a row back, for a later `take`. */
  release(row: number): void {
    this.#released.push(row)
  }

  /** A view of a row, until the next `take`. */
  row(row: number): Bytes {
    return this.#bytes.subarray(row * this.#width, (row + 1) * this.#width)
  }
}
