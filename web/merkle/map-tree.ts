import { type Bytes, equalBytes } from '#core/bytes.ts'
import { bitOf, firstDifferentBit, INNER_BYTES, MAP_LEAF_BYTES, type MapProof } from './map-proof.ts'
import { RowPool } from './row-pool.ts'
import { assertHash } from './tree-checks.ts'
import { emptyRoot, HASH_BYTES, LEAF_PREFIX, NODE_PREFIX } from './tree-hash.ts'
import type { TreeHasher } from './tree-hasher.ts'

/** A node: an inner row from 0 on, a leaf row as its complement, below 0. */
type Ref = number

/** Stale nodes that are hashed in one batch: half a megabyte of messages. */
const BATCH = 8_192

/**
 * [KG16a] An authenticated map from 32-byte keys to 32-byte values, as a binary radix tree without empty branches: an
 * inner node stands only where keys differ, and names the bit. Its root is a function of the entries alone, whatever
 * their order and history (map-proof.ts says how nodes are hashed). Reads and changes take O(depth); hashes are made
 * when the root or a proof is asked for, those of one height together.
 */
export class MapTree {
  readonly #hasher: TreeHasher
  /** key ‖ value ‖ hash */
  readonly #leaves = new RowPool(MAP_LEAF_BYTES + HASH_BYTES)
  readonly #hashes = new RowPool(HASH_BYTES)
  readonly #bits: number[] = []
  readonly #children: [Ref[], Ref[]] = [[], []]
  readonly #isFresh: boolean[] = []
  readonly #staleLeaves = new Set<number>()
  #top: Ref | undefined
  #size = 0

  constructor(hasher: TreeHasher) {
    this.#hasher = hasher
  }

  /** Entries. */
  get size(): number {
    return this.#size
  }

