import { type Bytes, concat } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import { appendToShortTree, EMPTY_SHORT_TREE, shortTreeRoot } from '#merkle/short-tree.ts'
import { createTsHasher, hashLeaves, type TreeHasher } from '#merkle/tree-hasher.ts'

const RANK_BYTES = 8

/** LE64 of each rank in particle order: what kernels are compared by. Every engine that we run on is little-endian. */
export function encodeRanks(ranks: BigUint64Array): Bytes {
  return new Uint8Array(ranks.buffer, ranks.byteOffset, ranks.byteLength).slice()
}

/** SHA-256 over LE64 of the ranks in particle order. */
export function hashRanks(ranks: BigUint64Array): Bytes {
  return sha256(encodeRanks(ranks))
}

/**
 * SHA-256 over LE64 of the ranks in another order of their particles. By WebCrypto, which is seven times as fast as
 * JavaScript here and hashes beside the thread.
 *
 * @param order u32[N], the particle at each place
 */
export async function hashRanksInOrder(ranks: BigUint64Array, order: Uint32Array): Promise<Bytes> {
  const words = new Uint32Array(ranks.buffer, ranks.byteOffset, 2 * ranks.length)
  const placed = new Uint32Array(2 * order.length)
  for (let place = 0; place < order.length; place++) {
    const at = 2 * order[place]!
    placed[2 * place] = words[at]!
    placed[2 * place + 1] = words[at + 1]!
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(placed.buffer)))
}

/** RFC 6962 root over leaves LE64(rank): a diagnostic; the committed root's leaves name their particles too ([KG16]). */
export function rootOfRanks(ranks: BigUint64Array, hasher: TreeHasher = createTsHasher()): Bytes {
  const hashes = hashLeaves(hasher, encodeRanks(ranks), RANK_BYTES)
  return shortTreeRoot(appendToShortTree(EMPTY_SHORT_TREE, hashes, hasher))
}

/**
 * Root of go-cyber's tree over leaves LE64(rank) ([KG14], `merkle/tree.go` of 5ffbc42): perfect subtrees as in RFC 6962
 * without its prefixes, their roots folded from the smallest as SHA-256(right ‖ left). Empty for no ranks.
 */
export function goCyberRoot(ranks: BigUint64Array): Bytes {
  const roots: Bytes[] = []
  let size = 0
  for (const leaf of leavesOf(encodeRanks(ranks))) {
    let hash = sha256(leaf)
    size++
    for (let rest = size; rest % 2 === 0; rest /= 2) hash = sha256(concat(roots.pop()!, hash))
    roots.push(hash)
  }
  return roots.length === 0
    ? new Uint8Array(0)
    : roots.reduceRight((right, left) => sha256(concat(right, left)))
}

function* leavesOf(encoded: Bytes): Iterable<Uint8Array> {
  for (let at = 0; at < encoded.length; at += RANK_BYTES) yield encoded.subarray(at, at + RANK_BYTES)
}
