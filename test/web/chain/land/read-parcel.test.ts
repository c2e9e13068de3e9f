import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createChainReader } from '#chain/chain-reader.ts'
import type { Hex } from '#chain/hex.ts'
import { createBuildRights } from '#chain/land/build-rights.ts'
import { readAuctions } from '#chain/land/read-auctions.ts'
import { type ParcelContracts, readParcelAt } from '#chain/land/read-parcel.ts'
import { createEndpoints } from '#chain/rpc/endpoint-pool.ts'
import { openWriteChain } from '#chain/wallet/open-chain.ts'
import { cybrAbi } from '#contracts/cybr.ts'
import { landAbi } from '#contracts/land.ts'
import { landSaleAbi } from '#contracts/land-sale.ts'
import { fromHex } from '#core/bytes.ts'
import { birthCell, shareOf } from '#core/land-rule.ts'
import { describeMissingAnvil, findAnvil } from '#relay/local-chain/anvil.ts'
import { AUCTION_SECONDS, type LandChain, startLandChain } from '../../../e2e/harness/chain.ts'

const CYBR = 10n ** 18n
let world: LandChain

beforeAll(async () => {
  if (findAnvil() !== undefined) world = await startLandChain()
})
beforeEach((context) => {
  if (findAnvil() === undefined) context.skip(describeMissingAnvil())
})
afterAll(() => world?.stop())

function auctioned(nth: number): number {
  for (let id = 1, left = nth; ; id++) if (shareOf(id) === 'auction' && left-- === 0) return id
}

describe('[CH13] a parcel by proof', () => {
  it('is told through its sale, its owner’s builders and its move', async () => {
    const { chain, facts } = world
    const [from, friend] = chain.accounts as readonly [`0x${string}`, `0x${string}`]
    const contracts = facts.contracts as unknown as ParcelContracts & Record<string, `0x${string}`>
    const reader = createChainReader({ endpoints: createEndpoints(facts.rpc), now: Date.now })
    const id = auctioned(0)
    const cell = birthCell(id)
    const read = (at = cell) => readParcelAt(at, reader, contracts)
    expect(await read()).toMatchObject({ id, share: 'auction', state: 'unminted', withheld: false, cell })

    const sale = chain.at(landSaleAbi, contracts.landSale as `0x${string}`)
    const cybr = chain.at(cybrAbi, contracts.cybr as `0x${string}`)
    await chain.mined(cybr.write.approve([sale.address, 1_000n * CYBR], { account: from }))
    await chain.mined(sale.write.bid([BigInt(id), 100n * CYBR], { account: from }))
    const running = await read()
    const { ask } = openWriteChain(facts)
    const sold = { contracts: { ...contracts, landSale: sale.address.toLowerCase() as Hex }, reader, ask }
    expect(await readAuctions(sold)).toEqual(
      [{ ...running, block: running?.block }].map(({ cell: _, ...rest }) => rest),
    )
    expect(running?.auction).toMatchObject({ bidder: from.toLowerCase(), bidWei: 100n * CYBR })

    await chain.advance(AUCTION_SECONDS + 1)
    await chain.mined(sale.write.settle([BigInt(id)], { account: friend }))
    const owned = await read()
    expect(owned).toMatchObject({ id, state: 'active', owner: from.toLowerCase(), cell, warnings: 0 })
    expect(owned?.aliveUntil).toBeGreaterThan(owned?.blockTime ?? 0)
    expect(owned).not.toHaveProperty('auction')

    const landContract = chain.at(landAbi, contracts.land as `0x${string}`)
    const rights = {
      reader,
      contracts: { landGrid: contracts.landGrid, land: contracts.land as `0x${string}` },
    }
    const bytes = (address: string) => fromHex(address.slice(2).toLowerCase())
    let now = 0
    const { check } = createBuildRights({ ...rights, now: () => (now += 20_000) })
    expect(await Promise.all([from, friend].map((who) => check(id, bytes(who))))).toEqual(['yes', 'no'])
    await chain.mined(landContract.write.setBuilder([0n, friend, true], { account: from }))
    expect(await check(id, bytes(friend))).toBe('yes')
    await chain.mined(landContract.write.setBuilder([0n, friend, false], { account: from }))
    await chain.mined(landContract.write.setBuilder([BigInt(id), friend, true], { account: from }))
    expect(await check(id, bytes(friend))).toBe('yes')

    // outside of the mainland, touching it
    const first = birthCell(1)
    const next = { x: first.x, y: first.y - 1 }
    await chain.mined(
      landContract.write.move([BigInt(id), BigInt(next.x), BigInt(next.y)], { account: from }),
    )
    expect(await read()).toBeUndefined()
    expect(await read(next)).toMatchObject({ id, cell: next })
    expect(await check(auctioned(5), bytes(from))).toBe('no')
  })
})
