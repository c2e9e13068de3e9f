import { AppError } from '#core/errors.ts'

/** What is wrong with a tree's arguments or with a proof, one code for each cause ([KG20]). */
export type MerkleErrorCode =
  /** a tree size that is none, or an older one above the newer */
  | 'MERKLE_SIZE'
  /** an index that is none, or not below the size */
  | 'MERKLE_INDEX'
  /** a hash that has not 32 bytes */
  | 'MERKLE_HASH'
  /** a leaf of the wrong length, or a rank beyond u64 */
  | 'MERKLE_LEAF'
  /** more or fewer nodes than a proof of these sizes has */
  | 'MERKLE_NODES'
  /** everything fits, but it leads to another root */
  | 'MERKLE_ROOT'

/** The typed error of trees and proofs: what was got, what was expected. */
export function merkleError(code: MerkleErrorCode, message: string): AppError<MerkleErrorCode> {
  return new AppError<MerkleErrorCode>(code, message)
}
