import { type Hex, hexOf, wordBytes } from '#chain/hex.ts'
import { mappingSlot } from '#chain/storage-slots.ts'
import { concat } from '#core/bytes.ts'
import { keccak256 } from '#core/keccak.ts'

/** From when an account's stake was how much. */
export interface StakeCheckpoint {
  /** unix seconds */
  readonly fromSeconds: bigint
  readonly stakeWei: bigint
}

/** The mapping of checkpoints is the first variable of `Stake`. */
const STAKE_CHECKPOINTS = 0n
const SECONDS_BITS = 48

/** Slot of `Stake` that holds how many checkpoints an account has. */
export function stakeCountSlot(account: Hex): bigint {
  return mappingSlot(account, STAKE_CHECKPOINTS)
}

/** Slot of `Stake` that holds an account's checkpoint, counted from 0, the oldest. */
export function stakeCheckpointSlot(account: Hex, index: bigint): bigint {
  const first = BigInt(hexOf(keccak256(concat(wordBytes(stakeCountSlot(account))))))
  return BigInt.asUintN(256, first + index)
}

/** Reads the word of such a slot. */
export function decodeStakeCheckpoint(word: bigint): StakeCheckpoint {
  return { fromSeconds: BigInt.asUintN(SECONDS_BITS, word), stakeWei: word >> BigInt(SECONDS_BITS) }
}
