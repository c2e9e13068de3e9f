import type { ChainReader } from '../chain-reader.ts'
import type { Hex } from '../hex.ts'
import type { Header } from '../proofs/header.ts'
import { decodeStakeCheckpoint, stakeCheckpointSlot, stakeCountSlot } from './stake-slots.ts'

export interface StakeQuestion {
  /** an accepted header, of any block after the time in question */
  readonly header: Header
  /** address of `Stake` */
  readonly contract: Hex
  readonly account: Hex
  /** unix seconds: of the block at which a rank period begins, for example */
  readonly atSeconds: bigint
  readonly signal?: AbortSignal | undefined
}

/**
 * The stake of an account at a time, in 10⁻¹⁸ CYBR, proved by the storage of `Stake` below a later header: entries are
 * only ever added, so an old state is not needed. Halves the entries until the one that held is found.
 *
 * @throws RPC_UNREACHABLE
 */
export async function readStake(
  reader: Pick<ChainReader, 'account'>,
  { header, contract, account, atSeconds, signal }: StakeQuestion,
): Promise<bigint> {
  const read = async (slot: bigint) =>
    (await reader.account(header, contract, { slots: [slot], signal })).slots[0] as bigint
  let below = 0n // entries that began in time, all of them before `above`
  let above = await read(stakeCountSlot(account))
  let stakeWei = 0n
  while (below < above) {
    const middle = (below + above) / 2n
    const checkpoint = decodeStakeCheckpoint(await read(stakeCheckpointSlot(account, middle)))
    if (checkpoint.fromSeconds <= atSeconds) {
      stakeWei = checkpoint.stakeWei
      below = middle + 1n
    } else {
      above = middle
    }
  }
  return stakeWei
}
