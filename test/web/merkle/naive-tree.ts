import { emptyRoot, leafHash, nodeHash } from '#merkle/tree-hash.ts'

/** RFC 6962 §2.1 as it is written: slow, recursive, and nothing to get wrong. */
export function naiveRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return emptyRoot()
  if (leaves.length === 1) return leafHash(leaves[0]!)
  const k = splitOf(leaves.length)
  return nodeHash(naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)))
}

/** RFC 6962 §2.1.1: PATH(m, D[n]). */
export function naivePath(m: number, leaves: readonly Uint8Array[]): readonly Uint8Array[] {
  if (leaves.length === 1) return []
  const k = splitOf(leaves.length)
  return m < k
    ? [...naivePath(m, leaves.slice(0, k)), naiveRoot(leaves.slice(k))]
    : [...naivePath(m - k, leaves.slice(k)), naiveRoot(leaves.slice(0, k))]
}

/** RFC 6962 §2.1.2: PROOF(m, D[n]) = SUBPROOF(m, D[n], true). */
export function naiveConsistency(
  m: number,
  leaves: readonly Uint8Array[],
  isRoot = true,
): readonly Uint8Array[] {
  const n = leaves.length
  if (m === n) return isRoot ? [] : [naiveRoot(leaves)]
  const k = splitOf(n)
  return m <= k
    ? [...naiveConsistency(m, leaves.slice(0, k), isRoot), naiveRoot(leaves.slice(k))]
    : [...naiveConsistency(m - k, leaves.slice(k), false), naiveRoot(leaves.slice(0, k))]
}

/** The largest power of two below `n`. */
function splitOf(n: number): number {
  let k = 1
  while (2 * k < n) k *= 2
  return k
}
