import { decodeFunctionResult, encodeFunctionData } from 'viem'
import { landAbi } from '#contracts/land.ts'
import { landSaleAbi } from '#contracts/land-sale.ts'
import type { Hex } from '../hex.ts'
import type { Ask } from '../wallet/chain-calls.ts'

/** The least next bid on a parcel for sale, by the contract's word as one endpoint gives it: a write is tried out anyway. */
export async function readLeastBid(id: number, landSale: Hex, ask: Ask): Promise<bigint> {
  const data = encodeFunctionData({ abi: landSaleAbi, functionName: 'leastBid', args: [BigInt(id)] })
  const answer = (await ask('eth_call', [{ to: landSale, data }, 'latest'])) as Hex
  return decodeFunctionResult({ abi: landSaleAbi, functionName: 'leastBid', data: answer })
}

/** Did its owner name somebody to build on a parcel? Likewise: peers check that by proof. */
export async function readMayBuild(id: number, who: Hex, land: Hex, ask: Ask): Promise<boolean> {
  const data = encodeFunctionData({ abi: landAbi, functionName: 'mayBuild', args: [BigInt(id), who] })
  const answer = (await ask('eth_call', [{ to: land, data }, 'latest'])) as Hex
  return decodeFunctionResult({ abi: landAbi, functionName: 'mayBuild', data: answer })
}
