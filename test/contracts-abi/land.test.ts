import { parseEventLogs, zeroAddress } from 'viem'
import { describe, expect, it } from 'vitest'
import { landAbi } from '#contracts/land.ts'
import type { Cell } from '#core/land.ts'
import { birthCell, bornAt, MAX_PARCEL_ID, shareOf } from '#core/land-rule.ts'
import { expectRevert, useTestChain } from './harness/anvil.ts'
import { deployLand, idOf, LAND_TERMS, LIFE_SPAN, SHARE_NUMBER, STATE } from './harness/land-chain.ts'

const world = useTestChain(deployLand)

const HOME = idOf('giveaway')
const LOT = idOf('auction')
const STREET = idOf('public')
/** Outside, and touches the city in the east. */
const SHORE: Cell = { x: 129, y: 20 }

async function mint(to: `0x${string}`, ...ids: readonly bigint[]): Promise<void> {
  const { land, chain, people } = world()
  for (const id of ids) await chain.mined(land.write.mint([to, id], { account: people.minter }))
}

function move(account: `0x${string}`, id: bigint, { x, y }: Cell) {
  return world().land.write.move([id, BigInt(x), BigInt(y)], { account })
}

function tryMove(account: `0x${string}`, id: bigint, { x, y }: Cell) {
  return world().land.simulate.move([id, BigInt(x), BigInt(y)], { account })
}

async function cellOf(id: bigint): Promise<Cell | undefined> {
  const { x, y, state } = await world().land.read.parcel([id])
  return state === STATE.active ? { x, y } : undefined
}

describe('minting', () => {
  it('[CH2] mints a community parcel on its birth cell, for the sale alone', async () => {
    const { land, grid, people } = world()
    const { alice, bob } = people
    await expectRevert(land.simulate.mint([bob, HOME], { account: alice }), 'NotAllowed', [alice])
    expect(await land.read.isMinted([HOME])).toBe(false)
    await mint(bob, HOME)
    expect(await land.read.isMinted([HOME])).toBe(true)
    const { x, y } = birthCell(Number(HOME))
    expect(await land.read.birthCell([HOME])).toEqual([BigInt(x), BigInt(y)])
    expect(await land.read.parcel([HOME])).toMatchObject({
      ...{ owner: bob, state: STATE.active, x, y, warnings: 0, warnedAt: 0 },
      share: SHARE_NUMBER.giveaway,
    })
    expect(await grid.read.parcelAt([BigInt(x), BigInt(y)])).toBe(HOME)
    await expectRevert(land.simulate.mint([bob, HOME], { account: people.minter }), 'ParcelMinted', [HOME])
  })

  it('[CH3] mints no public parcel to anybody, none to nobody, and none that there is not', async () => {
    const { land, people } = world()
    const by = { account: people.minter }
    await expectRevert(land.simulate.mint([people.bob, STREET], by), 'WrongShare', [STREET, 0])
    await expectRevert(land.simulate.mint([zeroAddress, HOME], by), 'ERC721InvalidReceiver', [zeroAddress])
    for (const id of [0n, 65_535n])
      await expectRevert(land.simulate.mint([people.bob, id], by), 'NoSuchParcel', [id])
    await expectRevert(land.simulate.mint([people.bob, 50_001n], by), 'NoSuchParcel', [50_001n])
    for (const id of [0n, 50_001n]) await expectRevert(land.read.birthCell([id]), 'NoSuchParcel', [id])
    await expectRevert(land.read.shareOf([65_535n]), 'NoSuchParcel')
    expect(await land.read.isMinted([65_535n])).toBe(false)
    expect(await land.read.isActive([65_535n])).toBe(false)
  })

  it('[CH3] mints public land to the foundation in batches, whoever pays', async () => {
    const { land, grid, chain, people } = world()
    const { alice, foundation } = people
    await chain.mined(land.write.mintPublic([STREET, 100n], { account: alice }))
    expect(await land.read.balanceOf([foundation])).toBe(100n)
    for (let id = Number(STREET); id < Number(STREET) + 100; id += 9) {
      const { x, y } = birthCell(id)
      expect(bornAt({ x, y })).toBe(id)
      expect(await grid.read.parcelAt([BigInt(x), BigInt(y)])).toBe(BigInt(id))
    }
    expect(await grid.read.aliveUntil([foundation])).toBe(0n)
    expect(await land.read.getVotes([foundation])).toBe(0n)
    for (const count of [0n, 101n])
      await expectRevert(land.simulate.mintPublic([STREET, count], { account: alice }), 'WrongCount', [count])
    const last = STREET + 299n
    expect(shareOf(Number(last))).toBe('public')
    await expectRevert(land.simulate.mintPublic([last, 2n], { account: alice }), 'WrongShare', [last + 1n, 1])
    await expectRevert(land.simulate.mintPublic([HOME, 1n], { account: alice }), 'WrongShare', [HOME, 1])
    await expectRevert(land.simulate.mintPublic([STREET + 99n, 2n], { account: alice }), 'ParcelMinted')
  })

  it('[CH2] mints a batch that crosses rows and the square where the rule has it', async () => {
    const { land, grid, chain, people } = world()
    // the last one in the north, one beside the square and one across it
    for (const first of [49_901, 19_901, 20_001]) {
      const run = Array.from({ length: 12 }, (_, index) => first + index * 9)
      await chain.mined(land.write.mintPublic([BigInt(first), 100n], { account: people.bob }))
      for (const id of run) {
        const { x, y } = birthCell(id)
        expect(await grid.read.parcelAt([BigInt(x), BigInt(y)])).toBe(BigInt(id))
      }
    }
  })

  it('[CH4] opens further land after a year, by the foundation alone, up to the last id', async () => {
    const { land, chain, people } = world()
    const { alice, minter, foundation } = people
    await expectRevert(land.simulate.open([10n], { account: alice }), 'NotAllowed', [alice])
    await expectRevert(land.simulate.open([10n], { account: foundation }), 'TooEarly')
    await chain.advance(LAND_TERMS.growthDelay)
    await chain.mined(land.write.open([10n], { account: foundation }))
    expect(await land.read.lastId()).toBe(50_010n)
    expect(await land.read.shareOf([50_010n])).toBe(SHARE_NUMBER.auction)
    await chain.mined(land.write.mint([alice, 50_010n], { account: minter }))
    await expectRevert(land.simulate.mint([alice, 50_010n], { account: minter }), 'ParcelMinted', [50_010n])
    expect(await cellOf(50_010n)).toBeUndefined()
    expect(await land.read.getVotes([alice])).toBe(0n)
    await chain.mined(move(alice, 50_010n, SHORE))
    expect(await cellOf(50_010n)).toEqual(SHORE)
    expect(await land.read.getVotes([alice])).toBe(1n)
    const tooMany = BigInt(MAX_PARCEL_ID) - 50_009n
    await expectRevert(land.simulate.open([tooMany], { account: foundation }), 'NoSuchParcel', [65_535n])
    await chain.mined(land.write.open([tooMany - 1n], { account: foundation }))
    expect(await land.read.lastId()).toBe(BigInt(MAX_PARCEL_ID))
  })
})

