import type { Bytes } from '#core/bytes.ts'
import { merkleError } from './merkle-errors.ts'
import { assertHash } from './tree-checks.ts'
import { HASH_BYTES } from './tree-hash.ts'

/** [KG16] LE64(rank) ‖ digest of the particle's multihash. */
export const RANK_LEAF_BYTES = 8 + HASH_BYTES

const HASH_WORDS = HASH_BYTES / 4
const MAX_RANK = 2n ** 64n - 1n

/**
 * [KG16] The leaf of one particle, 40 bytes.
 *
 * @throws MERKLE_LEAF for a rank that is no u64, MERKLE_HASH for a digest that has not 32 bytes
 */
export function rankLeaf(rank: bigint, digest: Uint8Array): Bytes {
  if (rank < 0n || rank > MAX_RANK)
    throw merkleError('MERKLE_LEAF', `A rank is an unsigned number of 64 bits, got ${rank}.`)
  assertHash(digest, "The particle's digest")
  const leaf = new Uint8Array(RANK_LEAF_BYTES)
  new DataView(leaf.buffer).setBigUint64(0, rank, true)
  leaf.set(digest, 8)
  return leaf
}

/**
 * [KG16] The leaves of all particles in their order, u8[N · 40], of their ranks and digests u8[N · 32].
 *
 * @throws MERKLE_LEAF unless there are as many digests as ranks
 */
export function rankLeaves(ranks: BigUint64Array, digests: Uint8Array): Bytes {
  if (digests.length !== ranks.length * HASH_BYTES)
    throw merkleError(
      'MERKLE_LEAF',
      `Expected ${ranks.length} digests of ${HASH_BYTES} bytes, got ${digests.length} bytes.`,
    )
  const leaves = new Uint8Array(ranks.length * RANK_LEAF_BYTES)
  const view = new DataView(leaves.buffer)
  // Words of 32 bits, copied as they are: a call for each particle to copy 32 bytes takes ten times as long.
  const words = new Uint32Array(leaves.buffer)
  const source = new Uint32Array(digests.byteOffset % 4 === 0 ? digests.buffer : digests.slice().buffer)
  const first = digests.byteOffset % 4 === 0 ? digests.byteOffset / 4 : 0
  for (let at = 0, from = first, to = 0; at < ranks.length; at++, from += HASH_WORDS) {
    view.setBigUint64(at * RANK_LEAF_BYTES, ranks[at]!, true)
    to += 2
    for (let word = 0; word < HASH_WORDS; word++) words[to++] = source[from + word]!
  }
  return leaves
}
