import type { BrowserContext } from 'playwright-core'
import { type Address, getContractAddress, parseEther, zeroHash } from 'viem'
import { accessAbi } from '#contracts/access.ts'
import { accessBytecode } from '#contracts/bytecode/access.ts'
import { cybrBytecode } from '#contracts/bytecode/cybr.ts'
import { landBytecode } from '#contracts/bytecode/land.ts'
import { landSaleBytecode } from '#contracts/bytecode/land-sale.ts'
import { modelBytecode } from '#contracts/bytecode/model.ts'
import { planetBytecode } from '#contracts/bytecode/planet.ts'
import { cybrAbi } from '#contracts/cybr.ts'
import { landAbi } from '#contracts/land.ts'
import { landSaleAbi } from '#contracts/land-sale.ts'
import { modelAbi } from '#contracts/model.ts'
import { planetAbi } from '#contracts/planet.ts'
import { type ChainFacts, parseChainFacts } from '#core/chain-facts.ts'
import { startAnvil } from '#relay/local-chain/anvil.ts'
import { createTestChain, type TestChain } from '../../contracts-abi/harness/anvil.ts'

/** A chain with the land on it, as a page is told of it. */
export interface LandChain {
  readonly chain: TestChain
  readonly facts: ChainFacts
  stop(): Promise<void>
}

/** seconds: an auction ends before anybody gets impatient, and a test skips it */
export const AUCTION_SECONDS = 3_600

/** Starts a chain and deploys what buying and building take; its first account holds all CYBR. */
export async function startLandChain(): Promise<LandChain> {
  const anvil = await startAnvil()
  const chain = createTestChain(anvil.url)
  const [deployer, , , , , , , , conduct, foundation] = chain.accounts as readonly Address[]
  const from = deployer as Address
  const cybr = await chain.deploy({ abi: cybrAbi, bytecode: cybrBytecode }, [
    [{ to: from, amount: parseEther('1000000000') }],
  ])
  const nonce = await chain.client.getTransactionCount({ address: from })
  // land and sale are built with one another's address
  const sale = getContractAddress({ from, nonce: BigInt(nonce) + 1n })
  const land = await chain.deploy({ abi: landAbi, bytecode: landBytecode }, [
    {
      foundation: foundation as Address,
      sale,
      conduct: conduct as Address,
      cybr: cybr.address,
      lifePeriod: 86_400,
      missedPeriods: 3,
      bounty: parseEther('10'),
      growthDelay: 86_400,
    },
  ])
  await chain.deploy({ abi: landSaleAbi, bytecode: landSaleBytecode }, [
    {
      cybr: cybr.address,
      land: land.address,
      treasury: foundation as Address,
      reserve: parseEther('100'),
      duration: AUCTION_SECONDS,
      extension: 600,
      minRaise: 500,
      giveaway: zeroHash,
    },
  ])
  const planet = await chain.deploy({ abi: planetAbi, bytecode: planetBytecode }, [land.address])
  const model = await chain.deploy({ abi: modelAbi, bytecode: modelBytecode }, [land.address, planet.address])
  const access = await chain.deploy({ abi: accessAbi, bytecode: accessBytecode }, [cybr.address])
  const contracts = {
    cybr: cybr.address,
    land: land.address,
    landGrid: await land.read.grid(),
    landSale: sale,
    planet: planet.address,
    model: model.address,
    access: access.address,
  }
  const facts = parseChainFacts({ chainId: 31_337, rpc: [anvil.url], contracts })
  if (facts === undefined) throw new Error('The facts of the chain are none.')
  return { chain, facts, stop: anvil.stop }
}

/** Has a page's relay tell of the chain. */
export async function tellOfChain(context: BrowserContext, facts: ChainFacts): Promise<void> {
  // what goes through a service worker is not seen here, and pages get one some seconds after their first load
  await context.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'serviceWorker', { get: () => undefined })
  })
  await context.route('**/tabland.json', async (route) => {
    const response = await route.fetch().catch(() => undefined)
    if (response === undefined) return route.abort() // as the page would meet it: its relay stops
    const told = (await response.json()) as Record<string, unknown>
    await route.fulfill({ response, json: { ...told, chain: facts } })
  })
}
