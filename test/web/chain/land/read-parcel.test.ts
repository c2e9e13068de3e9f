import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readPortalFacts } from '#api/open-portals.ts'
import { readSaleFacts } from '#api/open-sales.ts'
import type { WriteIntent } from '#api/wallet-types.ts'
import { createPayments } from '#chain/access/payments.ts'
import { readPortals } from '#chain/access/read-portals.ts'
import { createChainReader } from '#chain/chain-reader.ts'
import type { Hex } from '#chain/hex.ts'
import { createBuildRights } from '#chain/land/build-rights.ts'
import { findGiveaway } from '#chain/land/giveaway-list.ts'
import { readAuctions } from '#chain/land/read-auctions.ts'
import { type ParcelContracts, readParcelAt } from '#chain/land/read-parcel.ts'
import { createEndpoints } from '#chain/rpc/endpoint-pool.ts'
import { ACCESS_INCOME, mappingSlot } from '#chain/storage-slots.ts'
import { openWriteChain } from '#chain/wallet/open-write-chain.ts'
import { encodeIntent } from '#chain/wallet/write-intents.ts'
import { cybrAbi } from '#contracts/cybr.ts'
import { landAbi } from '#contracts/land.ts'
import { landSaleAbi } from '#contracts/land-sale.ts'
import { fromHex, utf8 } from '#core/bytes.ts'
import { textCid } from '#core/cid.ts'
import { formatAddress } from '#core/delegation.ts'
import { birthCell, shareOf } from '#core/land-rule.ts'
import { dataObjectId, formatObjectId, parseObjectId } from '#objects/object-id.ts'
import { describeMissingAnvil, findAnvil } from '#relay/local-chain/anvil.ts'
import { AUCTION_SECONDS, type LandChain, startLandChain } from '../../../e2e/harness/chain.ts'
import { hastyTimers } from '../../../fakes/timers.ts'

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
    const reader = createChainReader({
      endpoints: createEndpoints(facts.rpc),
      timers: hastyTimers,
      now: Date.now,
    })
    const id = auctioned(0)
    const cell = birthCell(id)
    const read = (at = cell) => readParcelAt(at, reader, contracts)
    expect(await read()).toMatchObject({ id, share: 'auction', state: 'unminted', withheld: false, cell })

    const sale = chain.at(landSaleAbi, contracts.landSale as `0x${string}`)
    const cybr = chain.at(cybrAbi, contracts.cybr as `0x${string}`)
    await chain.mined(cybr.write.approve([sale.address, 1_000n * CYBR], { account: from }))
    await chain.mined(sale.write.bid([BigInt(id), 100n * CYBR], { account: from }))
    const running = await read()
    const { ask } = openWriteChain(facts, { timers: hastyTimers })
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

