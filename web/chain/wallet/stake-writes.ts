import { decodeFunctionResult, encodeFunctionData } from 'viem'
import type { StakeBalance, StakeIntent } from '#api/wallet-types.ts'
import { stakeAbi } from '#contracts/stake.ts'
import type { ChainReader } from '../chain-reader.ts'
import type { Hex } from '../hex.ts'
import type { Header } from '../proofs/header.ts'
import { mappingSlot, STAKE_CHECKPOINTS, STAKE_RETURNING, stakeCheckpointSlot } from '../storage-slots.ts'
import type { ChainCalls } from './chain-calls.ts'
import type { EncodedWrite } from './write-intents.ts'

const abi = stakeAbi

/** A write of `Stake`; what is staked is allowed by a permit in the same transaction. */
export function encodeStake(intent: StakeIntent, to: Hex): EncodedWrite {
  switch (intent.kind) {
    case 'stake': {
      const { amountWei } = intent
      return {
        to,
        valueWei: 0n,
        pays: { spender: to, amountWei },
        data: (permit) =>
          permit === undefined
            ? encodeFunctionData({ abi, functionName: 'stake', args: [amountWei] })
            : encodeFunctionData({
                abi,
                functionName: 'stakeWithPermit',
                args: [amountWei, permit.deadline, permit.v, permit.r, permit.s],
              }),
      }
    }
    case 'unstake':
      return free(to, encodeFunctionData({ abi, functionName: 'unstake', args: [intent.amountWei] }))
    case 'collect-stake':
      return free(to, encodeFunctionData({ abi, functionName: 'withdraw' }))
  }
}

function free(to: Hex, data: Hex): EncodedWrite {
  return { to, valueWei: 0n, data: () => data }
}

const SECONDS_BITS = 48n
const RETURNING_BITS = 208

export interface StakeBalanceInit {
  readonly reader: ChainReader
  readonly calls: Pick<ChainCalls, 'call'>
  readonly header: Header
  readonly stake: Hex
}

/** What an account has staked and what returns to it, proved by a header. @throws RPC_UNREACHABLE */
export async function readStakeBalance(
  who: Hex,
  { reader, calls, header, stake }: StakeBalanceInit,
): Promise<StakeBalance> {
  const read = async (slots: readonly bigint[]) => (await reader.account(header, stake, { slots })).slots
  const slots = [mappingSlot(who, STAKE_CHECKPOINTS), mappingSlot(who, STAKE_RETURNING)]
  const [count = 0n, returning = 0n] = await read(slots)
  const [last = 0n] = count === 0n ? [] : await read([stakeCheckpointSlot(who, count - 1n)])
  const data = encodeFunctionData({ abi, functionName: 'delaySeconds' })
  const answer = await calls.call({ from: who, to: stake, data, valueWei: 0n })
  return {
    stakedWei: last >> SECONDS_BITS,
    returningWei: BigInt.asUintN(RETURNING_BITS, returning),
    freeAt: Number(returning >> BigInt(RETURNING_BITS)),
    delaySeconds: Number(decodeFunctionResult({ abi, functionName: 'delaySeconds', data: answer })),
  }
}
