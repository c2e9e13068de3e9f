import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Address, parseEther } from 'viem'
import { conductAbi } from '#contracts/conduct.ts'
import { cybrAbi } from '#contracts/cybr.ts'
import { deploy } from '#contracts/deploy/deploy.ts'
import type { ContractAddresses } from '#contracts/deploy/plan.ts'
import { districtsAbi } from '#contracts/districts.ts'
import { landAbi } from '#contracts/land.ts'
import { tablandGovernorAbi } from '#contracts/tabland-governor.ts'
import { timelockAbi } from '#contracts/timelock.ts'
import { TEST_CHAIN_PARAMETERS } from '#core/chain-parameters.ts'
import { type LandShare, shareOf } from '#core/land-rule.ts'
import type { TestChain } from './anvil.ts'

/** Everything, as the deployer leaves it with the test parameters; the deployer holds the faucet's CYBR. */
export async function deployEverything(chain: TestChain) {
  const folder = await mkdtemp(join(tmpdir(), 'tabland-deploy-'))
  const [account] = chain.signers
  if (account === undefined) throw new Error('no signer')
  const { contracts } = await deploy({
    client: chain.client,
    account,
    file: join(folder, 'addresses.json'),
    parameters: TEST_CHAIN_PARAMETERS,
    founders: chain.accounts[9] as Address,
    signal: new AbortController().signal,
  })
  await rm(folder, { recursive: true })
  return {
    addresses: contracts,
    cybr: chain.at(cybrAbi, contracts.cybr),
    land: chain.at(landAbi, contracts.land),
    governor: chain.at(tablandGovernorAbi, contracts.governor),
    timelock: chain.at(timelockAbi, contracts.timelock),
    conduct: chain.at(conductAbi, contracts.conduct),
    districts: chain.at(districtsAbi, contracts.districts),
  }
}

/** Acts as an account that has no key, such as a contract, with ether for its fees. */
export async function actAs(chain: TestChain, address: Address): Promise<void> {
  await chain.client.impersonateAccount({ address })
  await chain.client.setBalance({ address, value: parseEther('100') })
}

/** Gives the nth community parcel to an account, as if it had bought it. @returns its id */
export async function giveParcel(
  chain: TestChain,
  contracts: ContractAddresses,
  to: Address,
  nth: number,
): Promise<bigint> {
  const id = nthId('auction', nth)
  await actAs(chain, contracts.landSale)
  const land = chain.at(landAbi, contracts.land)
  await chain.mined(land.write.mint([to, id], { account: contracts.landSale }))
  return id
}

/** The nth id of a share, from 0. */
export function nthId(share: LandShare, nth: number): bigint {
  for (let id = 1, left = nth; ; id++) if (shareOf(id) === share && left-- === 0) return BigInt(id)
}