describe('places', () => {
  it('[CH4] moves a parcel to any cell outside that touches the city, and on from there', async () => {
    const { land, grid, chain, people } = world()
    const { alice, bob } = people
    await mint(alice, HOME, LOT)
    const home = birthCell(Number(HOME))
    await chain.mined(move(alice, HOME, SHORE))
    expect(await cellOf(HOME)).toEqual(SHORE)
    expect(await grid.read.parcelAt([BigInt(home.x), BigInt(home.y)])).toBe(0n)
    const pier = { x: SHORE.x + 1, y: SHORE.y }
    // a parcel does not touch itself
    await expectRevert(tryMove(alice, HOME, { x: pier.x + 1, y: pier.y }), 'CellApart')
    await expectRevert(tryMove(alice, HOME, { x: pier.x, y: pier.y + 1 }), 'CellApart')
    await chain.mined(move(alice, LOT, pier))
    expect(await cellOf(LOT)).toEqual(pier)
    await expectRevert(tryMove(alice, LOT, SHORE), 'CellTaken', [BigInt(SHORE.x), BigInt(SHORE.y), HOME])
    await expectRevert(tryMove(bob, LOT, home), 'ERC721InsufficientApproval', [bob, LOT])
    // back home, and from one cell to the same
    await chain.mined(move(alice, HOME, home))
    await chain.mined(move(alice, HOME, home))
    expect(await cellOf(HOME)).toEqual(home)
    expect(await land.read.getVotes([alice])).toBe(2n)
  })

  it('[CH4] keeps the square, the sea and the cells of parcels to come', async () => {
    const { people } = world()
    const { alice } = people
    await mint(alice, HOME, LOT)
    const reserved = birthCell(Number(HOME) + 1)
    const outOfReach = [
      { x: 0, y: 0 },
      { x: -31, y: 30 },
      { x: 2048, y: 0 },
      { x: -2049, y: 0 },
      { x: 0, y: 2048 },
      { x: 0, y: -2049 },
    ]
    for (const cell of outOfReach) await expectRevert(tryMove(alice, HOME, cell), 'CellOutOfReach')
    for (const cell of [
      { x: 2047, y: -2048 },
      { x: -2048, y: 2047 },
    ]) {
      await expectRevert(tryMove(alice, HOME, cell), 'CellApart', [BigInt(cell.x), BigInt(cell.y)])
    }
    await expectRevert(tryMove(alice, HOME, reserved), 'CellReserved', [
      BigInt(reserved.x),
      BigInt(reserved.y),
      HOME + 1n,
    ])
    const lot = birthCell(Number(LOT))
    await expectRevert(tryMove(alice, HOME, lot), 'CellTaken', [BigInt(lot.x), BigInt(lot.y), LOT])
    await expectRevert(tryMove(alice, HOME + 1n, lot), 'ERC721NonexistentToken', [HOME + 1n])
    await expectRevert(tryMove(alice, 65_535n, lot), 'ERC721NonexistentToken')
    expect(await world().grid.read.parcelAt([0n, 0n])).toBe(0n)
  })

  it('lets nobody but Land write the grid', async () => {
    const { grid, people } = world()
    const { alice: account } = people
    const by = { account }
    const tries = [
      () => grid.simulate.mint([account, 1n, 1n], by),
      () => grid.simulate.mintAway([account, 50_001n], by),
      () => grid.simulate.setOwner([1n, account], by),
      () => grid.simulate.settle([1n, 0n, 0n], by),
      () => grid.simulate.unsettle([1n], by),
      () => grid.simulate.setWarnings([1n, 1, 1], by),
      () => grid.simulate.setAliveUntil([account, 1n], by),
    ]
    for (const attempt of tries) await expectRevert(attempt(), 'NotLand', [account])
  })
})

