import type { Bytes } from '#core/bytes.ts'
import { MAX_FULL_TREE_LEAVES } from '#core/limits.ts'
import { merkleError } from './merkle-errors.ts'
import { NodeLevels } from './node-levels.ts'
import type { ShortTree } from './short-tree.ts'
import { assertLeafIndex } from './tree-checks.ts'
import { emptyRoot, HASH_BYTES, nodeHash } from './tree-hash.ts'
import { hashLeaves, type TreeHasher } from './tree-hasher.ts'

/**
 * [KG17] A tree with all its nodes (64 bytes a leaf), which proves what is in it. Those of perfect subtrees are kept;
 * the few at the right edge, which every append changes, are made when they are asked for.
 *
 * `treeSize` of the readers is that of the tree as it was after so many leaves; it tells the truth about then as long
 * as no earlier leaf was set anew.
 */
export class FullTree {
  readonly #hasher: TreeHasher
  readonly #levels: NodeLevels

  constructor(hasher: TreeHasher) {
    this.#hasher = hasher
    this.#levels = new NodeLevels(hasher)
  }

  /** Leaves, at most MAX_FULL_TREE_LEAVES. */
  get size(): number {
    return this.#levels.size
  }

  /** Appends leaves of one length that stand side by side. @throws MERKLE_LEAF, MERKLE_SIZE */
  append(leaves: Uint8Array, leafBytes: number): void {
    this.#assertRoom(Math.floor(leaves.length / leafBytes))
    this.#levels.append(hashLeaves(this.#hasher, leaves, leafBytes))
  }

  /** Appends leaves by their hashes, u8[count · 32]. @throws MERKLE_LEAF, MERKLE_SIZE */
  appendHashes(hashes: Uint8Array): void {
    if (hashes.length % HASH_BYTES !== 0)
      throw merkleError('MERKLE_LEAF', `Expected hashes of 32 bytes, got ${hashes.length} bytes.`)
    this.#assertRoom(hashes.length / HASH_BYTES)
    this.#levels.append(hashes)
  }

  /** Sets leaves of one length anew, those from `index` on. @throws MERKLE_LEAF, MERKLE_INDEX beyond the last leaf */
  set(index: number, leaves: Uint8Array, leafBytes: number): void {
    const hashes = hashLeaves(this.#hasher, leaves, leafBytes)
    if (hashes.length === 0) return
    assertLeafIndex(index, this.size)
    assertLeafIndex(index + hashes.length / HASH_BYTES - 1, this.size)
    this.#levels.write(index, hashes)
  }

  /** @throws MERKLE_INDEX */
  leafHash(index: number): Bytes {
    assertLeafIndex(index, this.size)
    return this.#levels.node(0, index).slice()
  }

  root(treeSize = this.size): Bytes {
    this.#assertKnown(treeSize)
    return treeSize === 0 ? emptyRoot() : this.#rangeHash(0, treeSize)
  }

  /** RFC 6962 §2.1.1: at most ⌈log₂ treeSize⌉ hashes, those beside the way to the root, lowest first. */
  proveInclusion(index: number, treeSize = this.size): readonly Bytes[] {
    this.#assertKnown(treeSize)
    assertLeafIndex(index, treeSize)
    const proof: Bytes[] = []
    let [start, end] = [0, treeSize]
    while (end - start > 1) {
      const middle = start + largestPowerBelow(end - start)
      if (index < middle) {
        proof.unshift(this.#rangeHash(middle, end))
        end = middle
      } else {
        proof.unshift(this.#rangeHash(start, middle))
        start = middle
      }
    }
    return proof
  }

  /**
   * RFC 6962 §2.1.2: that the tree of `oldSize` leaves is the beginning of this one.
   *
   * @throws MERKLE_SIZE for an empty older tree, or sizes that are not known
   */
  proveConsistency(oldSize: number, newSize = this.size): readonly Bytes[] {
    this.#assertKnown(newSize)
    if (!Number.isSafeInteger(oldSize) || oldSize < 1 || oldSize > newSize)
      throw merkleError('MERKLE_SIZE', `Expected an older size from 1 to ${newSize}, got ${oldSize}.`)
    const proof: Bytes[] = []
    let [start, end] = [0, newSize]
    while (oldSize < end) {
      const middle = start + largestPowerBelow(end - start)
      if (oldSize <= middle) {
        proof.unshift(this.#rangeHash(middle, end))
        end = middle
      } else {
        proof.unshift(this.#rangeHash(start, middle))
        start = middle
      }
    }
    // A perfect older tree's root is what the verifier begins with; any other begins with its last perfect subtree.
    if (start > 0) proof.unshift(this.#rangeHash(start, end))
    return proof
  }

  /** The roots of its perfect subtrees, to append and to give the root by, elsewhere or later. */
  shortTree(treeSize = this.size): ShortTree {
    this.#assertKnown(treeSize)
    const parts = this.#perfectParts(0, treeSize)
    const roots = new Uint8Array(parts.length * HASH_BYTES)
    for (const [at, part] of parts.entries()) roots.set(part, at * HASH_BYTES)
    return { size: treeSize, roots }
  }

  /** Hash of a subtree: leaves from a multiple of the least power of two that is not below their number. */
  #rangeHash(start: number, end: number): Bytes {
    const [last, ...above] = this.#perfectParts(start, end).toReversed()
    return above.reduce<Bytes>((right, left) => nodeHash(left, right), new Uint8Array(last!))
  }

  /** The perfect subtrees that a range is made of, the largest first. */
  #perfectParts(start: number, end: number): readonly Uint8Array[] {
    const parts: Uint8Array[] = []
    for (let at = start; at < end; ) {
      const height = 31 - Math.clz32(end - at)
      parts.push(this.#levels.node(height, at / 2 ** height))
      at += 2 ** height
    }
    return parts
  }

  #assertRoom(count: number): void {
    if (this.size + count <= MAX_FULL_TREE_LEAVES) return
    throw merkleError(
      'MERKLE_SIZE',
      `${this.size} and ${count} leaves are too many, a full tree has ${MAX_FULL_TREE_LEAVES}: keep a short tree.`,
    )
  }

  #assertKnown(treeSize: number): void {
    if (Number.isSafeInteger(treeSize) && treeSize >= 0 && treeSize <= this.size) return
    throw merkleError('MERKLE_SIZE', `Expected a tree size from 0 to ${this.size}, got ${treeSize}.`)
  }
}

/** RFC 6962 §2.1: where a tree is split. */
function largestPowerBelow(count: number): number {
  return 2 ** (31 - Math.clz32(count - 1))
}
