import { fromHex, toHex } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'
import type { RankClaim } from './verify-rank.ts'

export type RankProofErrorCode = 'RANK_PROOF_INVALID'

/** [KG20] A saved proof: hashes in hex, the rank as a decimal string, since JSON's numbers are no u64. */
export interface RankProofJson {
  readonly cid: string
  readonly rank: string
  readonly index: number
  readonly treeSize: number
  readonly proof: readonly string[]
  readonly root: string
}

/** A tree of 2⁵³ − 1 leaves needs so many nodes. */
const MAX_NODES = 53
const HASH_HEX = /^[0-9a-fA-F]{64}$/
const RANK_TEXT = /^(0|[1-9][0-9]{0,19})$/
const MAX_CID_CHARS = 64

export function rankProofToJson({ cid, rank, index, treeSize, proof, root }: RankClaim): RankProofJson {
  return { cid, rank: rank.toString(), index, treeSize, proof: proof.map(toHex), root: toHex(root) }
}

/**
 * Reads a saved proof. Whether it holds is for verifyRank to say; other fields of the object are not looked at.
 *
 * @throws RANK_PROOF_INVALID naming the field
 */
export function parseRankProof(json: unknown): RankClaim {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw invalid('it is no object with cid, rank, index, treeSize, proof and root')
  const { cid, rank, index, treeSize, proof, root } = json as Readonly<Record<string, unknown>>
  if (typeof cid !== 'string' || cid.length > MAX_CID_CHARS) throw invalid('cid: expected a CIDv0, Qm…')
  if (typeof rank !== 'string' || !RANK_TEXT.test(rank))
    throw invalid('rank: expected a string of 1 to 20 decimal digits')
  if (!Array.isArray(proof) || proof.length > MAX_NODES)
    throw invalid(`proof: expected a list of at most ${MAX_NODES} hashes`)
  return {
    cid,
    rank: BigInt(rank),
    index: readNumber(index, 'index'),
    treeSize: readNumber(treeSize, 'treeSize'),
    proof: proof.map((node: unknown, at) => readHash(node, `proof[${at}]`)),
    root: readHash(root, 'root'),
  }
}

function readNumber(value: unknown, field: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw invalid(`${field}: expected a whole number`)
}

function readHash(value: unknown, field: string) {
  if (typeof value === 'string' && HASH_HEX.test(value)) return fromHex(value)
  throw invalid(`${field}: expected 64 hexadecimal digits`)
}

function invalid(problem: string): AppError<RankProofErrorCode> {
  return new AppError<RankProofErrorCode>('RANK_PROOF_INVALID', `This is no proof of a rank: ${problem}.`)
}
