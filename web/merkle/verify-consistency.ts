import { equalBytes } from '#core/bytes.ts'
import { merkleError } from './merkle-errors.ts'
import { assertHash, assertProofNodes, assertTreeSize } from './tree-checks.ts'
import { nodeHash } from './tree-hash.ts'

/** The statement that a tree is an older one with leaves appended, and its proof. */
export interface ConsistencyClaim {
  /** at least 1, unless both trees are empty: an empty tree is the beginning of every other */
  readonly oldSize: number
  readonly newSize: number
  readonly oldRoot: Uint8Array
  readonly newRoot: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/**
 * Does the proof show that nothing of the older tree was changed (RFC 9162 §2.1.4.2)? Returns when it does.
 *
 * @throws MERKLE_SIZE, MERKLE_HASH, MERKLE_NODES or MERKLE_ROOT saying what does not fit
 */
export function verifyConsistency(claim: ConsistencyClaim): void {
  const { oldSize, newSize, oldRoot, newRoot, proof } = claim
  assertSizes(oldSize, newSize)
  if (oldSize === newSize) {
    verifySameTree(claim)
    return
  }
  assertHash(oldRoot, 'The older root')
  assertHash(newRoot, 'The newer root')
  const steps = stepsOf(oldSize, newSize)
  // The way up starts at the older tree's last perfect subtree: its root itself, when the older tree is perfect.
  const seeds = isPowerOfTwo(oldSize) ? 0 : 1
  assertProofNodes(proof, seeds + steps.length, 'The consistency proof')
  let [oldHash, newHash] = seeds === 1 ? [proof[0]!, proof[0]!] : [oldRoot, oldRoot]
  for (const [at, step] of steps.entries()) {
    const node = proof[seeds + at]!
    if (step === 'left') oldHash = nodeHash(node, oldHash)
    newHash = step === 'left' ? nodeHash(node, newHash) : nodeHash(newHash, node)
  }
  if (!equalBytes(oldHash, oldRoot)) throw otherRoot('older', oldSize)
  if (!equalBytes(newHash, newRoot)) throw otherRoot('newer', newSize)
}

/** A tree of the same size is the same tree: nothing is hashed, so the roots may be whatever names it. */
function verifySameTree({ oldRoot, newRoot, newSize, proof }: ConsistencyClaim): void {
  assertProofNodes(proof, 0, 'The consistency proof')
  if (!equalBytes(oldRoot, newRoot)) throw otherRoot('newer', newSize)
}

function assertSizes(oldSize: number, newSize: number): void {
  assertTreeSize(oldSize, 'The size of the older tree')
  assertTreeSize(newSize, 'The size of the newer tree')
  if (oldSize > newSize)
    throw merkleError(
      'MERKLE_SIZE',
      `The older tree has ${oldSize} leaves, more than the newer's ${newSize}.`,
    )
  if (oldSize === 0 && newSize !== 0)
    throw merkleError(
      'MERKLE_SIZE',
      'The older tree is empty: any tree begins so, and no proof can say more.',
    )
}

/**
 * From the older tree's last perfect subtree up, one for each node that joins: `left` belongs to both trees, `right`
 * to the newer alone.
 */
function stepsOf(oldSize: number, newSize: number): readonly ('left' | 'right')[] {
  const steps: ('left' | 'right')[] = []
  let node = oldSize - 1
  let last = newSize - 1
  for (; node % 2 === 1; node = half(node)) last = half(last)
  for (; last > 0; node = half(node), last = half(last)) {
    if (node % 2 === 1) steps.push('left')
    else if (node < last) steps.push('right')
  }
  return steps
}

function half(count: number): number {
  return Math.floor(count / 2)
}

function isPowerOfTwo(count: number): boolean {
  let rest = count
  while (rest > 1 && rest % 2 === 0) rest /= 2
  return rest === 1
}

function otherRoot(which: 'older' | 'newer', size: number) {
  return merkleError(
    'MERKLE_ROOT',
    `The consistency proof leads to another root of the ${which} tree of ${size} leaves: its leaves were changed.`,
  )
}
