import { encodeErrorResult } from 'viem'
import { describe, expect, it } from 'vitest'
import { chainError } from '#chain/chain-errors.ts'
import type { ChainCalls } from '#chain/wallet/chain-calls.ts'
import { explainRevert } from '#chain/wallet/contract-words.ts'
import { prepareWrite } from '#chain/wallet/prepare-write.ts'
import { cybrAbi } from '#contracts/cybr.ts'

const CYBR = 10n ** 18n
const STAKE = '0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed' as const
const chain = {
  id: 31_337,
  name: 'Local',
  coin: 'ETH',
  isTest: true,
  rpcUrls: [],
  contracts: { cybr: STAKE, stake: STAKE },
}
const burner = { kind: 'burner', address: new Uint8Array(20).fill(1) } as const

/** A chain on which a wallet has coins, and this much CYBR. */
function callsFor(balanceWei: bigint, neededWei: bigint): ChainCalls {
  const data = encodeErrorResult({
    abi: cybrAbi,
    errorName: 'ERC20InsufficientBalance',
    args: [STAKE, balanceWei, neededWei],
  })
  const refusal = chainError('RPC_REFUSED', 'execution reverted', {
    cause: { code: 3, message: 'execution reverted', data },
  })
  const calls: Partial<ChainCalls> = {
    chainId: async () => 31_337,
    fees: async () => ({ maxFeePerGasWei: 1n, maxPriorityFeePerGasWei: 1n }),
    balance: async () => CYBR,
    estimateGas: async () => {
      if (balanceWei < neededWei) throw refusal
      return 50_000n
    },
  }
  // nothing else is asked
  return calls as ChainCalls
}

const stake = (amountWei: bigint, balanceWei: bigint) =>
  prepareWrite({ kind: 'stake', amountWei }, burner, {
    chain,
    calls: callsFor(balanceWei, amountWei),
    explain: explainRevert,
  })

describe('a wallet made in a tab', () => {
  it('hears of its balance before it hears of the cap', async () => {
    await expect(stake(5_000n * CYBR, 500n * CYBR)).rejects.toMatchObject({
      code: 'TX_BALANCE',
      message: 'This takes 5,000 CYBR, and the wallet has 500 CYBR.',
    })
  })

  it('pays no more than the cap, also when it has more', async () => {
    await expect(stake(5_000n * CYBR, 9_000n * CYBR)).rejects.toMatchObject({ code: 'TX_CAP' })
    await expect(stake(1_000n * CYBR, 9_000n * CYBR)).resolves.toMatchObject({ gas: 122_500n })
  })
})
