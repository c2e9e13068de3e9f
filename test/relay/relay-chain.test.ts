import { afterEach, expect, it } from 'vitest'
import type { Hex } from '#chain/hex.ts'
import { relayLandSource } from '#chain/land/land-sources.ts'
import { aliveUntil, parcelIds, readParcel } from '#chain/land/land-table.ts'
import { createLandVerifier } from '#chain/land/land-verifier.ts'
import type { ChainFacts } from '#core/chain-facts.ts'
import { createTsKeccak } from '#core/keccak.ts'
import { readLand } from '#relay/cli/read-land.ts'
import { useTestChain } from '../contracts-abi/harness/anvil.ts'
import { deploySale, hashOf, idOf } from '../contracts-abi/harness/land-chain.ts'
import { createFixtures } from './fixtures.ts'

const world = useTestChain((chain) => deploySale(chain, hashOf('nobody claims here')))
const fixtures = createFixtures()
afterEach(() => fixtures.stop())

const lower = (address: string) => address.toLowerCase() as Hex

it('[CH14] a relay tells tabs of its chain once that stands, and hands them the land that it proved, zeros too', {
  timeout: 120_000,
}, async () => {
  const { chain, land, grid, sale, people } = world()
  const { alice, bob, foundation } = people
  const street = idOf('public')
  await chain.mined(land.write.mintPublic([street, 3n], { account: alice }))
  await chain.mined(land.write.transferFrom([foundation, bob, street], { account: foundation }))
  await chain.mined(land.write.transferFrom([bob, alice, street], { account: bob }))

  let facts: ChainFacts | undefined
  const { relay, logged } = await fixtures.relay([], { chain: () => facts })
  const page = new URL(relay.httpUrl)
  const told = async () => (await (await fetch(new URL('tabland.json', page))).json()) as { chain?: object }
  expect(await told()).not.toHaveProperty('chain')
  facts = {
    chainId: 31_337,
    rpc: [chain.url],
    contracts: { landGrid: lower(grid.address), land: lower(land.address), landSale: lower(sale.address) },
  }
  expect((await told()).chain).toEqual(facts)

  // as who names the node alone, without a relay
  const signal = new AbortController().signal
  const options = { rpc: [chain.url], chainId: undefined, grid: grid.address, relay: undefined }
  const { root, header } = await readLand(options, { signal, stdout: process.stdout, stderr: process.stderr })
  const ask = () => relayLandSource(page).offer({ header, root, base: undefined }, signal)
  // the first question makes the relay read its chain
  await expect.poll(() => ask().catch(() => undefined), { timeout: 60_000 }).toBeDefined()
  const { table } = await createLandVerifier(createTsKeccak()).verify(await ask(), root)
  expect([...parcelIds(table)]).toHaveLength(3)
  expect(readParcel(table, Number(street))?.owner).toBe(lower(alice))
  expect(aliveUntil(table, lower(bob))).toBe(0)
  expect(table.zeros).toHaveLength(32)
  expect(logged.filter((line) => line.startsWith('Warning'))).toEqual([])
})
