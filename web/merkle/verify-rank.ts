import type { Bytes } from '#core/bytes.ts'
import type { CidErrorCode } from '#core/cid.ts'
import { AppError } from '#core/errors.ts'
import { rankLeaf } from './rank-leaf.ts'
import { leafHash } from './tree-hash.ts'
import { verifyInclusion } from './verify-inclusion.ts'

/** [KG20] The statement that a particle has a rank under a root, and its proof. */
export interface RankClaim {
  /** CIDv0, `Qm…` */
  readonly cid: string
  /** u64, in units of 2⁻⁶² */
  readonly rank: bigint
  /** the particle's number */
  readonly index: number
  /** particles in all */
  readonly treeSize: number
  /** hashes of 32 bytes, lowest first */
  readonly proof: readonly Uint8Array[]
  readonly root: Uint8Array
}

/**
 * [KG20] Does the proof show that the particle has this rank under this root? Returns when it does. Needs nothing
 * else, and any page can import it: 5 kB gzipped at most, with its SHA-256. Root and size are as true as the word of
 * whoever signed them, and belong together: trees of several sizes have the same nodes beside a leaf far from their end.
 *
 * @throws CID_INVALID, MERKLE_LEAF, MERKLE_SIZE, MERKLE_INDEX, MERKLE_HASH, MERKLE_NODES or MERKLE_ROOT saying what
 * does not fit
 */
export function verifyRank({ cid, rank, ...place }: RankClaim): void {
  verifyInclusion({ ...place, leafHash: leafHash(rankLeaf(rank, readCidV0(cid))) })
}

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
/** 34 bytes, the first of which is not 0. */
const CID_CHARS = 46
const MULTIHASH_PREFIX = 0x1220n

/** The digest of a CIDv0. The libraries of #core/cid.ts, which reads CIDs of every kind, are ten times as long. */
function readCidV0(cid: string): Bytes {
  let value = 0n
  for (const letter of cid.length === CID_CHARS ? cid : '') {
    const digit = BASE58.indexOf(letter)
    if (digit === -1) throw invalidCid(cid)
    value = value * 58n + BigInt(digit)
  }
  if (value >> 256n !== MULTIHASH_PREFIX) throw invalidCid(cid)
  const digest = new Uint8Array(32)
  const view = new DataView(digest.buffer)
  for (let word = 3; word >= 0; word--, value >>= 64n) view.setBigUint64(8 * word, value & (2n ** 64n - 1n))
  return digest
}

function invalidCid(cid: string): AppError<CidErrorCode> {
  return new AppError<CidErrorCode>(
    'CID_INVALID',
    `"${cid.slice(0, 80)}" is no CIDv0: expected ${CID_CHARS} characters that begin with Qm.`,
  )
}
