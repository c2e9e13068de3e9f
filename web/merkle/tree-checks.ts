import { merkleError } from './merkle-errors.ts'
import { HASH_BYTES } from './tree-hash.ts'

/** Leaves of a tree that is only known by its roots: as many as a double counts exactly, 2⁵³ − 1. */
export const MAX_TREE_SIZE = Number.MAX_SAFE_INTEGER

/** @throws MERKLE_SIZE unless it is a whole number of leaves */
export function assertTreeSize(size: number, what: string): void {
  if (Number.isSafeInteger(size) && size >= 0) return
  throw merkleError('MERKLE_SIZE', `${what}: expected a whole number from 0 to 2⁵³ − 1, got ${size}.`)
}

/** @throws MERKLE_INDEX unless it is a whole number below `size` */
export function assertLeafIndex(index: number, size: number): void {
  if (Number.isSafeInteger(index) && index >= 0 && index < size) return
  throw merkleError(
    'MERKLE_INDEX',
    `The leaf's index is ${index}: expected a whole number below the ${size} leaves of the tree.`,
  )
}

/** @throws MERKLE_HASH unless it has 32 bytes */
export function assertHash(hash: Uint8Array, what: string): void {
  if (hash.length === HASH_BYTES) return
  throw merkleError('MERKLE_HASH', `${what}: expected ${HASH_BYTES} bytes, got ${hash.length}.`)
}

/** @throws MERKLE_NODES unless there are as many as `expected`, MERKLE_HASH unless each has 32 bytes */
export function assertProofNodes(proof: readonly Uint8Array[], expected: number, what: string): void {
  if (proof.length !== expected) {
    const problem = proof.length < expected ? 'too few' : 'too many'
    throw merkleError(
      'MERKLE_NODES',
      `${what} has ${proof.length} nodes, ${problem}: expected ${expected} for these sizes.`,
    )
  }
  for (const [at, node] of proof.entries()) assertHash(node, `Node ${at} of the proof`)
}
