import type { Bytes } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'

/** RFC 6962 §2.1: prefixes keep a leaf from passing for a node. */
export const LEAF_PREFIX = 0x00
export const NODE_PREFIX = 0x01
export const HASH_BYTES = 32

/** SHA-256(00 ‖ leaf), 32 bytes. */
export function leafHash(leaf: Uint8Array): Bytes {
  const input = new Uint8Array(1 + leaf.length)
  input[0] = LEAF_PREFIX
  input.set(leaf, 1)
  return sha256(input)
}

/** SHA-256(01 ‖ left ‖ right), 32 bytes, of two hashes. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Bytes {
  const input = new Uint8Array(1 + 2 * HASH_BYTES)
  input[0] = NODE_PREFIX
  input.set(left, 1)
  input.set(right, 1 + HASH_BYTES)
  return sha256(input)
}

/** SHA-256 of nothing: the root of an empty tree. */
export function emptyRoot(): Bytes {
  return sha256(new Uint8Array(0))
}

/**
 * Root of the tree over `leaves` in their order (RFC 6962 §2.1), in one pass with one hash per level kept.
 * Each leaf is read before the next is asked for, so one buffer may serve for all.
 */
export function rootHash(leaves: Iterable<Uint8Array>): Bytes {
  // Roots of the perfect subtrees so far, largest first: the ones in the binary form of `size`.
  const roots: Bytes[] = []
  let size = 0
  for (const leaf of leaves) {
    let hash = leafHash(leaf)
    size++
    // Each trailing zero of the new size closes a subtree; a double counts leaves beyond 2³¹ too.
    for (let rest = size; rest % 2 === 0; rest /= 2) hash = nodeHash(roots.pop()!, hash)
    roots.push(hash)
  }
  return roots.length === 0 ? emptyRoot() : roots.reduceRight((right, left) => nodeHash(left, right))
}
