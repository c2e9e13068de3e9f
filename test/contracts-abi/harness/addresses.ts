import { type Address, getContractAddress } from 'viem'
import type { TestChain } from './anvil.ts'

/** Where the next contracts of the first account will stand: some need each other's address. */
export async function nextAddresses(chain: TestChain, count: number): Promise<Address[]> {
  const from = chain.accounts[0] as Address
  const nonce = await chain.client.getTransactionCount({ address: from })
  return Array.from({ length: count }, (_, index) =>
    getContractAddress({ from, nonce: BigInt(nonce + index) }),
  )
}
