import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { concat } from '#core/bytes.ts'
import { FullTree } from '#merkle/full-tree.ts'
import { leafHash } from '#merkle/tree-hash.ts'
import { createTsHasher } from '#merkle/tree-hasher.ts'
import { type ConsistencyClaim, verifyConsistency } from '#merkle/verify-consistency.ts'
import { type InclusionClaim, verifyInclusion } from '#merkle/verify-inclusion.ts'
import { checkProofCases } from '#relay/merkle/proof-cases.ts'

const SIZES = [1, 2, 3, 5, 7, 8, 13]
const OTHER = new Uint8Array(32).fill(7)
const tree = new FullTree(createTsHasher())
tree.appendHashes(concat(...Array.from({ length: 13 }, (_, i) => leafHash(Uint8Array.of(i)))))

const inclusions: readonly InclusionClaim[] = SIZES.flatMap((treeSize) =>
  Array.from({ length: treeSize }, (_, index) => ({
    leafHash: tree.leafHash(index),
    index,
    treeSize,
    proof: tree.proveInclusion(index, treeSize),
    root: tree.root(treeSize),
  })),
)
const consistencies: readonly ConsistencyClaim[] = SIZES.flatMap((newSize) =>
  Array.from({ length: newSize }, (_, i) => ({
    oldSize: i + 1,
    newSize,
    oldRoot: tree.root(i + 1),
    newRoot: tree.root(newSize),
    proof: tree.proveConsistency(i + 1, newSize),
  })),
)

/** Every wrong variant of 32 bytes that a slip or a liar makes: a bit here and there, cut, long, empty, another. */
function wrongHashes(hash: Uint8Array): readonly Uint8Array[] {
  const flipped = [0, 100, 255].map((bit) => flip(hash, bit))
  return [...flipped, hash.subarray(0, 31), concat(hash, Uint8Array.of(0)), new Uint8Array(0), OTHER]
}

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = new Uint8Array(bytes)
  copy[bit >> 3]! ^= 1 << (bit & 7)
  return copy
}

function wrongProofs(
  proof: readonly Uint8Array[],
  roots: readonly Uint8Array[],
): readonly (readonly Uint8Array[])[] {
  const changed = proof.flatMap((node, at) => wrongHashes(node).map((wrong) => proof.with(at, wrong)))
  const removed = proof.map((_, at) => proof.toSpliced(at, 1))
  const extra = [OTHER, new Uint8Array(0), ...roots].flatMap((node) =>
    [0, proof.length].map((at) => proof.toSpliced(at, 0, node)),
  )
  const swapped = proof.length > 1 ? [proof.toReversed()] : []
  return [...changed, ...removed, ...extra, ...swapped]
}

function wrongNumbers(value: number): readonly number[] {
  const near = [value - 1, value + 1, value ^ 2, value * 2, value >> 1].filter((other) => other !== value)
  return [
    ...near,
    -1,
    value + 0.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 53,
    value + 2 ** 32,
    value + 2 ** 40,
  ]
}

const MERKLE = expect.objectContaining({ code: expect.stringMatching(/^MERKLE_/) })