describe('life', () => {
  it('[CH4] starts with the first parcel, is shown for all, and ends with the last', async () => {
    const { land, grid, chain, people } = world()
    const { alice, bob } = people
    await expectRevert(land.simulate.proveLife({ account: alice }), 'NoParcels', [alice])
    await mint(alice, HOME)
    const start = await grid.read.aliveUntil([alice])
    expect(start).toBe((await chain.now()) + LIFE_SPAN)
    await chain.advance(1_000)
    await mint(alice, LOT)
    expect(await grid.read.aliveUntil([alice])).toBe(start)
    await chain.mined(land.write.proveLife({ account: alice }))
    expect(await land.read.aliveUntil([alice])).toBe((await chain.now()) + LIFE_SPAN)
    for (const id of [HOME, LOT])
      await chain.mined(land.write.transferFrom([alice, bob, id], { account: alice }))
    expect(await grid.read.aliveUntil([alice])).toBe(0n)
    expect(await grid.read.aliveUntil([bob])).toBeGreaterThan(await chain.now())
  })

  it('[CH4] a silent owner loses the place for a bounty, keeps the token, and returns elsewhere', async () => {
    const { land, grid, cybr, chain, people } = world()
    const { alice, bob, carol, foundation } = people
    await mint(alice, HOME, LOT)
    await chain.mined(cybr.write.transfer([land.address, LAND_TERMS.bounty * 3n], { account: foundation }))
    const until = await land.read.aliveUntil([alice])
    await expectRevert(land.simulate.free([[HOME]], { account: bob }), 'StillAlive', [HOME, until])
    await chain.advance(LIFE_SPAN + 1n)
    const before = await cybr.read.balanceOf([bob])
    await chain.mined(land.write.free([[HOME, LOT]], { account: bob }))
    expect((await cybr.read.balanceOf([bob])) - before).toBe(LAND_TERMS.bounty * 2n)
    const home = birthCell(Number(HOME))
    expect(await grid.read.parcelAt([BigInt(home.x), BigInt(home.y)])).toBe(0n)
    expect(await land.read.ownerOf([HOME])).toBe(alice)
    expect(await land.read.balanceOf([alice])).toBe(2n)
    expect(await land.read.getVotes([alice])).toBe(0n)
    expect(await land.read.isActive([HOME])).toBe(false)
    await expectRevert(land.simulate.free([[HOME]], { account: bob }), 'NotActive', [HOME])
    // somebody else takes the place, so that the owner returns elsewhere
    await mint(bob, HOME + 1n)
    await chain.mined(move(bob, HOME + 1n, home))
    await expectRevert(tryMove(alice, HOME, home), 'CellTaken')
    // who may only move it cannot bring it back for an owner that is silent
    await chain.mined(land.write.approve([carol, HOME], { account: alice }))
    await expectRevert(tryMove(carol, HOME, SHORE), 'OwnerSilent', [HOME, alice])
    await chain.mined(move(alice, HOME, SHORE))
    expect(await cellOf(HOME)).toEqual(SHORE)
    expect(await land.read.aliveUntil([alice])).toBe((await chain.now()) + LIFE_SPAN)
    expect(await land.read.getVotes([alice])).toBe(1n)
    // now its operator may
    await chain.mined(land.write.approve([carol, LOT], { account: alice }))
    await chain.mined(move(carol, LOT, birthCell(Number(LOT))))
    expect(await land.read.getVotes([alice])).toBe(2n)
  })

  it('[CH4] frees without a bounty when the pool is empty, and pays what is left of it', async () => {
    const { land, cybr, chain, people } = world()
    const { alice, bob, foundation } = people
    await mint(alice, HOME, LOT)
    await chain.mined(cybr.write.transfer([land.address, 3n], { account: foundation }))
    await chain.advance(LIFE_SPAN + 1n)
    const before = await cybr.read.balanceOf([bob])
    await chain.mined(land.write.free([[HOME]], { account: bob }))
    await chain.mined(land.write.free([[LOT]], { account: bob }))
    expect((await cybr.read.balanceOf([bob])) - before).toBe(3n)
  })

  it('[CH4] land wakes a silent owner, so that nobody is paid over and over for one place', async () => {
    const { land, grid, cybr, chain, people } = world()
    const { alice, bob, carol, foundation } = people
    await chain.mined(cybr.write.transfer([land.address, LAND_TERMS.bounty * 9n], { account: foundation }))
    await mint(bob, HOME)
    await chain.advance(LIFE_SPAN + 1n)
    await mint(alice, LOT)
    // bob is silent, until it gets a parcel: then neither falls free
    await chain.mined(land.write.transferFrom([alice, bob, LOT], { account: alice }))
    const until = (await chain.now()) + LIFE_SPAN
    expect(await grid.read.aliveUntil([bob])).toBe(until)
    for (const id of [HOME, LOT])
      await expectRevert(land.simulate.free([[id]], { account: carol }), 'StillAlive', [id, until])
    expect(await cybr.read.balanceOf([land.address])).toBe(LAND_TERMS.bounty * 9n)
    // a parcel more for one that is alive changes nothing
    await mint(carol, LOT + 1n)
    await chain.advance(100)
    await chain.mined(land.write.transferFrom([carol, bob, LOT + 1n], { account: carol }))
    expect(await grid.read.aliveUntil([bob])).toBe(until)
  })

  it('[CH4] pays no bounty to the owner itself, and tells of none that it does not pay', async () => {
    const { land, cybr, chain, people } = world()
    const { alice, bob, carol, foundation } = people
    await chain.mined(cybr.write.transfer([land.address, LAND_TERMS.bounty * 9n], { account: foundation }))
    await mint(alice, HOME, HOME + 1n)
    await mint(bob, LOT)
    await chain.advance(LIFE_SPAN + 1n)
    const before = await cybr.read.balanceOf([alice])
    const own = await chain.mined(land.write.free([[HOME]], { account: alice }))
    expect(parseEventLogs({ abi: landAbi, logs: own.logs, eventName: 'BountyPaid' })).toEqual([])
    expect(await cybr.read.balanceOf([alice])).toBe(before)
    await chain.mined(land.write.free([[HOME + 1n, LOT]], { account: alice }))
    expect(await cybr.read.balanceOf([alice])).toBe(before + LAND_TERMS.bounty)
    expect(await land.read.isActive([HOME + 1n])).toBe(false)
    expect(await land.read.balanceOf([carol])).toBe(0n)
  })

  it('[CH8] the foundation is sold no land, and what it is handed has no vote', async () => {
    const { land, chain, people } = world()
    const { alice, bob, minter, conduct, foundation } = people
    await expectRevert(land.simulate.mint([foundation, HOME], { account: minter }), 'ERC721InvalidReceiver', [
      foundation,
    ])
    await mint(alice, HOME, LOT)
    await chain.mined(land.write.transferFrom([alice, foundation, HOME], { account: alice }))
    await chain.mined(land.write.transferFrom([alice, foundation, LOT], { account: alice }))
    const votes = async () => {
      const at = await chain.now()
      await chain.advance(1)
      return [
        ...(await Promise.all([alice, bob, foundation].map((who) => land.read.getVotes([who])))),
        await land.read.getPastTotalSupply([at]),
      ]
    }
    expect(await votes()).toEqual([0n, 0n, 0n, 0n])
    // it loses its place and finds one, and still has none
    await chain.mined(land.write.evict([HOME], { account: conduct }))
    await chain.mined(move(foundation, HOME, birthCell(Number(HOME))))
    expect(await votes()).toEqual([0n, 0n, 0n, 0n])
    // who gets it from the foundation has its vote
    await chain.mined(land.write.transferFrom([foundation, bob, HOME], { account: foundation }))
    expect(await votes()).toEqual([0n, 1n, 0n, 1n])
  })

  it('[CH4] public land never falls free', async () => {
    const { land, chain, people } = world()
    await chain.mined(land.write.mintPublic([STREET, 1n], { account: people.bob }))
    await chain.advance(LIFE_SPAN * 10n)
    const never = 2n ** 256n - 1n
    await expectRevert(land.simulate.free([[STREET]], { account: people.bob }), 'StillAlive', [STREET, never])
    await chain.mined(land.write.proveLife({ account: people.foundation }))
    // once somebody else has it, it is like any other, without a vote
    const { foundation, carol } = people
    await chain.mined(land.write.transferFrom([foundation, carol, STREET], { account: foundation }))
    expect(await land.read.getVotes([carol])).toBe(0n)
    await chain.advance(LIFE_SPAN + 1n)
    await chain.mined(land.write.free([[STREET]], { account: people.bob }))
    await chain.mined(move(carol, STREET, birthCell(Number(STREET))))
    expect(await land.read.getVotes([carol])).toBe(0n)
  })
})

