import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { createChainReader } from '#chain/chain-reader.ts'
import { type Hex, hexOf, wordBytes } from '#chain/hex.ts'
import { createLandService } from '#chain/land/land-service.ts'
import { rpcLandSource } from '#chain/land/land-sources.ts'
import { aliveUntil, parcelIds, readParcel } from '#chain/land/land-table.ts'
import { createLandVerifier } from '#chain/land/land-verifier.ts'
import { createEndpoints } from '#chain/rpc/endpoint-pool.ts'
import { concat, fromHex } from '#core/bytes.ts'
import { keccak256 } from '#core/keccak.ts'
import { birthCell } from '#core/land-rule.ts'
import { createWasmKeccak } from '#wasm/bindings/keccak.ts'
import { buildWasm } from '#wasm/build.ts'
import { useTestChain } from '../../../contracts-abi/harness/anvil.ts'
import { deployLand, idOf } from '../../../contracts-abi/harness/land-chain.ts'
import { createFakeTimers } from '../../../fakes/timers.ts'

const world = useTestChain(deployLand)

const lower = (address: string) => address.toLowerCase() as Hex

it('[CH14] the trie rebuilt from the words is that of LandGrid: minted, handed on and warned', {
  timeout: 120_000,
}, async () => {
  const { chain, land, grid, people } = world()
  const { alice, bob, conduct, foundation } = people
  const keccak = await createWasmKeccak(new Uint8Array(await readFile((await buildWasm()).keccak)))
  const endpoints = createEndpoints([chain.url])
  const places = { grid: lower(grid.address), watched: [lower(grid.address), lower(land.address)] }
  const service = createLandService({
    reader: createChainReader({ endpoints, now: Date.now }),
    grid: places.grid,
    sources: () => [rpcLandSource({ endpoint: endpoints[0]!, ...places, keccak })],
    verifier: createLandVerifier(keccak),
    timers: createFakeTimers(),
  })
  const look = async () => {
    await service.refresh()
    const { land: known, failure, refusals } = service.state.value
    // events told of every change, so that nothing had to be read as a whole again
    expect({ failure, refusals }).toEqual({ failure: undefined, refusals: [] })
    if (known.kind !== 'proven') throw new Error(`The land is ${known.kind}.`)
    return known.table
  }
  const street = idOf('public')
  await chain.mined(land.write.mintPublic([street, 100n], { account: alice }))
  expect([...parcelIds(await look())]).toHaveLength(100)

  await chain.mined(land.write.transferFrom([foundation, alice, street], { account: foundation }))
  await chain.mined(land.write.transferFrom([foundation, bob, street + 1n], { account: foundation }))
  await chain.mined(land.write.setWarnings([street, 2], { account: conduct }))
  const table = await look()
  const [, lastWarningAt] = await land.read.warningsOf([street])
  expect(readParcel(table, Number(street))).toEqual({
    id: Number(street),
    owner: lower(alice),
    cell: birthCell(Number(street)),
    warnings: 2,
    lastWarningAt: Number(lastWarningAt),
  })
  expect(BigInt(aliveUntil(table, lower(alice)))).toBe(await grid.read.aliveUntil([alice]))
  expect(aliveUntil(table, lower(bob))).toBeGreaterThan(0)
})

it('[CH13] a slot that was cleared is proved to be zero', { timeout: 120_000 }, async () => {
  const { chain, land, grid, people } = world()
  const { alice, bob, foundation } = people
  const street = idOf('public')
  await chain.mined(land.write.mintPublic([street, 1n], { account: alice }))
  await chain.mined(land.write.transferFrom([foundation, bob, street], { account: foundation }))
  await chain.mined(land.write.transferFrom([bob, alice, street], { account: bob }))
  const reader = createChainReader({ endpoints: createEndpoints([chain.url]), now: Date.now })
  const slot = (owner: string) =>
    BigInt(hexOf(keccak256(concat(fromHex(owner.slice(2).padStart(64, '0')), wordBytes(1_114_112n)))))
  const header = await reader.head()
  const { slots } = await reader.account(header, lower(grid.address), { slots: [slot(bob), slot(alice)] })
  expect(slots).toEqual([0n, await grid.read.aliveUntil([alice])])
})
