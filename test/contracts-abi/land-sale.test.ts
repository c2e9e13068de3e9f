import { type Address, concat, encodeAbiParameters, type Hex, keccak256, maxUint256, parseEther } from 'viem'
import { describe, expect, it } from 'vitest'
import { expectRevert, useTestChain } from './harness/anvil.ts'
import { deploySale, hashOf, idOf, PURSE, SALE_TERMS, STATE } from './harness/land-chain.ts'
import { signPermit } from './harness/permit.ts'

const LOT = idOf('auction')
const GIFTS = [idOf('giveaway'), idOf('giveaway', 1), idOf('giveaway', 2)] as const
const { reserve: RESERVE, duration, extension } = SALE_TERMS
const DURATION = BigInt(duration)
const EXTENSION = BigInt(extension)

function leafOf(id: bigint, owner: Address): Hex {
  return keccak256(keccak256(encodeAbiParameters([{ type: 'uint256' }, { type: 'address' }], [id, owner])))
}

function pairOf(a: Hex, b: Hex): Hex {
  return keccak256(a < b ? concat([a, b]) : concat([b, a]))
}

/** A giveaway of three parcels, the last of which somebody put there that is none to give away. */
function giveawayOf(bob: Address, carol: Address) {
  const leaves = [leafOf(GIFTS[0], bob), leafOf(GIFTS[1], carol), leafOf(LOT, carol)] as const
  const left = pairOf(leaves[0], leaves[1])
  const root = pairOf(left, leaves[2])
  return { root, bobs: [leaves[1], leaves[2]], carols: [leaves[0], leaves[2]], lots: [left] } as const
}

const world = useTestChain(async (chain) => {
  const [, bob, carol] = chain.accounts as readonly Address[] as [Address, Address, Address]
  const giveaway = giveawayOf(bob, carol)
  const deployed = await deploySale(chain, giveaway.root)
  const { cybr, sale } = deployed
  for (const account of chain.accounts) {
    await chain.mined(cybr.write.approve([sale.address, maxUint256], { account }))
  }
  return { ...deployed, giveaway }
})

function bid(account: Address, amount: bigint, id = LOT) {
  return world().sale.write.bid([id, amount], { account })
}

function tryBid(account: Address, amount: bigint, id = LOT) {
  return world().sale.simulate.bid([id, amount], { account })
}

/** What the sale holds is what it owes: the bids that lead and the refunds of these bidders. */
async function expectSolvent(ids: readonly bigint[]): Promise<void> {
  const { sale, cybr, chain } = world()
  const leading = await Promise.all(ids.map(async (id) => (await sale.read.auctions([id]))[2]))
  const owed = await Promise.all(chain.accounts.map((account) => sale.read.refunds([account])))
  const sum = [...leading, ...owed].reduce((total, amount) => total + amount, 0n)
  expect(await cybr.read.balanceOf([sale.address])).toBe(sum)
}

