import { concat, equalBytes, toHex, utf8 } from '#core/bytes.ts'
import { parseDigest, textCid } from '#core/cid.ts'
import { AppError } from '#core/errors.ts'
import { FullTree } from '#merkle/full-tree.ts'
import { decodeMapProof, encodeMapProof, verifyMapProof } from '#merkle/map-proof.ts'
import { MapTree } from '#merkle/map-tree.ts'
import { RANK_LEAF_BYTES, rankLeaves } from '#merkle/rank-leaf.ts'
import { parseRankProof, rankProofToJson } from '#merkle/rank-proof-json.ts'
import { decodeShortTree, encodeShortTree } from '#merkle/short-tree.ts'
import { createTsHasher } from '#merkle/tree-hasher.ts'
import { verifyRank } from '#merkle/verify-rank.ts'
import type { FuzzTarget } from '../fuzz.ts'

const KEY_BYTES = 32

function keyOf(byte: number): Uint8Array {
  return new Uint8Array(KEY_BYTES).fill(byte)
}

/** [KG17] What is taken as a short tree has these bytes alone. */
export function shortTreeTarget(): FuzzTarget {
  const tree = new FullTree(createTsHasher())
  tree.append(
    Uint8Array.from({ length: 31 }, (_, i) => i),
    1,
  )
  return {
    name: 'short-tree',
    seeds: [0, 1, 8, 31].map((size) => encodeShortTree(tree.shortTree(size))),
    maxInputBytes: 54 * 40,
    codes: ['SHORT_TREE_INVALID'],
    run(input) {
      if (!equalBytes(encodeShortTree(decodeShortTree(input)), input)) throw new Error('another encoding')
    },
  }
}

/** [KG16a] A key and a proof for it under one root: what is proved is true. */
export function mapProofTarget(): FuzzTarget {
  const map = new MapTree(createTsHasher())
  for (const byte of [0, 1, 2, 64, 128, 255]) map.set(keyOf(byte), keyOf(byte ^ 1))
  const root = map.root()
  return {
    name: 'map-proof',
    seeds: [0, 2, 3, 64, 129, 255].map((byte) => concat(keyOf(byte), encodeMapProof(map.prove(keyOf(byte))))),
    maxInputBytes: 4_096,
    codes: ['MAP_PROOF_INVALID', 'BYTES_TRUNCATED', 'BYTES_TRAILING', 'MERKLE_HASH', 'MERKLE_ROOT'],
    run(input) {
      const key = input.subarray(0, KEY_BYTES)
      const value = verifyMapProof(root, key, decodeMapProof(input.subarray(KEY_BYTES)))
      const truth = map.get(key)
      const isTrue = value === undefined || truth === undefined ? value === truth : equalBytes(value, truth)
      if (!isTrue) throw new Error(`${toHex(key)} was proved to be something else`)
    },
  }
}

/** [KG20] Saved proofs as JSON: those that hold under one root tell a particle's own rank. */
export function rankProofTarget(): FuzzTarget {
  const cids = ['moon', 'sun', 'star', 'sea', 'wind'].map(textCid)
  const ranks = BigUint64Array.of(5n, 6n, 7n, 8n, 2n ** 62n)
  const tree = new FullTree(createTsHasher())
  tree.append(rankLeaves(ranks, concat(...cids.map(parseDigest))), RANK_LEAF_BYTES)
  const [treeSize, root] = [tree.size, tree.root()]
  const claims = cids.map((cid, index) => {
    return { cid, rank: ranks[index]!, index, treeSize, proof: tree.proveInclusion(index), root }
  })
  const decoder = new TextDecoder()
  return {
    name: 'rank-proof',
    seeds: claims.map((claim) => utf8(JSON.stringify(rankProofToJson(claim)))),
    maxInputBytes: 4_096,
    codes: ['RANK_PROOF_INVALID', 'NO_JSON', 'CID_INVALID', 'MERKLE_LEAF', ...PLACE_CODES],
    run(input) {
      const claim = parseRankProof(parseJson(decoder.decode(input)))
      verifyRank({ ...claim, root })
      const truth = claims[claim.index]!
      if (claim.cid !== truth.cid || claim.rank !== truth.rank) throw new Error('another rank was proved')
    },
  }
}

const PLACE_CODES = ['MERKLE_SIZE', 'MERKLE_INDEX', 'MERKLE_HASH', 'MERKLE_NODES', 'MERKLE_ROOT']

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AppError('NO_JSON', 'not JSON', { cause })
  }
}