describe('conduct', () => {
  it('[CH8] warns and evicts by the conduct contract alone, and never touches the token', async () => {
    const { land, chain, people } = world()
    const { alice, conduct } = people
    await mint(alice, HOME)
    await expectRevert(land.simulate.setWarnings([HOME, 1], { account: alice }), 'NotAllowed', [alice])
    await expectRevert(land.simulate.evict([HOME], { account: alice }), 'NotAllowed', [alice])
    await expectRevert(land.simulate.setWarnings([LOT, 1], { account: conduct }), 'ERC721NonexistentToken')
    expect(await land.read.warningsOf([HOME])).toEqual([0n, 0n])
    await chain.mined(land.write.setWarnings([HOME, 3], { account: conduct }))
    expect(await land.read.warningsOf([HOME])).toEqual([3n, await chain.now()])
    // warnings stay with the parcel where it moves and whoever has it
    await chain.mined(move(alice, HOME, SHORE))
    expect((await land.read.parcel([HOME])).warnings).toBe(3)
    await chain.mined(land.write.evict([HOME], { account: conduct }))
    expect(await land.read.warningsOf([HOME])).toEqual([0n, 0n])
    expect(await land.read.parcel([HOME])).toMatchObject({ owner: alice, state: STATE.inactive, x: 0, y: 0 })
    await expectRevert(land.simulate.evict([HOME], { account: conduct }), 'NotActive', [HOME])
    expect(await land.read.getVotes([alice])).toBe(0n)
  })
})