  /** A copy of the value, or undefined. @throws MERKLE_HASH unless the key has 32 bytes */
  get(key: Uint8Array): Bytes | undefined {
    assertHash(key, 'The key')
    const leaf = this.#nearest(key)
    return leaf !== undefined && equalBytes(this.#key(leaf), key) ? this.#value(leaf).slice() : undefined
  }

  /** @throws MERKLE_HASH unless key and value have 32 bytes each */
  set(key: Uint8Array, value: Uint8Array): void {
    assertHash(key, 'The key')
    assertHash(value, 'The value')
    const nearest = this.#nearest(key)
    const bit = nearest === undefined ? undefined : firstDifferentBit(this.#key(nearest), key)
    if (nearest !== undefined && bit === undefined) {
      this.#value(nearest).set(value)
      this.#staleLeaves.add(nearest)
      this.#markWay(key, HASH_BYTES * 8)
      return
    }
    const leaf = this.#addLeaf(key, value)
    this.#top = bit === undefined ? ~leaf : this.#insert(leaf, key, bit)
  }

  /** Was there such an entry? @throws MERKLE_HASH unless the key has 32 bytes */
  delete(key: Uint8Array): boolean {
    assertHash(key, 'The key')
    const leaf = this.#nearest(key)
    if (leaf === undefined || !equalBytes(this.#key(leaf), key)) return false
    const way = this.#markWay(key, HASH_BYTES * 8)
    const parent = way.at(-1)
    if (parent === undefined) this.#top = undefined
    else {
      const sibling = this.#children[1 - bitOf(key, this.#bits[parent]!)]![parent]!
      this.#link(way.at(-2), key, sibling)
      this.#hashes.release(parent)
    }
    this.#leaves.release(leaf)
    this.#staleLeaves.delete(leaf)
    this.#size--
    return true
  }

  /** 32 bytes; that of an empty map is SHA-256 of nothing. */
  root(): Bytes {
    if (this.#top === undefined) return emptyRoot()
    this.#refresh(this.#top)
    return this.#hash(this.#top).slice()
  }

  /** What stands under a key, or that nothing does. @throws MERKLE_HASH unless the key has 32 bytes */
  prove(key: Uint8Array): MapProof {
    assertHash(key, 'The key')
    if (this.#top === undefined) return { steps: [], leaf: undefined }
    this.#refresh(this.#top)
    const steps = []
    let at = this.#top
    for (; at >= 0; at = this.#child(at, key)) {
      const bit = this.#bits[at]!
      steps.push({ bit, sibling: this.#hash(this.#children[1 - bitOf(key, bit)]![at]!).slice() })
    }
    return { steps, leaf: { key: this.#key(~at).slice(), value: this.#value(~at).slice() } }
  }

  #insert(leaf: number, key: Uint8Array, bit: number): Ref {
    const way = this.#markWay(key, bit)
    const above = way.at(-1)
    const below = above === undefined ? this.#top! : this.#child(above, key)
    const inner = this.#hashes.take()
    const side = bitOf(key, bit)
    this.#bits[inner] = bit
    this.#children[side][inner] = ~leaf
    this.#children[side === 0 ? 1 : 0][inner] = below
    this.#isFresh[inner] = false
    this.#link(above, key, inner)
    return this.#top!
  }

  /** Puts a node below `above`, on the side of `key`; below nothing it is the top. */
  #link(above: number | undefined, key: Uint8Array, node: Ref): void {
    if (above === undefined) this.#top = node
    else this.#children[bitOf(key, this.#bits[above]!)]![above] = node
  }

  /** The inner nodes from the top on the way of `key` that branch before `bit`; their hashes are stale from now on. */
  #markWay(key: Uint8Array, bit: number): readonly number[] {
    const way: number[] = []
    let at = this.#top ?? -1
    while (at >= 0 && this.#bits[at]! < bit) {
      this.#isFresh[at] = false
      way.push(at)
      at = this.#child(at, key)
    }
    return way
  }

  /** The leaf that the bits of `key` lead to: its own if there is one. */
  #nearest(key: Uint8Array): number | undefined {
    if (this.#top === undefined) return undefined
    let at = this.#top
    while (at >= 0) at = this.#child(at, key)
    return ~at
  }

  #child(inner: number, key: Uint8Array): Ref {
    return this.#children[bitOf(key, this.#bits[inner]!)]![inner]!
  }

  #addLeaf(key: Uint8Array, value: Uint8Array): number {
    const leaf = this.#leaves.take()
    this.#leaves.row(leaf).set(key)
    this.#value(leaf).set(value)
    this.#staleLeaves.add(leaf)
    this.#size++
    return leaf
  }

  #key(leaf: number): Bytes {
    return this.#leaves.row(leaf).subarray(0, HASH_BYTES)
  }

  #value(leaf: number): Bytes {
    return this.#leaves.row(leaf).subarray(HASH_BYTES, MAP_LEAF_BYTES)
  }

  #hash(node: Ref): Bytes {
    return node < 0 ? this.#leaves.row(~node).subarray(MAP_LEAF_BYTES) : this.#hashes.row(node)
  }

  /** Makes all stale hashes: first of leaves, then of inner nodes whose children are fresh. */
  #refresh(top: Ref): void {
    this.#hashInBatches([...this.#staleLeaves], LEAF_PREFIX, MAP_LEAF_BYTES, (leaf, message) => {
      message.set(this.#leaves.row(leaf).subarray(0, MAP_LEAF_BYTES))
      return ~leaf
    })
    this.#staleLeaves.clear()
    const heights: number[][] = []
    this.#collectStale(top, heights)
    for (const inners of heights) {
      this.#hashInBatches(inners, NODE_PREFIX, INNER_BYTES, (inner, message) => {
        message[0] = this.#bits[inner]!
        message.set(this.#hash(this.#children[0][inner]!), 1)
        message.set(this.#hash(this.#children[1][inner]!), 1 + HASH_BYTES)
        this.#isFresh[inner] = true
        return inner
      })
    }
  }

  /** Sorts stale inner nodes by their height over what is fresh. Never deeper than 256 calls: each has a later bit. */
  #collectStale(node: Ref, heights: number[][]): number {
    if (node < 0 || this.#isFresh[node]) return 0
    const left = this.#collectStale(this.#children[0][node]!, heights)
    const right = this.#collectStale(this.#children[1][node]!, heights)
    const height = Math.max(left, right)
    heights[height] ??= []
    heights[height].push(node)
    return height + 1
  }

  /** `write` gives the message of a row, and the node that its hash belongs to. */
  #hashInBatches(
    rows: readonly number[],
    prefix: typeof LEAF_PREFIX | typeof NODE_PREFIX,
    messageBytes: number,
    write: (row: number, message: Bytes) => Ref,
  ): void {
    for (let from = 0; from < rows.length; from += BATCH) {
      const batch = rows.slice(from, from + BATCH)
      const messages = new Uint8Array(batch.length * messageBytes)
      const out = new Uint8Array(batch.length * HASH_BYTES)
      const nodes = batch.map((row, at) =>
        write(row, messages.subarray(at * messageBytes, (at + 1) * messageBytes)),
      )
      this.#hasher.hashEach({ prefix, messages, messageBytes, out })
      for (const [at, node] of nodes.entries())
        this.#hash(node).set(out.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES))
    }
  }
}
