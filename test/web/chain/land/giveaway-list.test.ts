import { describe, expect, it } from 'vitest'
import type { Hex } from '#chain/hex.ts'
import { hexOf, wordBytes } from '#chain/hex.ts'
import { assertGivenTo, findGivenParcel, MAX_GIVEAWAY_BYTES } from '#chain/land/giveaway-list.ts'
import { compareBytes, concat, fromHex } from '#core/bytes.ts'
import { keccak256 } from '#core/keccak.ts'

const CLAIMS = [
  [7, '0x00000000000000000000000000000000000A11ce'],
  [9, '0x0000000000000000000000000000000000000b0b'],
  [12, '0x0000000000000000000000000000000000ca7012'],
  [14, '0x0000000000000000000000000000000000ca7012'],
  [19, '0x0000000000000000000000000000000000000b0b'],
] as const

/** As `StandardMerkleTree.of(values, ['uint256', 'address']).dump()` of @openzeppelin/merkle-tree gives it. */
function dumpList(claims: readonly (readonly [number, string])[]) {
  const leaves = claims
    .map(([id, owner], row) => ({
      row,
      hash: keccak256(keccak256(concat(wordBytes(BigInt(id)), wordBytes(BigInt(owner))))),
    }))
    .sort((a, b) => compareBytes(a.hash, b.hash))
  const size = 2 * leaves.length - 1
  const tree: Uint8Array[] = new Array(size)
  const at = new Map<number, number>()
  for (const [index, { row, hash }] of leaves.entries()) {
    tree[size - 1 - index] = hash
    at.set(row, size - 1 - index)
  }
  for (let i = size - 1 - leaves.length; i >= 0; i--) {
    const pair = [tree[2 * i + 1]!, tree[2 * i + 2]!].sort(compareBytes)
    tree[i] = keccak256(concat(...pair))
  }
  return {
    format: 'standard-v1',
    leafEncoding: ['uint256', 'address'],
    tree: tree.map(hexOf),
    values: claims.map(([id, owner], row) => ({
      value: [String(id), owner],
      treeIndex: at.get(row) as number,
    })),
  }
}

const list = dumpList(CLAIMS)
const text = JSON.stringify(list)

/** OpenZeppelin's MerkleProof.verify. */
function leadsToRoot(proof: readonly Hex[], leaf: Uint8Array, root: Hex): boolean {
  let hash: Uint8Array = leaf
  for (const each of proof) hash = keccak256(concat(...[hash, fromHex(each.slice(2))].sort(compareBytes)))
  return hexOf(hash) === root
}

describe('[CH3] the list of a giveaway', () => {
  it.each(CLAIMS)('gives plot %i to %s, by a proof that the contract takes', (id, owner) => {
    const found = findGivenParcel(text, id)
    expect(found).toMatchObject({ owner: owner.toLowerCase(), root: list.tree[0] })
    const leaf = keccak256(keccak256(concat(wordBytes(BigInt(id)), wordBytes(BigInt(owner)))))
    expect(leadsToRoot(found.proof, leaf, found.root)).toBe(true)
    assertGivenTo(found, id, owner)
  })

  it('of one plot has an empty proof', () => {
    const [only] = CLAIMS
    expect(findGivenParcel(JSON.stringify(dumpList([only])), 7).proof).toEqual([])
  })

  it('gives nothing to another wallet, and no other plot', () => {
    expect(() => findGivenParcel(text, 8)).toThrow(expect.objectContaining({ code: 'GIVEAWAY_OTHER' }))
    const found = findGivenParcel(text, 7)
    expect(() => assertGivenTo(found, 7, CLAIMS[1][1])).toThrow(
      expect.objectContaining({ code: 'GIVEAWAY_OTHER', message: expect.stringContaining(found.owner) }),
    )
  })

  it('is refused when any hash on the way, a row or its form is another', () => {
    const row = list.values[0]!
    const wrong: unknown[] = [
      'no JSON',
      [],
      { ...list, format: 'standard-v2' },
      { ...list, leafEncoding: ['address', 'uint256'] },
      { ...list, tree: list.tree.map((hash, i) => (i === 0 ? `0x${'11'.repeat(32)}` : hash)) },
      { ...list, tree: list.tree.slice(0, 2) },
      { ...list, tree: [7] },
      { ...list, values: [{ ...row, value: ['7', CLAIMS[1][1]] }] },
      { ...list, values: [{ ...row, treeIndex: row.treeIndex - 1 }] },
      { ...list, values: [{ ...row, treeIndex: 1e9 }] },
      { ...list, values: [{ ...row, treeIndex: -1 }] },
      { ...list, values: [{ value: ['7'] }] },
      { ...list, values: [null] },
    ]
    for (const each of wrong) {
      const input = typeof each === 'string' ? each : JSON.stringify(each)
      expect(() => findGivenParcel(input, 7), input.slice(0, 200)).toThrow(
        expect.objectContaining({ code: 'GIVEAWAY_LIST' }),
      )
    }
    expect(() => findGivenParcel(' '.repeat(MAX_GIVEAWAY_BYTES + 1), 7)).toThrow(
      expect.objectContaining({ code: 'GIVEAWAY_LIST' }),
    )
  })
})