describe('builders', () => {
  it('lets an owner name who may build on one parcel or on all, until it is sold', async () => {
    const { land, chain, people } = world()
    const { alice, bob, carol } = people
    await mint(alice, HOME, LOT)
    const may = (id: bigint, who: `0x${string}`) => land.read.mayBuild([id, who])
    expect([await may(HOME, alice), await may(HOME, bob)]).toEqual([true, false])
    await expectRevert(land.simulate.setBuilder([HOME, bob, true], { account: carol }), 'NotAllowed', [carol])
    await chain.mined(land.write.setBuilder([HOME, bob, true], { account: alice }))
    await chain.mined(land.write.setBuilder([0n, carol, true], { account: alice }))
    expect([await may(HOME, bob), await may(LOT, bob), await may(LOT, carol)]).toEqual([true, false, true])
    await expectRevert(tryMove(bob, HOME, SHORE), 'ERC721InsufficientApproval')
    await chain.mined(land.write.transferFrom([alice, bob, LOT], { account: alice }))
    expect([await may(LOT, carol), await may(LOT, bob)]).toEqual([false, true])
    await chain.mined(land.write.setBuilder([HOME, bob, false], { account: alice }))
    expect(await may(HOME, bob)).toBe(false)
    await expectRevert(land.read.mayBuild([HOME + 1n, alice]), 'ERC721NonexistentToken')
  })
})
