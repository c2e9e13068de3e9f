import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, fromHex, toHex, utf8 } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import { FullTree } from '#merkle/full-tree.ts'
import { appendToShortTree, EMPTY_SHORT_TREE } from '#merkle/short-tree.ts'
import { leafHash } from '#merkle/tree-hash.ts'
import { createTsHasher, hashLeaves } from '#merkle/tree-hasher.ts'
import { verifyConsistency } from '#merkle/verify-consistency.ts'
import { verifyInclusion } from '#merkle/verify-inclusion.ts'
import { naiveConsistency, naivePath, naiveRoot } from './naive-tree.ts'

interface Vectors {
  readonly leaf_inputs_hex: readonly string[]
  readonly roots_by_size_hex: readonly string[]
  readonly inclusion: readonly {
    readonly leaf_index: number
    readonly tree_size: number
    readonly proof: readonly string[]
  }[]
  readonly consistency: readonly {
    readonly size1: number
    readonly size2: number
    readonly proof: readonly string[]
  }[]
  readonly rolling_130: { readonly subtree_inclusion_sha256: string }
}

const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/rfc6962.json', import.meta.url), 'utf8'),
) as Vectors
const hasher = createTsHasher()

function treeOf(leaves: readonly Uint8Array[]): FullTree {
  const tree = new FullTree(hasher)
  tree.appendHashes(concat(...leaves.map(leafHash)))
  return tree
}

function leavesOf(count: number): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, i) => Uint8Array.of(i >> 8, i))
}

describe('[KG17] full tree: vectors of RFC 6962', () => {
  const tree = treeOf(vectors.leaf_inputs_hex.map(fromHex))

  it('gives the known roots of 0 to 8 leaves', () => {
    expect(vectors.roots_by_size_hex.map((_, size) => toHex(tree.root(size)))).toEqual(
      vectors.roots_by_size_hex,
    )
  })

  it.each(vectors.inclusion)('proves leaf $leaf_index of $tree_size', ({ leaf_index, tree_size, proof }) => {
    const root = tree.root(tree_size)
    expect(tree.proveInclusion(leaf_index, tree_size).map(toHex)).toEqual(proof)
    verifyInclusion({
      index: leaf_index,
      treeSize: tree_size,
      leafHash: tree.leafHash(leaf_index),
      root,
      proof: proof.map(fromHex),
    })
  })

  it.each(vectors.consistency)('proves that $size1 leaves begin $size2', ({ size1, size2, proof }) => {
    expect(tree.proveConsistency(size1, size2).map(toHex)).toEqual(proof)
    verifyConsistency({
      oldSize: size1,
      newSize: size2,
      oldRoot: tree.root(size1),
      newRoot: tree.root(size2),
      proof: proof.map(fromHex),
    })
  })

  it('gives the known paths in every aligned subtree of 130 leaves', () => {
    const leaves = Array.from({ length: 130 }, (_, i) => Uint8Array.of(i))
    let lines = ''
    for (let end = 0; end <= leaves.length; end++) {
      for (let start = 0; start < end; start++) {
        if (start !== 0 && start % bitCeil(end - start) !== 0) continue
        const part = treeOf(leaves.slice(start, end))
        for (let index = start; index < end; index++) {
          const nodes = part.proveInclusion(index - start).map((node) => ` ${toHex(node)}`)
          lines += `${index} [${start}, ${end})${nodes.join('')}\n`
        }
      }
    }
    expect(toHex(sha256(utf8(lines)))).toBe(vectors.rolling_130.subtree_inclusion_sha256)
  })
})

