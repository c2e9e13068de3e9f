import type { Bytes } from '#core/bytes.ts'
import type { RecordChange } from './record-batch.ts'

/** Records in memory, listed by prefix in key order; sorted again only after keys came or went. */
export class SortedRecords {
  readonly #map = new Map<string, Bytes>()
  #sorted: string[] | undefined
  #bytes = 0

  /** of all keys (one per character) and values */
  get bytes(): number {
    return this.#bytes
  }

  get(key: string): Bytes | undefined {
    return this.#map.get(key)
  }

  /** Keys that start with `prefix`, as of now. */
  keys(prefix: string): string[] {
    this.#sorted ??= [...this.#map.keys()].sort()
    const from = lowerBound(this.#sorted, prefix)
    let to = from
    while (this.#sorted[to]?.startsWith(prefix)) to++
    return this.#sorted.slice(from, to)
  }

  apply(changes: readonly RecordChange[]): void {
    for (const { key, value } of changes) {
      const old = this.#map.get(key)
      if (old !== undefined) this.#bytes -= key.length + old.length
      if ((old === undefined) !== (value === undefined)) this.#sorted = undefined
      if (value === undefined) this.#map.delete(key)
      else {
        this.#map.set(key, value.slice())
        this.#bytes += key.length + value.length
      }
    }
  }
}

/** Index of the first key that is not below `prefix`. */
function lowerBound(keys: readonly string[], prefix: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((keys[middle] as string) < prefix) low = middle + 1
    else high = middle
  }
  return low
}
