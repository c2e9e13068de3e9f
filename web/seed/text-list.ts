import { type Bytes, concat } from '#core/bytes.ts'
import type { RecordStore } from '#core/record-store.ts'
import { type BlockKey, keyBytes, toKey } from './blockstore/block-key.ts'

const PREFIX = 'seed/text/'
/** A multihash of SHA-256, the only kind that texts have. */
const KEY_BYTES = 34

/** Texts that were stored or linked here: their blocks are never evicted. */
export class TextList {
  /** the name of the set that holds all of their blocks */
  static readonly SET = 'texts'

  readonly #store: RecordStore
  readonly #keys = new Set<BlockKey>()
  #count = 0

  constructor(store: RecordStore) {
    this.#store = store
  }

  get count(): number {
    return this.#count
  }

  keys(): Iterable<BlockKey> {
    return this.#keys
  }

  async load(): Promise<void> {
    let count = 0
    for await (const { value } of this.#store.entries(PREFIX)) {
      count += 1
      for (const key of decodeKeys(value)) this.#keys.add(key)
    }
    this.#count = count
  }

  /** Remembers a text; false when it was known. */
  async add(cid: string, keys: readonly BlockKey[]): Promise<boolean> {
    if (keys.every((key) => this.#keys.has(key))) return false
    await this.#store.put([{ key: PREFIX + cid, value: concat(...keys.map(keyBytes)) }])
    this.hear(keys)
    return true
  }

  /** Another tab remembered one. */
  hear(keys: readonly BlockKey[]): void {
    if (keys.every((key) => this.#keys.has(key))) return
    this.#count += 1
    for (const key of keys) this.#keys.add(key)
  }
}

function decodeKeys(value: Bytes): BlockKey[] {
  const keys: BlockKey[] = []
  for (let at = 0; at + KEY_BYTES <= value.length; at += KEY_BYTES) {
    keys.push(toKey(value.subarray(at, at + KEY_BYTES)))
  }
  return keys
}
