import { describe, expect, it } from 'vitest'
import { concat, fromHex, toHex } from '#core/bytes.ts'
import { formatCid, parseDigest, textCid } from '#core/cid.ts'
import { FullTree } from '#merkle/full-tree.ts'
import { RANK_LEAF_BYTES, rankLeaf, rankLeaves } from '#merkle/rank-leaf.ts'
import { parseRankProof, rankProofToJson } from '#merkle/rank-proof-json.ts'
import { createTsHasher } from '#merkle/tree-hasher.ts'
import { type RankClaim, verifyRank } from '#merkle/verify-rank.ts'

const cids = ['moon', 'sun', 'star', 'sea', 'wind'].map(textCid)
const digests = concat(...cids.map(parseDigest))
const ranks = BigUint64Array.of(0n, 1n, 2n ** 62n, 2n ** 64n - 1n, 77n)
const tree = new FullTree(createTsHasher())
tree.append(rankLeaves(ranks, digests), RANK_LEAF_BYTES)

function claimOf(index: number): RankClaim {
  return {
    cid: cids[index]!,
    rank: ranks[index]!,
    index,
    treeSize: tree.size,
    proof: tree.proveInclusion(index),
    root: tree.root(),
  }
}

describe('[KG16] rank leaves', () => {
  it('are LE64(rank) and the digest', () => {
    const digest = new Uint8Array(32).fill(0xab)
    expect(toHex(rankLeaf(0x0102030405060708n, digest))).toBe(`0807060504030201${'ab'.repeat(32)}`)
  })

  it('of all particles are those of each', () => {
    const each = [...ranks].map((rank, i) => rankLeaf(rank, digests.subarray(32 * i, 32 * (i + 1))))
    expect(rankLeaves(ranks, digests)).toEqual(concat(...each))
  })

  it('refuse ranks beyond u64 and digests of another length', () => {
    const digest = new Uint8Array(32)
    for (const rank of [-1n, 2n ** 64n])
      expect(() => rankLeaf(rank, digest)).toThrow(expect.objectContaining({ code: 'MERKLE_LEAF' }))
    expect(() => rankLeaf(1n, digest.subarray(1))).toThrow(expect.objectContaining({ code: 'MERKLE_HASH' }))
    expect(() => rankLeaves(ranks, digest)).toThrow(expect.objectContaining({ code: 'MERKLE_LEAF' }))
  })
})

