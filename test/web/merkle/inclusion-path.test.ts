import { expect, it } from 'vitest'
import { concat, fromHex, toHex } from '#core/bytes.ts'
import { FullTree } from '#merkle/full-tree.ts'
import { rankPath } from '#merkle/inclusion-path.ts'
import { RANK_LEAF_BYTES, rankLeaf, rankLeaves } from '#merkle/rank-leaf.ts'
import { leafHash, nodeHash } from '#merkle/tree-hash.ts'
import { createTsHasher } from '#merkle/tree-hasher.ts'
import { digestOf } from '#test/fakes/links.ts'

const digests = ['moon', 'sun', 'star', 'sea', 'wind'].map(digestOf)
const ranks = BigUint64Array.of(5n, 4n, 3n, 2n, 1n)
const tree = new FullTree(createTsHasher())
tree.append(rankLeaves(ranks, concat(...digests)), RANK_LEAF_BYTES)

function claimOf(index: number) {
  const proof = tree.proveInclusion(index)
  return { rank: ranks[index]!, index, treeSize: tree.size, proof, root: tree.root() }
}

it('[KG20] shows each hash from a rank to the root, in trees of any shape', () => {
  for (const [index, digest] of digests.entries()) {
    const { leaf, steps } = rankPath(claimOf(index), digest)
    expect(leaf).toBe(toHex(leafHash(rankLeaf(ranks[index]!, digest))))
    let hash = leaf
    for (const step of steps) {
      const pair = step.side === 'left' ? [step.sibling, hash] : [hash, step.sibling]
      expect(step.hash).toBe(toHex(nodeHash(fromHex(pair[0]!), fromHex(pair[1]!))))
      hash = step.hash
    }
    expect(hash).toBe(toHex(tree.root()))
  }
  // the fifth of five stands alone up to the last level
  expect(rankPath(claimOf(4), digests[4]!).steps.map(({ side }) => side)).toEqual(['left'])
})

it('[KG20] shows no path of a proof that does not hold', () => {
  const claim = claimOf(2)
  expect(() => rankPath({ ...claim, rank: 4n }, digests[2]!)).toThrow(/another root/)
  expect(() => rankPath({ ...claim, proof: claim.proof.slice(1) }, digests[2]!)).toThrow(/too few/)
})
