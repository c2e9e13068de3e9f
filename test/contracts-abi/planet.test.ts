import type { Address } from 'viem'
import { expect, it } from 'vitest'
import { planetBytecode } from '#contracts/bytecode/planet.ts'
import { planetAbi } from '#contracts/planet.ts'
import { expectRevert, useTestChain } from './harness/anvil.ts'
import { deployLand, idOf } from './harness/land-chain.ts'

const HOME = idOf('giveaway')
const OTHER = idOf('giveaway', 1)
const EMPTY = idOf('giveaway', 2)

const world = useTestChain(async (chain) => {
  const deployed = await deployLand(chain)
  const { land, people } = deployed
  const { alice, bob, minter } = people
  await chain.mined(land.write.mint([alice, HOME], { account: minter }))
  await chain.mined(land.write.mint([bob, OTHER], { account: minter }))
  const planet = await chain.deploy({ abi: planetAbi, bytecode: planetBytecode }, [land.address])
  return { ...deployed, planet }
})

function create(account: Address, parcel = HOME) {
  return world().planet.write.create([parcel], { account })
}

function tryCreate(account: Address, parcel = HOME) {
  return world().planet.simulate.create([parcel], { account })
}

it('[CH5] a planet follows its parcel’s sale, and goes nowhere without it', async () => {
  const { planet, land, chain, people } = world()
  const { alice, bob, carol } = people
  await expectRevert(tryCreate(bob), 'NotOwner', [HOME, bob])
  await expectRevert(tryCreate(bob, EMPTY), 'ERC721NonexistentToken', [EMPTY])
  await chain.mined(create(alice))
  await expectRevert(tryCreate(alice), 'PlanetExists', [HOME])
  expect(await planet.read.ownerOf([HOME])).toBe(alice)
  expect(await planet.read.locked([HOME])).toBe(true)
  await expectRevert(planet.read.transferFrom([alice, carol, HOME]), 'BoundToParcel', [HOME])
  await chain.mined(land.write.transferFrom([alice, carol, HOME], { account: alice }))
  expect(await planet.read.ownerOf([HOME])).toBe(carol)
  await expectRevert(planet.simulate.agreePortal([HOME, OTHER, true], { account: alice }), 'NotOwner')
  await chain.mined(planet.write.agreePortal([HOME, OTHER, true], { account: carol }))
})

it('[CH5] makes a parcel a portal when both owners want it', async () => {
  const { planet, chain, people } = world()
  const { alice, bob } = people
  const portal = () => planet.read.portalOf([OTHER])
  expect(await planet.read.portalOf([HOME])).toBe(0n)
  await expectRevert(planet.simulate.wantPortal([OTHER, HOME], { account: bob }), 'NoSuchPlanet', [HOME])
  await expectRevert(planet.simulate.agreePortal([HOME, OTHER, true], { account: alice }), 'NoSuchPlanet', [
    HOME,
  ])
  await chain.mined(create(alice))
  expect(await planet.read.portalOf([HOME])).toBe(HOME)
  await expectRevert(planet.simulate.wantPortal([OTHER, HOME], { account: alice }), 'NotOwner', [
    OTHER,
    alice,
  ])
  await expectRevert(planet.simulate.wantPortal([HOME, HOME], { account: alice }), 'OwnPortal', [HOME])
  await expectRevert(planet.simulate.agreePortal([HOME, HOME, true], { account: alice }), 'OwnPortal', [HOME])
  await chain.mined(planet.write.wantPortal([OTHER, HOME], { account: bob }))
  expect(await portal()).toBe(0n)
  await chain.mined(planet.write.agreePortal([HOME, OTHER, true], { account: alice }))
  expect(await portal()).toBe(HOME)
  // its own planet stands back
  await chain.mined(create(bob, OTHER))
  expect(await portal()).toBe(HOME)
  await chain.mined(planet.write.agreePortal([HOME, OTHER, false], { account: alice }))
  expect(await portal()).toBe(OTHER)
  await chain.mined(planet.write.agreePortal([HOME, OTHER, true], { account: alice }))
  await chain.mined(planet.write.wantPortal([OTHER, 0n], { account: bob }))
  expect(await portal()).toBe(OTHER)
})

it('[CH5] what one owner consented to binds no buyer, of the parcel or of the planet', async () => {
  const { planet, land, chain, people } = world()
  const { alice, bob, carol } = people
  await chain.mined(create(alice))
  await chain.mined(planet.write.wantPortal([OTHER, HOME], { account: bob }))
  await chain.mined(planet.write.agreePortal([HOME, OTHER, true], { account: alice }))
  expect(await planet.read.portalOf([OTHER])).toBe(HOME)
  await chain.mined(land.write.transferFrom([bob, carol, OTHER], { account: bob }))
  expect([await planet.read.wanted([OTHER]), await planet.read.portalOf([OTHER])]).toEqual([0n, 0n])
  await chain.mined(planet.write.wantPortal([OTHER, HOME], { account: carol }))
  expect(await planet.read.portalOf([OTHER])).toBe(HOME)
  await chain.mined(land.write.transferFrom([alice, bob, HOME], { account: alice }))
  expect([await planet.read.agreed([HOME, OTHER]), await planet.read.portalOf([OTHER])]).toEqual([false, 0n])
  await chain.mined(planet.write.agreePortal([HOME, OTHER, true], { account: bob }))
  expect(await planet.read.portalOf([OTHER])).toBe(HOME)
})

it('reads like a token', async () => {
  const { planet, chain, people } = world()
  await chain.mined(create(people.alice))
  expect(await planet.read.name()).toBe('Tabland planet')
  expect(await planet.read.symbol()).toBe('PLANET')
  expect(await planet.read.tokenURI([HOME])).toBe(
    `data:application/json;utf8,{"name":"Tabland planet ${HOME}"}`,
  )
  expect(await planet.read.supportsInterface(['0xb45a3c0e'])).toBe(true)
  expect(await planet.read.supportsInterface(['0x80ac58cd'])).toBe(false)
  for (const read of [planet.read.ownerOf, planet.read.tokenURI, planet.read.locked])
    await expectRevert(read([OTHER]), 'NoSuchPlanet', [OTHER])
})