describe('[KG20] verifyRank', () => {
  it('accepts what the tree proves', () => {
    for (let i = 0; i < tree.size; i++) expect(verifyRank(claimOf(i))).toBeUndefined()
  })

  it.each<[string, (claim: RankClaim) => Partial<RankClaim>, string]>([
    ['another particle', () => ({ cid: cids[0]! }), 'MERKLE_ROOT'],
    ['another rank', ({ rank }) => ({ rank: rank + 1n }), 'MERKLE_ROOT'],
    ['a rank below 0', () => ({ rank: -1n }), 'MERKLE_LEAF'],
    ['a rank that wraps', ({ rank }) => ({ rank: rank + 2n ** 64n }), 'MERKLE_LEAF'],
    ['another index', () => ({ index: 3 }), 'MERKLE_ROOT'],
    ['an index at the size', ({ treeSize }) => ({ index: treeSize }), 'MERKLE_INDEX'],
    ['half an index', () => ({ index: 1.5 }), 'MERKLE_INDEX'],
    ['a size that asks for fewer nodes', () => ({ treeSize: 4 }), 'MERKLE_NODES'],
    ['a size that asks for more nodes', () => ({ treeSize: 9 }), 'MERKLE_NODES'],
    ['an empty tree', () => ({ treeSize: 0 }), 'MERKLE_INDEX'],
    ['a size that is none', () => ({ treeSize: -5 }), 'MERKLE_SIZE'],
    ['a missing node', ({ proof }) => ({ proof: proof.slice(1) }), 'MERKLE_NODES'],
    ['an extra node', ({ proof, root }) => ({ proof: [...proof, root] }), 'MERKLE_NODES'],
    ['a short node', ({ proof }) => ({ proof: proof.with(0, new Uint8Array(31)) }), 'MERKLE_HASH'],
    ['a long node', ({ proof }) => ({ proof: proof.with(1, new Uint8Array(64)) }), 'MERKLE_HASH'],
    ['a foreign node', ({ proof }) => ({ proof: proof.with(1, new Uint8Array(32)) }), 'MERKLE_ROOT'],
    ['another root', () => ({ root: new Uint8Array(32) }), 'MERKLE_ROOT'],
    ['a short root', ({ root }) => ({ root: root.subarray(1) }), 'MERKLE_HASH'],
    ['no CID', () => ({ cid: 'moon' }), 'CID_INVALID'],
    ['an empty CID', () => ({ cid: '' }), 'CID_INVALID'],
    ['letters that base58 lacks', ({ cid }) => ({ cid: `${cid.slice(0, 45)}0` }), 'CID_INVALID'],
    ['46 letters that are no CIDv0', () => ({ cid: 'z'.repeat(46) }), 'CID_INVALID'],
    ['leading ones', ({ cid }) => ({ cid: `11${cid.slice(0, 44)}` }), 'CID_INVALID'],
  ])('refuses %s', (_, change, code) => {
    const claim = claimOf(1)
    expect(() => verifyRank({ ...claim, ...change(claim) })).toThrow(expect.objectContaining({ code }))
  })

  it('refuses every flipped bit of the proof, the root and the rank', () => {
    const claim = claimOf(2)
    for (let bit = 0; bit < 256; bit++) {
      const variants = [
        { root: flip(claim.root, bit) },
        ...claim.proof.map((node, at) => ({ proof: claim.proof.with(at, flip(node, bit)) })),
        { cid: formatCid(flip(parseDigest(claim.cid), bit)) },
        { rank: claim.rank ^ (1n << BigInt(bit % 64)) },
      ]
      for (const variant of variants)
        expect(() => verifyRank({ ...claim, ...variant })).toThrow(
          expect.objectContaining({ code: 'MERKLE_ROOT' }),
        )
    }
  })

  it('reads every CID as #core/cid.ts does', () => {
    for (const digest of ['00'.repeat(32), 'ff'.repeat(32), `${'00'.repeat(31)}01`].map(fromHex)) {
      const one = new FullTree(createTsHasher())
      one.append(rankLeaf(5n, digest), RANK_LEAF_BYTES)
      verifyRank({ cid: formatCid(digest), rank: 5n, index: 0, treeSize: 1, proof: [], root: one.root() })
    }
  })
})

describe('saved proofs', () => {
  it('are read as they were written', () => {
    const claim = claimOf(3)
    const json = JSON.parse(JSON.stringify({ ...rankProofToJson(claim), note: 'from the page' }))
    expect(parseRankProof(json)).toEqual(claim)
  })

  it.each<[string, unknown]>([
    ['no object', 7],
    ['null', null],
    ['a list', []],
    ['no CID', { cid: 5 }],
    ['a text instead of a CID', { cid: 'x'.repeat(65) }],
    ['a rank as a number', { rank: 5 }],
    ['a rank with a sign', { rank: '-5' }],
    ['a rank with a zero before it', { rank: '05' }],
    ['a rank of 21 digits', { rank: '1'.repeat(21) }],
    ['an index as a text', { index: '1' }],
    ['half an index', { index: 0.5 }],
    ['a size beyond doubles', { treeSize: 2 ** 53 }],
    ['no list of nodes', { proof: 'ab' }],
    ['54 nodes', { proof: Array.from({ length: 54 }, () => '00'.repeat(32)) }],
    ['a node of 31 bytes', { proof: ['00'.repeat(31)] }],
    ['a root that is no hex', { root: 'zz'.repeat(32) }],
  ])('refuses %s', (_, change) => {
    const json =
      typeof change === 'object' && change !== null && !Array.isArray(change)
        ? { ...rankProofToJson(claimOf(0)), ...change }
        : change
    expect(() => parseRankProof(json)).toThrow(expect.objectContaining({ code: 'RANK_PROOF_INVALID' }))
  })
})

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = new Uint8Array(bytes)
  copy[bit >> 3]! ^= 1 << (bit & 7)
  return copy
}
