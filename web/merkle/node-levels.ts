import type { Bytes } from '#core/bytes.ts'
import { MAX_FULL_TREE_LEAVES } from '#core/limits.ts'
import { HASH_BYTES } from './tree-hash.ts'
import { hashNodes, type TreeHasher } from './tree-hasher.ts'

/** The roots of all perfect subtrees of a tree, each height in one growing array. */
export class NodeLevels {
  readonly #hasher: TreeHasher
  /** by height: u8[capacity · 32], of which ⌊size / 2^height⌋ hashes count */
  readonly #levels: Bytes[] = []
  #size = 0

  constructor(hasher: TreeHasher) {
    this.#hasher = hasher
  }

  /** Leaves. */
  get size(): number {
    return this.#size
  }

  /** The root of the perfect subtree `index` of a height: a view that the next change may move. */
  node(height: number, index: number): Uint8Array {
    return this.#levels[height]!.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES)
  }

  /** Leaf hashes u8[count · 32] behind the last. */
  append(hashes: Uint8Array): void {
    const at = this.#size
    this.#size += hashes.length / HASH_BYTES
    this.write(at, hashes)
  }

  /** Leaf hashes from leaf `at` on, and every perfect subtree's root above them. */
  write(at: number, hashes: Uint8Array): void {
    let [from, to] = [at, at + hashes.length / HASH_BYTES]
    this.#reserve(0).set(hashes, from * HASH_BYTES)
    for (let height = 1; ; height++) {
      const below = this.#levels[height - 1]!
      from = Math.floor(from / 2)
      // The last node of a level waits for its sibling.
      to = Math.min(Math.ceil(to / 2), Math.floor(this.#size / 2 ** height))
      if (to <= from) return
      const out = this.#reserve(height).subarray(from * HASH_BYTES, to * HASH_BYTES)
      hashNodes(this.#hasher, below.subarray(2 * from * HASH_BYTES, 2 * to * HASH_BYTES), out)
    }
  }

  /** A level with room for what its size asks for: exactly so much at first, doubled later. */
  #reserve(height: number): Bytes {
    const needed = Math.floor(this.#size / 2 ** height) * HASH_BYTES
    const level = this.#levels[height]
    if (level !== undefined && level.length >= needed) return level
    const doubled = Math.min(2 * (level?.length ?? 0), MAX_FULL_TREE_LEAVES * HASH_BYTES)
    const grown = new Uint8Array(Math.max(needed, doubled))
    if (level !== undefined) grown.set(level)
    this.#levels[height] = grown
    return grown
  }
}
