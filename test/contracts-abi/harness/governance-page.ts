import type { Address } from 'viem'
import { openGovernance } from '#api/open-governance.ts'
import type { WriteIntent } from '#api/wallet-types.ts'
import { createChainReader } from '#chain/chain-reader.ts'
import { readDistricts } from '#chain/governance/read-districts.ts'
import type { Hex } from '#chain/hex.ts'
import { createEndpoints } from '#chain/rpc/endpoint-pool.ts'
import { encodeIntent } from '#chain/wallet/write-intents.ts'
import type { ContractAddresses } from '#contracts/deploy/plan.ts'
import { hastyTimers } from '../../fakes/timers.ts'
import type { TestChain } from './anvil.ts'

/** Votes as the page of somebody reads and writes them, by the node of a test chain. */
export function openGovernancePage(chain: TestChain, addresses: ContractAddresses, who: Address) {
  const contracts = Object.fromEntries(
    Object.entries(addresses).map(([name, address]) => [name, address.toLowerCase() as Hex]),
  )
  const reader = createChainReader({
    endpoints: createEndpoints([chain.url]),
    timers: hastyTimers,
    now: Date.now,
  })
  const own = { own: () => who, now: Date.now }
  return {
    governance: openGovernance({ chain: { contracts, isTest: false }, reader, ...own }),
    districts: async () => readDistricts(await reader.head(), reader, contracts.districts!),
    async write(intent: WriteIntent) {
      const { to, data } = encodeIntent(intent, contracts)
      return chain.mined(chain.client.sendTransaction({ account: who, to, data: data() }))
    },
  }
}
