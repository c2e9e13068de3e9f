import { type Address, maxUint256, parseEther, toFunctionSelector, zeroAddress } from 'viem'
import { expect, it } from 'vitest'
import { accessAbi } from '#contracts/access.ts'
import { accessBytecode } from '#contracts/bytecode/access.ts'
import { modelBytecode } from '#contracts/bytecode/model.ts'
import { planetBytecode } from '#contracts/bytecode/planet.ts'
import { modelAbi } from '#contracts/model.ts'
import { planetAbi } from '#contracts/planet.ts'
import { expectRevert, useTestChain } from './harness/anvil.ts'
import { deployLand, hashOf, idOf, PURSE } from './harness/land-chain.ts'
import { signPermit } from './harness/permit.ts'

const HOME = idOf('giveaway')
const PRICE = parseEther('3')
const DAY = 86_400n
const TERMS = { price: PRICE, duration: DAY }

/** Alice has a planet with a price for a day, and a model with a price for ever. */
const world = useTestChain(async (chain) => {
  const deployed = await deployLand(chain)
  const { land, cybr, people } = deployed
  const by = { account: people.alice }
  await chain.mined(land.write.mint([people.alice, HOME], { account: people.minter }))
  const planet = await chain.deploy({ abi: planetAbi, bytecode: planetBytecode }, [land.address])
  const model = await chain.deploy({ abi: modelAbi, bytecode: modelBytecode }, [land.address, planet.address])
  const access = await chain.deploy({ abi: accessAbi, bytecode: accessBytecode }, [cybr.address])
  await chain.mined(planet.write.create([HOME], by))
  await chain.mined(model.write.mint(['0x01', hashOf('x'), 0, access.address], by))
  await chain.mined(access.write.setOffer([planet.address, HOME, PRICE, DAY], by))
  await chain.mined(access.write.setOffer([model.address, 1n, PRICE, 0n], by))
  return { ...deployed, planet, model, access }
})

function allow(account: Address) {
  const { cybr, access, chain } = world()
  return chain.mined(cybr.write.approve([access.address, maxUint256], { account }))
}

it('[CH7] an entrance is paid with one transaction, by permit', async () => {
  const { access, planet, cybr, chain, people } = world()
  const { alice, bob } = people
  const entered = () => access.read.hasAccess([planet.address, HOME, bob])
  expect(await entered()).toBe(false)
  const permit = await signPermit(chain, {
    ...{ token: cybr.address, owner: bob, spender: access.address, value: PRICE, nonce: 0n },
  })
  const args = [planet.address, HOME, TERMS, permit] as const
  await chain.mined(access.write.payWithPermit(args, { account: bob }))
  expect(await entered()).toBe(true)
  const until = await access.read.paidUntil([planet.address, HOME, bob])
  expect(until).toBe((await chain.now()) + DAY)
  expect(await cybr.read.balanceOf([bob])).toBe(PURSE - PRICE)
  expect(await access.read.income([alice])).toBe(PRICE)
  await expectRevert(access.simulate.payWithPermit(args, { account: bob }), 'NotPermitted', [bob, PRICE])
  await chain.advance(DAY + 1n)
  expect(await entered()).toBe(false)
})

it('[CH7] adds time to what is left, and expires', async () => {
  const { access, planet, chain, people } = world()
  const { bob } = people
  await allow(bob)
  const pay = () => access.write.pay([planet.address, HOME, TERMS], { account: bob })
  await chain.mined(pay())
  const first = await access.read.paidUntil([planet.address, HOME, bob])
  await chain.mined(pay())
  expect(await access.read.paidUntil([planet.address, HOME, bob])).toBe(first + DAY)
  await chain.advance(DAY * 3n)
  await chain.mined(pay())
  expect(await access.read.paidUntil([planet.address, HOME, bob])).toBe((await chain.now()) + DAY)
})

it('[CH7] unlocks a model for ever, for the payer and its holder alone', async () => {
  const { access, model, chain, people } = world()
  const { alice, bob, carol } = people
  await allow(bob)
  const args = [model.address, 1n, { price: PRICE, duration: 0n }] as const
  await chain.mined(access.write.pay(args, { account: bob }))
  await chain.advance(DAY * 10_000n)
  expect(await model.read.maySee([1n, bob])).toBe(true)
  expect(await model.read.maySee([1n, carol])).toBe(false)
  expect(await access.read.hasAccess([model.address, 1n, alice])).toBe(true)
  await expectRevert(access.simulate.pay(args, { account: bob }), 'PaidForEver', [model.address, 1n, bob])
})

it('[CH6] pays whoever holds it when it is paid, who collects', async () => {
  const { access, model, cybr, chain, people } = world()
  const { alice, bob, carol, dora } = people
  await allow(bob)
  await allow(carol)
  const terms = { price: PRICE, duration: 0n }
  await chain.mined(access.write.pay([model.address, 1n, terms], { account: bob }))
  await chain.mined(model.write.transferFrom([alice, dora, 1n], { account: alice }))
  await chain.mined(access.write.pay([model.address, 1n, terms], { account: carol }))
  expect(await cybr.read.balanceOf([access.address])).toBe(PRICE * 2n)
  for (const account of [alice, dora]) {
    await chain.mined(access.write.collect({ account }))
    expect(await cybr.read.balanceOf([account])).toBe(PURSE + PRICE)
  }
  await expectRevert(access.simulate.collect({ account: alice }), 'NothingToCollect', [alice])
})

it('[CH7] costs nothing at the price 0, and never more than the payer saw', async () => {
  const { access, planet, chain, people } = world()
  const { alice, bob } = people
  await allow(bob)
  const offer = (account: Address, price: bigint, duration = DAY) =>
    access.write.setOffer([planet.address, HOME, price, duration], { account })
  const tryPay = () => access.simulate.pay([planet.address, HOME, TERMS], { account: bob })
  await expectRevert(
    access.simulate.setOffer([planet.address, HOME, 0n, DAY], { account: bob }),
    'NotOwner',
    [planet.address, HOME, bob],
  )
  await chain.mined(offer(alice, PRICE * 2n))
  await expectRevert(tryPay(), 'TermsChanged', [PRICE * 2n, DAY])
  await chain.mined(offer(alice, PRICE, 1n))
  await expectRevert(tryPay(), 'TermsChanged', [PRICE, 1n])
  await chain.mined(offer(alice, 0n))
  await expectRevert(tryPay(), 'IsFree', [planet.address, HOME])
  expect(await access.read.hasAccess([planet.address, HOME, bob])).toBe(true)
  expect(await access.read.offers([planet.address, HOME])).toEqual([0n, DAY])
  await expectRevert(
    access.simulate.setOffer([planet.address, HOME + 1n, 1n, 0n], { account: alice }),
    // as the thing's own contract refuses: its ABI knows the error, this one's does not
    toFunctionSelector('NoSuchPlanet(uint256)'),
  )
})

it('refuses who cannot pay', async () => {
  const { access, planet, cybr, chain, people } = world()
  const { bob, carol } = people
  const tryPay = () => access.simulate.pay([planet.address, HOME, TERMS], { account: bob })
  await expectRevert(tryPay(), 'ERC20InsufficientAllowance')
  await allow(bob)
  await chain.mined(cybr.write.transfer([carol, PURSE], { account: bob }))
  await expectRevert(tryPay(), 'ERC20InsufficientBalance')
  expect(await access.read.hasAccess([planet.address, HOME, zeroAddress])).toBe(false)
})
