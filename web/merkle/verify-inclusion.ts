import { equalBytes } from '#core/bytes.ts'
import { merkleError } from './merkle-errors.ts'
import { assertHash, assertLeafIndex, assertProofNodes, assertTreeSize } from './tree-checks.ts'
import { nodeHash } from './tree-hash.ts'

/** The statement that a leaf stands at an index of the tree with a root, and its proof. */
export interface InclusionClaim {
  /** SHA-256(00 ‖ leaf) */
  readonly leafHash: Uint8Array
  readonly index: number
  readonly treeSize: number
  /** the nodes beside the way from the leaf to the root, lowest first */
  readonly proof: readonly Uint8Array[]
  readonly root: Uint8Array
}

/**
 * Does the proof lead from the leaf to the root (RFC 9162 §2.1.3.2)? Returns when it does. Root and size are as
 * true as the word of whoever gave them, and belong together: a leaf far from the end has proofs for several sizes.
 *
 * @throws MERKLE_SIZE, MERKLE_INDEX, MERKLE_HASH, MERKLE_NODES or MERKLE_ROOT saying what does not fit
 */
export function verifyInclusion({ leafHash, index, treeSize, proof, root }: InclusionClaim): void {
  assertTreeSize(treeSize, 'The size of the tree')
  assertLeafIndex(index, treeSize)
  assertHash(leafHash, "The leaf's hash")
  assertHash(root, 'The root')
  assertProofNodes(proof, turnsOf(index, treeSize).length, 'The inclusion proof')
  let hash = leafHash
  for (const [at, isRight] of turnsOf(index, treeSize).entries()) {
    hash = isRight ? nodeHash(proof[at]!, hash) : nodeHash(hash, proof[at]!)
  }
  if (equalBytes(hash, root)) return
  throw merkleError(
    'MERKLE_ROOT',
    `The inclusion proof of leaf ${index} leads to another root: the leaf, its index or a node is not the tree's.`,
  )
}

/** From the leaf up, one for each node that the proof needs: is our side the right one? Takes sizes as verifyInclusion does. */
export function turnsOf(index: number, treeSize: number): readonly boolean[] {
  const turns: boolean[] = []
  // Doubles, not bits: sizes go beyond 2³¹. Where our node is the last of its level and left, it has no sibling.
  for (let node = index, last = treeSize - 1; last > 0; node = half(node), last = half(last)) {
    if (node % 2 === 1) turns.push(true)
    else if (node < last) turns.push(false)
  }
  return turns
}

function half(count: number): number {
  return Math.floor(count / 2)
}