describe('[CH5][CH7] planets, portals and payments by proof', () => {
  it('are told through a portal, its consent, a paid entrance and a paid model', async () => {
    const { chain, facts } = world
    const [deployer, owner, payer] = chain.accounts as readonly [Hex, Hex, Hex]
    const at = facts.contracts as Readonly<Record<string, Hex>>
    const contracts = { landGrid: at.landGrid!, planet: at.planet! }
    const { reader, ask, chain: write } = openWriteChain(facts, { timers: hastyTimers })
    const [home, other] = [auctioned(10), auctioned(11)]
    const cybr = chain.at(cybrAbi, at.cybr!)
    const sale = chain.at(landSaleAbi, at.landSale!)
    for (const [who, id] of [
      [owner, home],
      [payer, other],
    ] as const) {
      await chain.mined(cybr.write.transfer([who, 1_000n * CYBR], { account: deployer }))
      await chain.mined(cybr.write.approve([sale.address, 100n * CYBR], { account: who }))
      await chain.mined(sale.write.bid([BigInt(id), 100n * CYBR], { account: who }))
    }
    await chain.advance(AUCTION_SECONDS + 1)
    for (const id of [home, other]) await chain.mined(sale.write.settle([BigInt(id)], { account: deployer }))
    /** Writes as a page does, once it was asked. */
    const send = async (intent: WriteIntent, account: Hex): Promise<void> => {
      const { to, data } = encodeIntent(intent, write.contracts)
      await chain.mined(chain.client.sendTransaction({ account, to, data: data() }))
    }
    const portal = async (id: number, who: Hex) =>
      readPortalFacts(birthCell(id), { chain: write, reader, own: () => who })

    await send({ kind: 'create-planet', parcel: home }, owner)
    await send({ kind: 'want-portal', parcel: other, planet: home }, payer)
    expect(await portal(other, owner)).toMatchObject({ wanted: { planet: home, agreed: false, mine: true } })
    await send({ kind: 'agree-portal', planet: home, parcel: other, agrees: true }, owner)
    const terms = { thing: 'planet', id: home, durationSeconds: 86_400 } as const
    await send({ kind: 'set-offer', ...terms, priceWei: 5n * CYBR }, owner)
    expect((await portal(other, payer))?.leadsTo).toMatchObject({
      id: home,
      offer: { priceWei: 5n * CYBR, durationMs: 86_400_000, entry: 'unpaid' },
    })
    await chain.mined(cybr.write.approve([at.access!, 50n * CYBR], { account: payer }))
    await send({ kind: 'pay-access', ...terms, amountWei: 5n * CYBR }, payer)
    expect((await portal(other, payer))?.leadsTo?.offer.entry).toBe('paid')
    await chain.advance(86_401)
    await chain.mined(cybr.write.transfer([owner, 1n], { account: deployer })) // a block of that time
    expect((await portal(other, payer))?.leadsTo?.offer.entry).toBe('unpaid')
    const near = await readPortals(
      [{ id: home, owner: owner.toLowerCase() as Hex }],
      await reader.head(),
      reader,
      contracts,
    )
    expect(near).toMatchObject([{ hasPlanet: true, leadsTo: { planet: home } }])

    // a model that shows a restricted object
    const object = formatObjectId(dataObjectId(utf8('sealed')))
    const id = parseObjectId(object)
    const bytes = (address: string) => fromHex(address.slice(2).toLowerCase())
    const payments = createPayments({ contracts: { model: at.model!, access: at.access! }, reader, ask })
    const question = { model: 1, id, people: bytes(payer), author: bytes(owner) }
    const mint = { kind: 'mint-model', root: textCid('sealed bytes'), object, royalty: 0 } as const
    await send(mint, owner)
    await send({ kind: 'set-offer', thing: 'model', id: 1, priceWei: 7n * CYBR, durationSeconds: 0 }, owner)
    expect(await payments.isPaid(question)).toMatchObject({ kind: 'unpaid' })
    await send({ kind: 'sell-model', model: 1, isForSale: true }, owner)
    expect(await payments.isPaid(question)).toMatchObject({ why: expect.stringContaining('has not paid') })
    expect(await payments.paidModel(id, bytes(owner), bytes(payer))).toBe(0)
    // somebody else's token of the same object speaks for nothing
    await send(mint, payer)
    await send({ kind: 'sell-model', model: 2, isForSale: true }, payer)
    expect(await payments.isPaid({ ...question, model: 2 })).toMatchObject({ kind: 'unpaid' })
    const seller = formatAddress(bytes(owner))
    const sales = { chain: write, reader, ask }
    expect(await readSaleFacts(object, seller, { ...sales, own: () => payer })).toMatchObject({
      model: 1,
      mine: false,
      isForSale: true,
      offer: { priceWei: 7n * CYBR, durationMs: 0, entry: 'unpaid' },
    })
    await send({ kind: 'pay-access', thing: 'model', id: 1, amountWei: 7n * CYBR, durationSeconds: 0 }, payer)
    expect(await payments.isPaid(question)).toEqual({ kind: 'paid', until: 0 })
    expect(await payments.isPaid({ ...question, id: dataObjectId(utf8('other')) })).toMatchObject({
      kind: 'unpaid',
    })
    expect(await payments.paidModel(id, bytes(owner), bytes(payer))).toBe(1)
    expect(await readSaleFacts(object, seller, { ...sales, own: () => owner })).toMatchObject({
      mine: true,
      offer: { entry: 'owner' },
    })

    // what was paid is there to be collected, and by its list a giveaway's claim is checked
    const income = await reader.account(await reader.head(), at.access!, {
      slots: [mappingSlot(owner, ACCESS_INCOME)],
    })
    expect(income.slots).toEqual([12n * CYBR])
    await send({ kind: 'collect-income' }, owner)
    await expect(findGiveaway(`0x${'11'.repeat(32)}`, reader, at.landSale!)).rejects.toMatchObject({
      code: 'GIVEAWAY_UNKNOWN',
    })
    const root: Hex = `0x${'22'.repeat(32)}`
    const treasury = chain.accounts[9] as Hex
    await chain.mined(sale.write.addGiveaway([`0x${'33'.repeat(32)}`], { account: treasury }))
    await chain.mined(sale.write.addGiveaway([root], { account: treasury }))
    expect(await findGiveaway(root, reader, at.landSale!)).toBe(1)
  })
})