describe('[KG20] verifyInclusion', () => {
  it('accepts every proof of small trees', () => {
    for (const claim of inclusions) expect(verifyInclusion(claim)).toBeUndefined()
  })

  it('refuses every one in which a field was corrupted', () => {
    for (const claim of inclusions) {
      const wrong: InclusionClaim[] = [
        ...wrongHashes(claim.leafHash).map((hash) => ({ ...claim, leafHash: hash })),
        ...wrongHashes(claim.root).map((root) => ({ ...claim, root })),
        ...wrongProofs(claim.proof, [claim.root, claim.leafHash]).map((proof) => ({ ...claim, proof })),
        ...wrongNumbers(claim.index).map((index) => ({ ...claim, index })),
      ]
      for (const variant of wrong) expect(() => verifyInclusion(variant)).toThrow(MERKLE)
    }
  })

  it('refuses a size that asks for other nodes, or is none', () => {
    const [claim] = inclusions.filter(({ index, treeSize }) => index === 5 && treeSize === 8)
    for (const treeSize of [0, 3, 5, 6, 16, 17, -8, 8.5, Number.NaN, 2 ** 53, 8 + 2 ** 32])
      expect(() => verifyInclusion({ ...claim!, treeSize })).toThrow(MERKLE)
  })

  it('names the cause', () => {
    const claim = inclusions.find(({ index, treeSize }) => index === 5 && treeSize === 8)!
    const codeOf = (change: Partial<InclusionClaim>) => {
      try {
        verifyInclusion({ ...claim, ...change })
      } catch (error) {
        return `${(error as { code: string }).code}: ${(error as Error).message}`
      }
    }
    expect([
      codeOf({ treeSize: -1 }),
      codeOf({ index: 8 }),
      codeOf({ leafHash: OTHER.subarray(1) }),
      codeOf({ root: new Uint8Array(0) }),
      codeOf({ proof: claim.proof.slice(1) }),
      codeOf({ proof: [...claim.proof, OTHER] }),
      codeOf({ proof: claim.proof.with(1, new Uint8Array(33)) }),
      codeOf({ leafHash: OTHER }),
    ]).toMatchInlineSnapshot(`
      [
        "MERKLE_SIZE: The size of the tree: expected a whole number from 0 to 2⁵³ − 1, got -1.",
        "MERKLE_INDEX: The leaf's index is 8: expected a whole number below the 8 leaves of the tree.",
        "MERKLE_HASH: The leaf's hash: expected 32 bytes, got 31.",
        "MERKLE_HASH: The root: expected 32 bytes, got 0.",
        "MERKLE_NODES: The inclusion proof has 2 nodes, too few: expected 3 for these sizes.",
        "MERKLE_NODES: The inclusion proof has 4 nodes, too many: expected 3 for these sizes.",
        "MERKLE_HASH: Node 1 of the proof: expected 32 bytes, got 33.",
        "MERKLE_ROOT: The inclusion proof of leaf 5 leads to another root: the leaf, its index or a node is not the tree's.",
      ]
    `)
  })

  it('counts beyond 2³¹ exactly', () => {
    // The last leaf of a tree of 2⁴⁰ + 1 leaves has one node beside it, the root of all before it.
    const before = new Uint8Array(32).fill(3)
    const one = new FullTree(createTsHasher())
    one.appendHashes(concat(before, tree.leafHash(0)))
    const claim = { leafHash: tree.leafHash(0), index: 2 ** 40, treeSize: 2 ** 40 + 1, proof: [before] }
    verifyInclusion({ ...claim, root: one.root() })
    expect(() => verifyInclusion({ ...claim, index: 0, root: one.root() })).toThrow(
      expect.objectContaining({ code: 'MERKLE_NODES' }),
    )
  })
})

describe('[KG17] verifyConsistency', () => {
  it('accepts every proof of small trees', () => {
    for (const claim of consistencies) expect(verifyConsistency(claim)).toBeUndefined()
  })

  it('refuses every one in which a field was corrupted', () => {
    for (const claim of consistencies) {
      const { oldSize, newSize, oldRoot, newRoot, proof } = claim
      const wrong: ConsistencyClaim[] = [
        ...wrongHashes(oldRoot).map((root) => ({ ...claim, oldRoot: root })),
        ...wrongHashes(newRoot).map((root) => ({ ...claim, newRoot: root })),
        ...wrongProofs(proof, [oldRoot, newRoot]).map((nodes) => ({ ...claim, proof: nodes })),
        ...(oldSize === newSize ? [] : wrongNumbers(oldSize).map((size) => ({ ...claim, oldSize: size }))),
        ...(oldSize === newSize ? [] : [{ ...claim, oldRoot: newRoot, newRoot: oldRoot }]),
      ]
      for (const variant of wrong) expect(() => verifyConsistency(variant)).toThrow(MERKLE)
    }
  })

  it('refuses sizes that are none, fall, or begin with nothing', () => {
    const claim = consistencies.find(({ oldSize, newSize }) => oldSize === 3 && newSize === 8)!
    for (const sizes of [
      { oldSize: 0 },
      { oldSize: 9 },
      { oldSize: -1 },
      { newSize: 2 },
      { newSize: 2 ** 53 },
      { newSize: 8.5 },
      { oldSize: Number.NaN },
    ])
      expect(() => verifyConsistency({ ...claim, ...sizes })).toThrow(
        expect.objectContaining({ code: 'MERKLE_SIZE' }),
      )
  })
})

describe('cases of transparency-dev/merkle', () => {
  const cases = JSON.parse(
    readFileSync(new URL('../../vectors/rfc6962-verifier-cases.json', import.meta.url), 'utf8'),
  ) as { readonly inclusion: readonly object[]; readonly consistency: readonly object[] }

  it('[KG20] accepts and refuses all as expected', () => {
    expect(checkProofCases(cases)).toEqual({ checked: 98, wrong: [] })
  })

  it('names those that turn out otherwise', () => {
    const turned = cases.inclusion.map((item) => ({ ...item, wantErr: false, file: undefined }))
    const { checked, wrong } = checkProofCases({ inclusion: turned })
    expect(checked).toBe(49)
    expect(wrong.slice(0, 2)).toEqual(['inclusion[0]', 'inclusion[1]'])
    expect(wrong).toHaveLength(47)
  })
})
