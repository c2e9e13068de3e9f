import { toHex } from '#core/bytes.ts'
import { rankLeaf } from './rank-leaf.ts'
import { leafHash, nodeHash } from './tree-hash.ts'
import { turnsOf, verifyInclusion } from './verify-inclusion.ts'
import type { RankClaim } from './verify-rank.ts'

/** One step of the way from a leaf to the root. */
export interface PathStep {
  /** the hash that the proof brings, 64 hexadecimal digits */
  readonly sibling: string
  /** where it stands beside ours */
  readonly side: 'left' | 'right'
  /** hash of both, the next on the way; the last is the root */
  readonly hash: string
}

/** The way of a rank to its root, to be shown. */
export interface RankPath {
  /** hash of the leaf, 64 hexadecimal digits */
  readonly leaf: string
  /** lowest first; none in a tree of one leaf */
  readonly steps: readonly PathStep[]
}

/**
 * All hashes on the way of a rank to its root, when the proof holds ([KG20]); `digest` is the particle's, 32 bytes.
 *
 * @throws MERKLE_… as verifyRank does
 */
export function rankPath(
  { rank, index, treeSize, proof, root }: Omit<RankClaim, 'cid'>,
  digest: Uint8Array,
): RankPath {
  const leaf = leafHash(rankLeaf(rank, digest))
  verifyInclusion({ leafHash: leaf, index, treeSize, proof, root })
  let hash = leaf
  const steps = turnsOf(index, treeSize).map((isRight, at): PathStep => {
    const sibling = proof[at]!
    hash = isRight ? nodeHash(sibling, hash) : nodeHash(hash, sibling)
    return { sibling: toHex(sibling), side: isRight ? 'left' : 'right', hash: toHex(hash) }
  })
  return { leaf: toHex(leaf), steps }
}
