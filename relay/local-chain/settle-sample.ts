import {
  type Address,
  createTestClient,
  encodeFunctionData,
  type Hex,
  http,
  type PublicActions,
  publicActions,
} from 'viem'
import { cybrAbi } from '#contracts/cybr.ts'
import type { ContractAddresses } from '#contracts/deploy/plan.ts'
import { landAbi } from '#contracts/land.ts'
import { stakeAbi } from '#contracts/stake.ts'
import { toHex } from '#core/bytes.ts'
import { parcelIdOf, shareOf } from '#core/land-rule.ts'
import { loadSample } from '../sample.ts'
import { sampleOwner } from '../sample-author.ts'

export interface SettleSampleInit {
  readonly url: string
  readonly sampleDir: string
  readonly contracts: ContractAddresses
}

/**
 * Gives the sample's parcels to the account that signs the sample, as if it had bought them, lets it build on those
 * that are public, and stakes for it, so that its links count ([KG7]). Only anvil can do that, which acts as a contract
 * without its key. Does nothing when it is done.
 */
export async function settleSample(init: SettleSampleInit): Promise<void> {
  const client = createTestClient({
    mode: 'anvil',
    transport: http(init.url),
    pollingInterval: POLL_MS,
  }).extend(publicActions)
  const sent = [...(await giveParcels(client, init)), ...(await stakeForSamples(client, init))]
  const receipts = await Promise.all(sent.map((hash) => client.waitForTransactionReceipt({ hash })))
  const refused = receipts.find(({ status }) => status !== 'success')
  if (refused !== undefined)
    throw new Error(`The local chain refused ${refused.transactionHash} of the sample.`)
}

async function giveParcels(
  client: SettleClient,
  { sampleDir, contracts }: SettleSampleInit,
): Promise<readonly Hex[]> {
  const { models } = await loadSample(sampleDir)
  const owner: Address = `0x${toHex(await sampleOwner())}`
  const ids = [...new Set(models.map(({ parcel }) => parcelIdOf(parcel)))]
  const land = { abi: landAbi, address: contracts.land } as const
  const minted = await Promise.all(
    ids.map((id) => client.readContract({ ...land, functionName: 'isMinted', args: [BigInt(id)] })),
  )
  const missing = ids.filter((_, index) => minted[index] !== true)
  if (missing.length === 0) return []
  const sent: Hex[] = []
  for (const id of missing) {
    const isPublic = shareOf(id) === 'public'
    const args = isPublic ? ([BigInt(id), 1n] as const) : ([owner, BigInt(id)] as const)
    const data = isPublic
      ? encodeFunctionData({
          abi: landAbi,
          functionName: 'mintPublic',
          args: args as readonly [bigint, bigint],
        })
      : encodeFunctionData({ abi: landAbi, functionName: 'mint', args: args as readonly [Address, bigint] })
    sent.push(await sendAs(client, contracts.landSale, contracts.land, data))
  }
  const everywhere = encodeFunctionData({ abi: landAbi, functionName: 'setBuilder', args: [0n, owner, true] })
  sent.push(await sendAs(client, contracts.timelock, contracts.land, everywhere))
  return sent
}

/** The sample world's account and the two that sign WordNet. */
const SAMPLE_ACCOUNTS = [0, 1, 2]
/** From the treasury. As little as leaves a newcomer, who gets 500 CYBR of the faucet, a fair share of the bandwidth. */
const SAMPLE_STAKE_WEI = 1_000n * 10n ** 18n

async function stakeForSamples(
  client: SettleClient,
  { contracts: { cybr, stake, timelock } }: SettleSampleInit,
): Promise<readonly Hex[]> {
  const sent: Hex[] = []
  for (const account of SAMPLE_ACCOUNTS) {
    const owner: Address = `0x${toHex(await sampleOwner(account))}`
    const staked = { abi: stakeAbi, address: stake, functionName: 'stakeOf', args: [owner] } as const
    if ((await client.readContract(staked)) > 0n) continue
    const gift = { abi: cybrAbi, functionName: 'transfer', args: [owner, SAMPLE_STAKE_WEI] } as const
    const allowance = { abi: cybrAbi, functionName: 'approve', args: [stake, SAMPLE_STAKE_WEI] } as const
    const stakeIt = { abi: stakeAbi, functionName: 'stake', args: [SAMPLE_STAKE_WEI] } as const
    sent.push(await sendAs(client, timelock, cybr, encodeFunctionData(gift)))
    sent.push(await sendAs(client, owner, cybr, encodeFunctionData(allowance)))
    sent.push(await sendAs(client, owner, stake, encodeFunctionData(stakeIt)))
  }
  return sent
}

type SettleClient = Pick<
  ReturnType<typeof createTestClient>,
  'setBalance' | 'impersonateAccount' | 'sendUnsignedTransaction'
> &
  Pick<PublicActions, 'readContract'>

const POLL_MS = 20
/** Given, since anvil estimates as of the second before, in which a checkpoint of votes is cheaper. */
const GAS_LIMIT = 1_000_000n
const FEES_WEI = 10n ** 18n

async function sendAs(client: SettleClient, from: Address, to: Address, data: Hex): Promise<Hex> {
  await client.setBalance({ address: from, value: FEES_WEI })
  await client.impersonateAccount({ address: from })
  return client.sendUnsignedTransaction({ from, to, data, gas: GAS_LIMIT })
}
