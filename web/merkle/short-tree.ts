import { type Bytes, concat } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'
import { merkleError } from './merkle-errors.ts'
import { assertTreeSize, MAX_TREE_SIZE } from './tree-checks.ts'
import { emptyRoot, HASH_BYTES, nodeHash } from './tree-hash.ts'
import { hashNodes, type TreeHasher } from './tree-hasher.ts'

export type ShortTreeErrorCode = 'SHORT_TREE_INVALID'

/**
 * [KG17] A tree by the roots of its perfect subtrees alone: enough to append and to give the root. A plain value that
 * is never written again, so that a snapshot is a reference.
 */
export interface ShortTree {
  /** leaves, at most MAX_TREE_SIZE */
  readonly size: number
  /** u8[subtrees · 32], the largest first: one for each 1 in the binary form of `size` */
  readonly roots: Bytes
}

export const EMPTY_SHORT_TREE: ShortTree = Object.freeze({ size: 0, roots: new Uint8Array(0) })

/** A root and a u64 height. */
const ENTRY_BYTES = HASH_BYTES + 8
/** 2⁵³ − 1 leaves are 53 perfect subtrees. */
const MAX_HEIGHT = 52

/**
 * The tree with more leaves: their hashes u8[count · 32] side by side, pairs hashed level by level.
 *
 * @throws MERKLE_LEAF for hashes that are not whole, MERKLE_SIZE beyond MAX_TREE_SIZE
 */
export function appendToShortTree(tree: ShortTree, leafHashes: Uint8Array, hasher: TreeHasher): ShortTree {
  const count = leafHashes.length / HASH_BYTES
  if (!Number.isSafeInteger(count))
    throw merkleError('MERKLE_LEAF', `Expected hashes of 32 bytes, got ${leafHashes.length} bytes.`)
  const size = tree.size + count
  assertTreeSize(size, 'The tree with the new leaves')
  const levels = splitRoots(tree)
  let level: Uint8Array = leafHashes
  for (let height = 0; level.length > 0; height++) {
    const waiting = levels[height]
    const row = waiting === undefined ? level : concat(waiting, level)
    const paired = row.length - (row.length % (2 * HASH_BYTES))
    levels[height] = paired === row.length ? undefined : row.slice(paired)
    const parents = new Uint8Array(paired / 2)
    hashNodes(hasher, row.subarray(0, paired), parents)
    level = parents
  }
  return { size, roots: concat(...levels.filter((root) => root !== undefined).reverse()) }
}

/** Its root, as that of a full tree over the same leaves. */
export function shortTreeRoot({ size, roots }: ShortTree): Bytes {
  if (size === 0) return emptyRoot()
  let hash = roots.slice(roots.length - HASH_BYTES)
  for (let at = roots.length - 2 * HASH_BYTES; at >= 0; at -= HASH_BYTES)
    hash = nodeHash(roots.subarray(at, at + HASH_BYTES), hash)
  return hash
}

/** [KG17] 40 bytes for each perfect subtree, the largest first: its root and its height, u64 little-endian. */
export function encodeShortTree({ size, roots }: ShortTree): Bytes {
  const heights = heightsOf(size)
  const out = new Uint8Array(heights.length * ENTRY_BYTES)
  const view = new DataView(out.buffer)
  for (const [i, height] of heights.entries()) {
    out.set(roots.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES), i * ENTRY_BYTES)
    view.setBigUint64(i * ENTRY_BYTES + HASH_BYTES, BigInt(height), true)
  }
  return out
}

/** @throws SHORT_TREE_INVALID unless these are whole entries whose heights fall and stay within MAX_TREE_SIZE */
export function decodeShortTree(bytes: Uint8Array): ShortTree {
  const count = bytes.length / ENTRY_BYTES
  if (!Number.isInteger(count) || count > MAX_HEIGHT + 1)
    throw invalid(`${bytes.length} bytes, expected ${ENTRY_BYTES} for each of at most ${MAX_HEIGHT + 1}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const roots = new Uint8Array(count * HASH_BYTES)
  let size = 0
  let above = BigInt(MAX_HEIGHT + 1)
  for (let i = 0; i < count; i++) {
    const height = view.getBigUint64(i * ENTRY_BYTES + HASH_BYTES, true)
    if (height >= above) throw invalid(`subtree ${i} has the height ${height}, expected one below ${above}`)
    above = height
    size += 2 ** Number(height)
    roots.set(bytes.subarray(i * ENTRY_BYTES, i * ENTRY_BYTES + HASH_BYTES), i * HASH_BYTES)
  }
  return { size, roots }
}

/** Heights of the perfect subtrees, falling: the 1s in the binary form of `size`. */
function heightsOf(size: number): readonly number[] {
  const heights: number[] = []
  // Division, not shifts: sizes go beyond 2³¹.
  for (let rest = size, height = 0; rest > 0; rest = Math.floor(rest / 2), height++)
    if (rest % 2 === 1) heights.unshift(height)
  return heights
}

/** The root of each height, or undefined. */
function splitRoots({ size, roots }: ShortTree): (Uint8Array | undefined)[] {
  const levels: (Uint8Array | undefined)[] = []
  for (const [i, height] of heightsOf(size).entries())
    levels[height] = roots.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)
  return levels
}

function invalid(problem: string): AppError<ShortTreeErrorCode> {
  return new AppError<ShortTreeErrorCode>(
    'SHORT_TREE_INVALID',
    `This is no short tree: ${problem}. Trees have at most ${MAX_TREE_SIZE} leaves.`,
  )
}