describe('[KG17] full tree against the recursive definition', () => {
  it.each([1, 2, 3, 4, 5, 7, 8, 9, 21])('%i leaves: every proof at every size', (count) => {
    const leaves = leavesOf(count)
    const tree = treeOf(leaves)
    for (let size = 1; size <= count; size++) {
      const part = leaves.slice(0, size)
      const root = tree.root(size)
      expect(root).toEqual(naiveRoot(part))
      for (let i = 0; i < size; i++) {
        const proof = tree.proveInclusion(i, size)
        expect(proof).toEqual(naivePath(i, part))
        expect(proof.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)))
        verifyInclusion({ leafHash: leafHash(leaves[i]!), index: i, treeSize: size, proof, root })
        const consistency = tree.proveConsistency(i + 1, size)
        expect(consistency).toEqual(naiveConsistency(i + 1, part))
        const oldRoot = tree.root(i + 1)
        verifyConsistency({ oldSize: i + 1, newSize: size, oldRoot, newRoot: root, proof: consistency })
      }
    }
  })

  it('is the same tree in whatever pieces it grew, and whichever leaves were set anew', () => {
    const change = fc.oneof(
      fc.record({ append: fc.array(fc.nat(255), { maxLength: 20 }) }),
      fc.record({ at: fc.nat(), set: fc.array(fc.nat(255), { minLength: 1, maxLength: 6 }) }),
    )
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
        const tree = new FullTree(hasher)
        const leaves: Uint8Array[] = []
        for (const step of changes) {
          if ('append' in step) {
            tree.append(Uint8Array.from(step.append), 1)
            leaves.push(...step.append.map((byte) => Uint8Array.of(byte)))
          } else if (leaves.length > 0) {
            const at = step.at % leaves.length
            const set = step.set.slice(0, leaves.length - at)
            tree.set(at, Uint8Array.from(set), 1)
            for (const [i, byte] of set.entries()) leaves[at + i] = Uint8Array.of(byte)
          }
        }
        expect(tree.size).toBe(leaves.length)
        expect(tree.root()).toEqual(naiveRoot(leaves))
        const middle = leaves.length >> 1
        if (leaves.length > 0) expect(tree.proveInclusion(middle)).toEqual(naivePath(middle, leaves))
      }),
      { numRuns: 100 },
    )
  })

  it('gives its short tree of any size', () => {
    const leaves = leavesOf(40)
    const tree = treeOf(leaves)
    for (let size = 0; size <= leaves.length; size++) {
      const hashes = hashLeaves(hasher, concat(...leaves.slice(0, size)), 2)
      expect(tree.shortTree(size)).toEqual(appendToShortTree(EMPTY_SHORT_TREE, hashes, hasher))
    }
  })
})

describe('full tree refuses', () => {
  const tree = treeOf(leavesOf(5))

  it.each<[string, () => unknown, string]>([
    ['an index at its size', () => tree.proveInclusion(5), 'MERKLE_INDEX'],
    ['a negative index', () => tree.proveInclusion(-1), 'MERKLE_INDEX'],
    ['a size beyond its own', () => tree.proveInclusion(0, 6), 'MERKLE_SIZE'],
    ['a size that is no number', () => tree.root(Number.NaN), 'MERKLE_SIZE'],
    ['the beginning with nothing', () => tree.proveConsistency(0), 'MERKLE_SIZE'],
    ['a beginning longer than itself', () => tree.proveConsistency(6), 'MERKLE_SIZE'],
    ['to set what is not there', () => tree.set(4, new Uint8Array(4), 2), 'MERKLE_INDEX'],
    ['leaves that are not whole', () => tree.append(new Uint8Array(3), 2), 'MERKLE_LEAF'],
    ['hashes that are not whole', () => tree.appendHashes(new Uint8Array(33)), 'MERKLE_LEAF'],
    ['more leaves than it may have', () => tree.append({ length: 2 ** 27 } as Uint8Array, 1), 'MERKLE_SIZE'],
  ])('%s', (_, act, code) => {
    const root = tree.root()
    expect(act).toThrow(expect.objectContaining({ code }))
    expect(tree.root()).toEqual(root)
  })
})

/** Smallest power of two that is not below `count`. */
function bitCeil(count: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, count)))
}