describe('auctions', () => {
  it('[CH3] five bidders, late bids, refunds: the highest gets the parcel, the treasury its bid', async () => {
    const { sale, land, cybr, chain, people } = world()
    const { alice, bob, carol, dora, emil, foundation } = people
    await expectRevert(tryBid(alice, RESERVE - 1n), 'BidTooLow', [LOT, RESERVE - 1n, RESERVE])
    await chain.mined(bid(alice, RESERVE))
    const end = (await chain.now()) + DURATION
    expect(await sale.read.auctions([LOT])).toEqual([alice, end, RESERVE, false])
    const least = (RESERVE * 105n) / 100n
    expect(await sale.read.leastBid([LOT])).toBe(least)
    await expectRevert(tryBid(bob, least - 1n), 'BidTooLow', [LOT, least - 1n, least])
    await chain.mined(bid(bob, least))
    await chain.mined(bid(carol, RESERVE * 2n))
    // not yet late
    expect((await sale.read.auctions([LOT]))[1]).toBe(end)
    await chain.advance(end - (await chain.now()) - EXTENSION + 100n)
    await chain.mined(bid(dora, RESERVE * 3n))
    expect((await sale.read.auctions([LOT]))[1]).toBe(end + EXTENSION)
    await chain.advance(end + EXTENSION - (await chain.now()) - 100n)
    await chain.mined(bid(emil, RESERVE * 4n))
    await chain.mined(bid(alice, RESERVE * 5n))
    const last = end + EXTENSION * 2n
    expect((await sale.read.auctions([LOT]))[1]).toBe(last)
    await expectSolvent([LOT])
    await expectRevert(sale.simulate.settle([LOT], { account: bob }), 'AuctionRuns', [LOT, last])
    await chain.advance(last - (await chain.now()) + 1n)
    await expectRevert(tryBid(bob, RESERVE * 6n), 'AuctionOver', [LOT, last])
    await chain.mined(sale.write.settle([LOT], { account: bob }))
    expect(await land.read.parcel([LOT])).toMatchObject({ owner: alice, state: STATE.active })
    expect(await cybr.read.balanceOf([foundation])).toBe(PURSE + RESERVE * 5n)
    for (const account of [alice, bob, carol, dora, emil])
      await chain.mined(sale.write.collectRefund({ account }))
    const left = await Promise.all([alice, bob, carol, dora, emil].map((who) => cybr.read.balanceOf([who])))
    expect(left).toEqual([PURSE - RESERVE * 5n, PURSE, PURSE, PURSE, PURSE])
    expect(await cybr.read.balanceOf([sale.address])).toBe(0n)
    await expectRevert(sale.simulate.collectRefund({ account: bob }), 'NothingToRefund', [bob])
    await expectRevert(sale.simulate.settle([LOT], { account: bob }), 'NoBid', [LOT])
    await expectRevert(tryBid(bob, RESERVE * 9n), 'NotForSale', [LOT])
  })

  it('[CH3] a withdrawn auction gives back the bid, and the parcel waits until it is offered', async () => {
    const { sale, land, cybr, chain, people } = world()
    const { alice, bob, foundation } = people
    const by = { account: foundation }
    await chain.mined(bid(alice, RESERVE))
    await chain.mined(bid(bob, RESERVE * 2n))
    await expectRevert(sale.simulate.withdraw([LOT], { account: bob }), 'NotTreasury', [bob])
    await expectRevert(sale.simulate.offer([LOT], { account: bob }), 'NotTreasury', [bob])
    await expectRevert(sale.simulate.offer([LOT], by), 'NotForSale', [LOT])
    await chain.mined(sale.write.withdraw([LOT], by))
    await expectSolvent([LOT])
    expect(await sale.read.refunds([alice])).toBe(RESERVE)
    expect(await sale.read.refunds([bob])).toBe(RESERVE * 2n)
    expect(await sale.read.isForSale([LOT])).toBe(false)
    await expectRevert(tryBid(alice, RESERVE * 3n), 'NotForSale', [LOT])
    await expectRevert(sale.simulate.withdraw([LOT], by), 'NotForSale', [LOT])
    await expectRevert(sale.simulate.settle([LOT], { account: bob }), 'NoBid', [LOT])
    await chain.mined(sale.write.collectRefund({ account: bob }))
    expect(await cybr.read.balanceOf([bob])).toBe(PURSE)
    await chain.mined(sale.write.offer([LOT], by))
    await chain.mined(bid(bob, RESERVE))
    // one without a bid, and one that is won already
    const other = LOT + 1n
    await chain.mined(sale.write.withdraw([other], by))
    expect(await sale.read.isForSale([other])).toBe(false)
    await chain.advance(DURATION + 1n)
    const [, end] = await sale.read.auctions([LOT])
    await expectRevert(sale.simulate.withdraw([LOT], by), 'AuctionOver', [LOT, end])
    await chain.mined(sale.write.settle([LOT], { account: bob }))
    expect(await land.read.ownerOf([LOT])).toBe(bob)
    await expectRevert(sale.simulate.withdraw([LOT], by), 'NotForSale', [LOT])
  })

  it('[CH3] runs many at once, and sells no other share, nothing twice and nothing that is not open', async () => {
    const { sale, land, chain, people } = world()
    const { alice, bob } = people
    const lots = Array.from({ length: 10 }, (_, index) => LOT + BigInt(index))
    for (const id of lots) await chain.mined(bid(alice, RESERVE, id))
    for (const id of lots.slice(5)) await chain.mined(bid(bob, RESERVE * 2n, id))
    await expectSolvent(lots)
    await chain.advance(DURATION + 1n)
    for (const id of lots) await chain.mined(sale.write.settle([id], { account: bob }))
    expect(await land.read.balanceOf([alice])).toBe(5n)
    expect(await land.read.balanceOf([bob])).toBe(5n)
    expect(await land.read.getVotes([bob])).toBe(5n)
    for (const id of [0n, idOf('public'), GIFTS[0], 50_001n, 65_535n])
      await expectRevert(tryBid(alice, RESERVE, id), 'NotForSale', [id])
  })

  it('takes a bid by permit in one transaction, and one whose permit was used by others', async () => {
    const { sale, cybr, chain, people } = world()
    const { alice, bob } = people
    await chain.mined(cybr.write.approve([sale.address, 0n], { account: alice }))
    await expectRevert(tryBid(alice, RESERVE), 'ERC20InsufficientAllowance')
    const terms = { token: cybr.address, owner: alice, spender: sale.address, value: RESERVE }
    const permit = await signPermit(chain, { ...terms, nonce: 0n })
    await expectRevert(
      sale.simulate.bidWithPermit([LOT, RESERVE * 2n, permit], { account: alice }),
      'ERC20InsufficientAllowance',
    )
    await chain.mined(sale.write.bidWithPermit([LOT, RESERVE, permit], { account: alice }))
    await expectRevert(
      sale.simulate.bidWithPermit([LOT + 1n, RESERVE, permit], { account: alice }),
      'NotPermitted',
      [alice, RESERVE],
    )
    const next = await signPermit(chain, { ...terms, nonce: 1n })
    const { value, deadline, v, r, s } = next
    const used = [alice, sale.address, value, deadline, v, r, s] as const
    await chain.mined(cybr.write.permit(used, { account: bob }))
    await chain.mined(sale.write.bidWithPermit([LOT + 1n, RESERVE, next], { account: alice }))
    await expectSolvent([LOT, LOT + 1n])
  })

  it('[CH3] the treasury sells and does not bid', async () => {
    const { sale, cybr, chain, people } = world()
    const { foundation } = people
    await expectRevert(tryBid(foundation, RESERVE), 'TreasuryBids', [])
    const terms = { token: cybr.address, owner: foundation, spender: sale.address, value: RESERVE, nonce: 0n }
    const permit = await signPermit(chain, terms)
    await expectRevert(
      sale.simulate.bidWithPermit([LOT, RESERVE, permit], { account: foundation }),
      'TreasuryBids',
    )
  })

  it('refuses a bid that its bidder cannot pay', async () => {
    await expectRevert(tryBid(world().people.alice, PURSE + parseEther('1')), 'ERC20InsufficientBalance')
  })

  it('[CH4] sells further land once the foundation opened it', async () => {
    const { sale, land, chain, people } = world()
    await chain.advance(1_000_000)
    await chain.mined(land.write.open([1n], { account: people.foundation }))
    await chain.mined(bid(people.bob, RESERVE, 50_001n))
    await chain.advance(DURATION + 1n)
    await chain.mined(sale.write.settle([50_001n], { account: people.bob }))
    expect(await land.read.parcel([50_001n])).toMatchObject({ owner: people.bob, state: STATE.inactive })
  })
})

