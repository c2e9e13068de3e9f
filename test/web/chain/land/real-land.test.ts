import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { createChainReader } from '#chain/chain-reader.ts'
import { type Hex, hexOf, wordBytes } from '#chain/hex.ts'
import { createLandService } from '#chain/land/land-service.ts'
import { rpcLandSource } from '#chain/land/land-sources.ts'
import { aliveUntil, parcelIds, readParcel } from '#chain/land/land-table.ts'
import { createLandVerifier } from '#chain/land/land-verifier.ts'
import { encodeSnapshot } from '#chain/land/snapshot.ts'
import { createEndpoints } from '#chain/rpc/endpoint-pool.ts'
import { concat, fromHex } from '#core/bytes.ts'
import { keccak256 } from '#core/keccak.ts'
import type { Cell } from '#core/land.ts'
import { birthCell } from '#core/land-rule.ts'
import { createWasmKeccak } from '#wasm/bindings/keccak.ts'
import { buildWasm } from '#wasm/build.ts'
import { useTestChain } from '../../../contracts-abi/harness/anvil.ts'
import { deploySale, hashOf, idOf, PURSE, SALE_TERMS } from '../../../contracts-abi/harness/land-chain.ts'
import { GRID } from '../../../fakes/land.ts'
import { createFakeTimers, hastyTimers } from '../../../fakes/timers.ts'

const world = useTestChain((chain) => deploySale(chain, hashOf('nobody claims here')))

const lower = (address: string) => address.toLowerCase() as Hex
const cellOf = ({ x, y }: Cell) => [BigInt(x), BigInt(y)] as const

/** Outside, and touches the city in the east: no parcel that is minted here lies in the same entry of `cells`. */
const SHORE: Cell = { x: 129, y: 20 }

/** Whoever reads the land of this chain by its node alone. */
async function openLand() {
  const { chain, land, sale, grid } = world()
  const keccak = await createWasmKeccak(new Uint8Array(await readFile((await buildWasm()).keccak)))
  const endpoints = createEndpoints([chain.url])
  const places = {
    grid: lower(grid.address),
    watched: [grid, land, sale].map(({ address }) => lower(address)),
  }
  const verifier = createLandVerifier(keccak)
  const service = createLandService({
    reader: createChainReader({ endpoints, timers: hastyTimers, now: Date.now }),
    grid: places.grid,
    sources: () => [rpcLandSource({ endpoint: endpoints[0]!, ...places, keccak })],
    verifier,
    timers: createFakeTimers(),
  })
  async function look() {
    await service.refresh()
    const { land: known, failure, refusals } = service.state.value
    // events told of every change, so that nothing had to be read as a whole again
    expect({ failure, refusals }).toEqual({ failure: undefined, refusals: [] })
    if (known.kind !== 'proven') throw new Error(`The land is ${known.kind}.`)
    return known
  }
  return { look, verifier }
}

it('[CH14] the trie rebuilt from the words is that of LandGrid: minted, handed on and warned', {
  timeout: 120_000,
}, async () => {
  const { chain, land, grid, people } = world()
  const { alice, bob, conduct, foundation } = people
  const { look } = await openLand()
  const street = idOf('public')
  await chain.mined(land.write.mintPublic([street, 100n], { account: alice }))
  expect([...parcelIds((await look()).table)]).toHaveLength(100)

  await chain.mined(land.write.transferFrom([foundation, alice, street], { account: foundation }))
  await chain.mined(land.write.transferFrom([foundation, bob, street + 1n], { account: foundation }))
  await chain.mined(land.write.setWarnings([street, 2], { account: conduct }))
  const { table } = await look()
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

it('[CH14] the land stays proven when owners go, places fall free and a node keeps such slots as leaves of zero', {
  timeout: 120_000,
}, async () => {
  const { chain, land, sale, cybr, people } = world()
  const { alice, bob, conduct, foundation } = people
  const { look, verifier } = await openLand()
  const street = idOf('public')
  const lot = idOf('auction')
  await chain.mined(land.write.mintPublic([street, 100n], { account: alice }))
  await chain.mined(land.write.transferFrom([foundation, bob, street], { account: foundation }))
  const before = await look()

  // the last parcel of an owner
  await chain.mined(land.write.transferFrom([bob, alice, street], { account: bob }))
  const given = await look()
  expect(aliveUntil(given.table, lower(bob))).toBe(0)
  // an entry of cells that holds one parcel alone, and then none
  await chain.mined(land.write.move([street, ...cellOf(SHORE)], { account: alice }))
  expect(readParcel((await look()).table, Number(street))?.cell).toEqual(SHORE)
  await chain.mined(land.write.move([street, ...cellOf(birthCell(Number(street)))], { account: alice }))
  await look()
  await chain.mined(land.write.move([street, ...cellOf(SHORE)], { account: alice }))
  await chain.mined(land.write.evict([street], { account: conduct }))
  expect(readParcel((await look()).table, Number(street))?.cell).toBeUndefined()
  // a word that is read, and still holds nothing
  await chain.mined(cybr.write.approve([sale.address, PURSE], { account: alice }))
  await chain.mined(sale.write.bid([lot, SALE_TERMS.reserve], { account: alice }))
  // an owner who comes back
  await chain.mined(land.write.transferFrom([foundation, bob, street + 1n], { account: foundation }))
  const after = await look()
  expect(aliveUntil(after.table, lower(bob))).toBeGreaterThan(0)
  console.info(
    `anvil keeps ${after.table.zeros.length / 32} slots of zero, ${given.table.zeros.length / 32} at first.`,
  )

  // somebody who comes later has it of the node, or of whoever has it, whole or as what changed
  const { words, owners } = after.table
  // a slot that holds something again is no zero for who comes later
  expect((await (await openLand()).look()).table).toMatchObject({ words, owners })
  const head = { chainId: 31_337, grid: GRID, block: after.block, root: after.root }
  for (const base of [undefined, before]) {
    const bytes = await encodeSnapshot(head, after.table, base)
    expect((await verifier.verify({ kind: 'snapshot', bytes }, after.root, base)).table).toEqual(after.table)
  }
})

it('[CH13] a slot that was cleared is proved to be zero', { timeout: 120_000 }, async () => {
  const { chain, land, grid, people } = world()
  const { alice, bob, foundation } = people
  const street = idOf('public')
  await chain.mined(land.write.mintPublic([street, 1n], { account: alice }))
  await chain.mined(land.write.transferFrom([foundation, bob, street], { account: foundation }))
  await chain.mined(land.write.transferFrom([bob, alice, street], { account: bob }))
  const reader = createChainReader({
    endpoints: createEndpoints([chain.url]),
    timers: hastyTimers,
    now: Date.now,
  })
  const slot = (owner: string) =>
    BigInt(hexOf(keccak256(concat(fromHex(owner.slice(2).padStart(64, '0')), wordBytes(1_114_112n)))))
  const header = await reader.head()
  const { slots } = await reader.account(header, lower(grid.address), { slots: [slot(bob), slot(alice)] })
  expect(slots).toEqual([0n, await grid.read.aliveUntil([alice])])
})
