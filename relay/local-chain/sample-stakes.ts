import { type Address, encodeFunctionData } from 'viem'
import { cybrAbi } from '#contracts/cybr.ts'
import type { ContractAddresses } from '#contracts/deploy/plan.ts'
import { stakeAbi } from '#contracts/stake.ts'
import type { ActedCall, ActingClient } from './act-together.ts'

/** From the treasury. As little as leaves a newcomer, who gets 500 CYBR of the faucet, a fair share of the bandwidth. */
const SAMPLE_STAKE_WEI = 1_000n * 10n ** 18n

/**
 * What it takes that the links of these accounts count ([KG7]): CYBR given and allowed in a first block, and staked in a
 * later one. Nothing for those that staked already.
 */
export async function stakeForSamples(
  client: Pick<ActingClient, 'readContract'>,
  { cybr, stake, timelock }: ContractAddresses,
  accounts: readonly Address[],
): Promise<{ readonly first: readonly ActedCall[]; readonly second: readonly ActedCall[] }> {
  const staked = await Promise.all(
    accounts.map((account) =>
      client.readContract({ abi: stakeAbi, address: stake, functionName: 'stakeOf', args: [account] }),
    ),
  )
  const missing = accounts.filter((_, index) => staked[index] === 0n)
  const gift = (to: Address) =>
    encodeFunctionData({ abi: cybrAbi, functionName: 'transfer', args: [to, SAMPLE_STAKE_WEI] })
  const allowed = encodeFunctionData({
    abi: cybrAbi,
    functionName: 'approve',
    args: [stake, SAMPLE_STAKE_WEI],
  })
  const data = encodeFunctionData({ abi: stakeAbi, functionName: 'stake', args: [SAMPLE_STAKE_WEI] })
  return {
    first: missing.flatMap((from) => [
      { from: timelock, to: cybr, data: gift(from) },
      { from, to: cybr, data: allowed },
    ]),
    second: missing.map((from) => ({ from, to: stake, data })),
  }
}