describe('giveaways', () => {
  function claim(id: bigint, owner: Address, proof: readonly Hex[], index = 0n) {
    return world().sale.write.claim([index, id, owner, proof], { account: owner })
  }

  function tryClaim(id: bigint, owner: Address, proof: readonly Hex[], index = 0n) {
    return world().sale.simulate.claim([index, id, owner, proof], { account: owner })
  }

  it('[CH3] hands a parcel to whom the giveaway names, by a good proof, once', async () => {
    const { land, chain, giveaway, people } = world()
    const { bob, carol } = people
    await chain.mined(claim(GIFTS[0], bob, giveaway.bobs))
    expect(await land.read.ownerOf([GIFTS[0]])).toBe(bob)
    await expectRevert(tryClaim(GIFTS[0], bob, giveaway.bobs), 'AlreadyClaimed', [GIFTS[0]])
    await chain.mined(claim(GIFTS[1], carol, giveaway.carols))
    expect(await land.read.ownerOf([GIFTS[1]])).toBe(carol)
  })

  it('[CH3] lets nobody else claim, as a first parcel starts its owner’s clock', async () => {
    const { sale, grid, giveaway, people } = world()
    const { bob, emil } = people
    await expectRevert(
      sale.simulate.claim([0n, GIFTS[0], bob, giveaway.bobs], { account: emil }),
      'NotNamed',
      [GIFTS[0], bob, emil],
    )
    expect(await grid.read.aliveUntil([bob])).toBe(0n)
  })

  it('[CH3] refuses wrong proofs, wrong owners, and what is not to be given away', async () => {
    const { giveaway, people } = world()
    const { bob, carol } = people
    const wrong: [bigint, Address, readonly Hex[], bigint?][] = [
      [GIFTS[0], carol, giveaway.bobs],
      [GIFTS[1], bob, giveaway.bobs],
      [GIFTS[2], bob, giveaway.bobs],
      [GIFTS[0], bob, giveaway.carols],
      [GIFTS[0], bob, []],
      [GIFTS[0], bob, [...giveaway.bobs, giveaway.root]],
      [GIFTS[0], bob, giveaway.bobs, 1n],
    ]
    for (const [id, owner, proof, index] of wrong)
      await expectRevert(tryClaim(id, owner, proof, index), 'WrongProof', [id, owner])
    await expectRevert(tryClaim(LOT, carol, giveaway.lots), 'NotGivenAway', [LOT])
  })

  it('[CH3] takes further giveaways from the treasury alone', async () => {
    const { sale, land, chain, people } = world()
    const { bob, foundation } = people
    await expectRevert(sale.simulate.addGiveaway([hashOf('x')], { account: bob }), 'NotTreasury', [bob])
    // a tree of one leaf is its leaf
    await chain.mined(sale.write.addGiveaway([leafOf(GIFTS[2], bob)], { account: foundation }))
    expect(await sale.read.giveawayCount()).toBe(2n)
    await chain.mined(claim(GIFTS[2], bob, [], 1n))
    expect(await land.read.ownerOf([GIFTS[2]])).toBe(bob)
  })
})
