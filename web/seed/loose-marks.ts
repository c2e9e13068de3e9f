import { ByteReader, type Bytes, ByteWriter } from '#core/bytes.ts'
import type { RecordStore } from '#core/record-store.ts'
import { type BlockKey, keyBytes, toKey } from './blockstore/block-key.ts'

const KEY = 'seed/loose'
/** A file is added or a root written down within this time of its blocks; what is loose for longer was left behind. */
export const LOOSE_AGE_MS = 60 * 60 * 1_000
/** The marks are written this often at most: they may be 700 KB. */
const WRITE_MS = 5 * 60 * 1_000
/** 43 bytes each. More loose blocks than these wait until some are gone. */
const MAX_MARKS = 16_384

/**
 * Blocks without a root, and since when (unix ms). A reload must not start their time anew, or what a crash left
 * behind would never go; so they are written down.
 */
export class LooseMarks {
  readonly #store: Pick<RecordStore, 'get' | 'put'>
  readonly #now: () => number

  constructor(init: { readonly store: Pick<RecordStore, 'get' | 'put'>; readonly now: () => number }) {
    this.#store = init.store
    this.#now = init.now
  }

  /** Of `loose`, those that are loose for an hour. Inside the profile's lock. */
  async old(loose: readonly BlockKey[]): Promise<BlockKey[]> {
    const now = this.#now()
    const known = decode(await this.#store.get(KEY))
    const marks = new Map<BlockKey, number>()
    for (const key of loose) {
      if (marks.size === MAX_MARKS) break
      // a clock that was ahead must not keep a block for ever
      marks.set(key, Math.min(now, known.marks.get(key) ?? now))
    }
    const since = now - known.writtenAt
    const changed = marks.size !== known.marks.size || [...marks.keys()].some((key) => !known.marks.has(key))
    if (changed && (since >= WRITE_MS || since < 0)) {
      await this.#store.put([{ key: KEY, value: encode(now, marks) }])
    }
    return loose.filter((key) => now - (marks.get(key) ?? now) >= LOOSE_AGE_MS)
  }
}

function encode(writtenAt: number, marks: ReadonlyMap<BlockKey, number>): Bytes {
  const writer = new ByteWriter(8 + 43 * marks.size).u64(BigInt(writtenAt))
  for (const [key, since] of marks) writer.u64(BigInt(since)).u8(key.length).bytes(keyBytes(key))
  return writer.finish()
}

interface Marks {
  readonly writtenAt: number
  readonly marks: ReadonlyMap<BlockKey, number>
}

function decode(value: Bytes | undefined): Marks {
  const marks = new Map<BlockKey, number>()
  if (value === undefined) return { writtenAt: 0, marks }
  try {
    const reader = new ByteReader(value)
    const writtenAt = Number(reader.u64('written at'))
    while (reader.remaining > 0) {
      const since = Number(reader.u64('since'))
      marks.set(toKey(reader.bytes(reader.u8('length'), 'key')), since)
    }
    return { writtenAt, marks }
  } catch {
    return { writtenAt: 0, marks: new Map() }
  }
}
