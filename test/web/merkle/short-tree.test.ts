import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, toHex } from '#core/bytes.ts'
import {
  appendToShortTree,
  decodeShortTree,
  EMPTY_SHORT_TREE,
  encodeShortTree,
  shortTreeRoot,
} from '#merkle/short-tree.ts'
import { emptyRoot, leafHash, nodeHash } from '#merkle/tree-hash.ts'
import { createTsHasher } from '#merkle/tree-hasher.ts'
import { naiveRoot } from './naive-tree.ts'

const hasher = createTsHasher()

/** One entry for each height, falling; the root of height h is h, 32 times. */
function entries(...heights: readonly (number | bigint)[]): Uint8Array {
  return concat(
    ...heights.map((height) => {
      const entry = new Uint8Array(40).fill(Number(BigInt(height) & 0xffn), 0, 32)
      new DataView(entry.buffer).setBigUint64(32, BigInt(height), true)
      return entry
    }),
  )
}

const FORTY = Array.from({ length: 40 }, (_, i) => 39 - i)

describe('[KG17] short tree', () => {
  it('has the root of a full tree, in whatever pieces it grew', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 10 }), (pieces) => {
        let tree = EMPTY_SHORT_TREE
        const leaves: Uint8Array[] = []
        for (const count of pieces) {
          const added = Array.from({ length: count }, (_, i) => Uint8Array.of(leaves.length + i, count))
          leaves.push(...added)
          tree = appendToShortTree(tree, concat(...added.map(leafHash)), hasher)
        }
        expect(tree.size).toBe(leaves.length)
        expect(shortTreeRoot(tree)).toEqual(naiveRoot(leaves))
        expect(decodeShortTree(encodeShortTree(tree))).toEqual(tree)
      }),
      { numRuns: 100 },
    )
  })

  it('leaves the tree that it grew from as it was', () => {
    const one = appendToShortTree(EMPTY_SHORT_TREE, leafHash(Uint8Array.of(1)), hasher)
    const bytes = toHex(encodeShortTree(one))
    const two = appendToShortTree(one, leafHash(Uint8Array.of(2)), hasher)
    expect([one.size, two.size, toHex(encodeShortTree(one))]).toEqual([1, 2, bytes])
    expect(EMPTY_SHORT_TREE.size).toBe(0)
    expect(shortTreeRoot(EMPTY_SHORT_TREE)).toEqual(emptyRoot())
  })

  it('takes 40 bytes a subtree: root and height, little-endian, the largest first', () => {
    const leaves = [1, 2, 3].map((byte) => leafHash(Uint8Array.of(byte)))
    const tree = appendToShortTree(EMPTY_SHORT_TREE, concat(...leaves), hasher)
    const height = (value: number) => Uint8Array.of(value, 0, 0, 0, 0, 0, 0, 0)
    expect(encodeShortTree(tree)).toEqual(
      concat(nodeHash(leaves[0]!, leaves[1]!), height(1), leaves[2]!, height(0)),
    )
  })

  it('2⁴⁰ − 1 leaves take 1,600 bytes, and are counted exactly', () => {
    const tree = decodeShortTree(entries(...FORTY))
    expect(tree.size).toBe(1_099_511_627_775)
    expect(encodeShortTree(tree)).toEqual(entries(...FORTY))
    expect(encodeShortTree(tree).length).toBe(1_600)
    const leaf = new Uint8Array(32)
    const full = appendToShortTree(tree, leaf, hasher)
    expect([full.size, full.roots.length]).toEqual([2 ** 40, 32])
    // one by one from below, as the definition has it
    const root = FORTY.reduceRight<Uint8Array>(
      (right, height) => nodeHash(new Uint8Array(32).fill(height), right),
      leaf,
    )
    expect(shortTreeRoot(full)).toEqual(root)
    expect(appendToShortTree(full, concat(leaf, leaf, leaf), hasher).size).toBe(2 ** 40 + 3)
  })

  it.each([2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 + 2 ** 31])('counts %i leaves exactly', (size) => {
    const heights = FORTY.filter((height) => Math.floor(size / 2 ** height) % 2 === 1)
    const tree = decodeShortTree(entries(...heights))
    expect(tree.size).toBe(size)
    expect(encodeShortTree(appendToShortTree(tree, new Uint8Array(0), hasher))).toEqual(entries(...heights))
    expect(appendToShortTree(tree, new Uint8Array(32 * 5), hasher).size).toBe(size + 5)
  })

  it.each<[string, Uint8Array]>([
    ['an entry that is cut', entries(3).subarray(0, 39)],
    ['an entry too long', concat(entries(3), Uint8Array.of(0))],
    ['heights that rise', entries(1, 2)],
    ['a height twice', entries(4, 4)],
    ['a height that overflows', entries(53)],
    ['a height beyond doubles', entries(2n ** 64n - 1n)],
    ['more entries than heights', entries(...Array.from({ length: 54 }, (_, i) => 53 - i))],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeShortTree(bytes)).toThrow(expect.objectContaining({ code: 'SHORT_TREE_INVALID' }))
  })

  it('refuses hashes that are not whole, and leaves beyond 2⁵³ − 1', () => {
    expect(() => appendToShortTree(EMPTY_SHORT_TREE, new Uint8Array(31), hasher)).toThrow(
      expect.objectContaining({ code: 'MERKLE_LEAF' }),
    )
    const largest = decodeShortTree(entries(...Array.from({ length: 53 }, (_, i) => 52 - i)))
    expect(largest.size).toBe(Number.MAX_SAFE_INTEGER)
    expect(() => appendToShortTree(largest, new Uint8Array(32), hasher)).toThrow(
      expect.objectContaining({ code: 'MERKLE_SIZE' }),
    )
  })
})
