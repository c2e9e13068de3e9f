import { type Address, type Hex, keccak256, parseEther, toHex, zeroAddress, zeroHash } from 'viem'
import { expect, it } from 'vitest'
import { cybrBytecode } from '#contracts/bytecode/cybr.ts'
import { namesBytecode } from '#contracts/bytecode/names.ts'
import { cybrAbi } from '#contracts/cybr.ts'
import { namesAbi } from '#contracts/names.ts'
import { TEST_CHAIN_PARAMETERS } from '#core/chain-parameters.ts'
import { expectRevert, useTestChain } from './harness/anvil.ts'

const PURSE = parseEther('1000000')
const TERMS = TEST_CHAIN_PARAMETERS.names
const TERM = 1_000n
const SECRET = keccak256(toHex('secret'))
const TARGET = keccak256(toHex('an object'))
const OBJECT = 0
const ZONE = 1
const TREASURY: Address = '0x00000000000000000000000000000000000072ea'

const world = useTestChain(async (chain) => {
  const [alice, bob] = chain.accounts as [Address, Address]
  const shares = [alice, bob].map((to) => ({ to, amount: PURSE }))
  const cybr = await chain.deploy({ abi: cybrAbi, bytecode: cybrBytecode }, [shares])
  const names = await chain.deploy({ abi: namesAbi, bytecode: namesBytecode }, [
    cybr.address,
    TREASURY,
    { ...TERMS, yearPrice: TERMS.yearPriceWei },
  ])
  for (const account of [alice, bob]) {
    await chain.mined(cybr.write.approve([names.address, PURSE], { account }))
  }
  return { cybr, names, alice, bob }
})

async function commit(name: string, account: Address): Promise<void> {
  const { names, chain } = world()
  const commitment = await names.read.commitmentOf([name, account, SECRET])
  await chain.mined(names.write.commit([commitment], { account }))
}

async function take(name: string, account: Address): Promise<void> {
  const { names, chain } = world()
  await commit(name, account)
  await chain.advance(TERMS.minCommitSeconds)
  await chain.mined(names.write.register([name, TERM, SECRET, OBJECT, TARGET], { account }))
}

const registration = (name: string, secret: Hex = SECRET) => [name, TERM, secret, OBJECT, TARGET] as const

it('[CH9] takes a name that was committed to, for its price, and resolves it', async () => {
  const { cybr, names, alice } = world()
  await take('harbour', alice)
  const record = await names.read.resolve(['harbour'])
  expect(record).toMatchObject({ owner: alice, kind: OBJECT, target: TARGET })
  const price = (TERMS.yearPriceWei * TERM) / (365n * 86_400n)
  expect(await cybr.read.balanceOf([TREASURY])).toBe(price)
  expect(await names.read.priceOf(['four', TERM])).toBe((TERMS.yearPriceWei * 10n * TERM) / (365n * 86_400n))
  expect(await names.read.priceOf(['abc', TERM])).toBe((TERMS.yearPriceWei * 100n * TERM) / (365n * 86_400n))
})

it('[CH9] nobody takes a name out of a waiting transaction: only who committed, in time, reveals', async () => {
  const { names, chain, alice, bob } = world()
  await expectRevert(
    names.simulate.register(registration('harbour'), { account: alice }),
    'CommitmentMissing',
  )
  await commit('harbour', alice)
  await expectRevert(
    names.simulate.register(registration('harbour'), { account: alice }),
    'CommitmentTooYoung',
  )
  await chain.advance(TERMS.minCommitSeconds)
  // bob saw the secret, and is another owner
  await expectRevert(names.simulate.register(registration('harbour'), { account: bob }), 'CommitmentMissing')
  await expectRevert(
    names.simulate.register(registration('harbour', zeroHash), { account: alice }),
    'CommitmentMissing',
  )
  const commitment = await names.read.commitmentOf(['harbour', alice, SECRET])
  await expectRevert(names.simulate.commit([commitment], { account: bob }), 'CommitmentPending')
  await chain.advance(TERMS.maxCommitSeconds)
  await expectRevert(names.simulate.register(registration('harbour'), { account: alice }), 'CommitmentTooOld')
  await chain.mined(names.write.commit([commitment], { account: alice }))
})

it.each(['ab', 'a'.repeat(64), 'Harbour', 'har bour', '-harbour', 'harbour-', 'hafen\u00fc', 'a.b', ''])(
  '[CH9] refuses the name “%s”, which is not normal',
  async (name) => {
    const { names, chain, alice } = world()
    await commit(name, alice)
    await chain.advance(TERMS.minCommitSeconds)
    await expectRevert(names.simulate.register(registration(name), { account: alice }), 'NameInvalid', [name])
  },
)

it('takes every letter that is normal', async () => {
  const { names, alice } = world()
  for (const name of ['a-z', 'az09-90za', '0'.repeat(63)]) {
    await take(name, alice)
    expect((await names.read.resolve([name])).owner).toBe(alice)
  }
})

it('[CH9] a name that is over stands for nothing, can be renewed in its grace, and is free after it', async () => {
  const { names, chain, alice, bob } = world()
  await take('harbour', alice)
  await commit('harbour', bob)
  await chain.advance(TERMS.minCommitSeconds)
  await expectRevert(names.simulate.register(registration('harbour'), { account: bob }), 'NameTaken')
  await chain.advance(TERM)
  expect(await names.read.resolve(['harbour'])).toMatchObject({ owner: zeroAddress, target: zeroHash })
  await expectRevert(names.simulate.setTarget(['harbour', ZONE, zeroHash], { account: alice }), 'NameFree')
  // in its grace, by anybody who pays
  await chain.mined(names.write.renew(['harbour', TERM], { account: bob }))
  expect((await names.read.resolve(['harbour'])).owner).toBe(alice)
  await chain.advance(TERM + TERMS.graceSeconds)
  await expectRevert(names.simulate.renew(['harbour', TERM], { account: alice }), 'NameFree', ['harbour'])
  await take('harbour', bob)
  expect((await names.read.resolve(['harbour'])).owner).toBe(bob)
  expect((await names.read.recordOf(['harbour'])).owner).toBe(bob)
})

it('its owner points it elsewhere and gives it away, and nobody else does', async () => {
  const { names, chain, alice, bob } = world()
  await take('harbour', alice)
  await expectRevert(
    names.simulate.setTarget(['harbour', ZONE, zeroHash], { account: bob }),
    'NotNameOwner',
    ['harbour', alice, bob],
  )
  await expectRevert(names.simulate.transferName(['harbour', bob], { account: bob }), 'NotNameOwner')
  await expectRevert(
    names.simulate.transferName(['harbour', zeroAddress], { account: alice }),
    'RecipientInvalid',
  )
  await chain.mined(names.write.setTarget(['harbour', ZONE, SECRET], { account: alice }))
  await chain.mined(names.write.transferName(['harbour', bob], { account: alice }))
  expect(await names.read.resolve(['harbour'])).toMatchObject({ owner: bob, kind: ZONE, target: SECRET })
})

it('refuses terms that are too short or too long', async () => {
  const { names, chain, alice } = world()
  await commit('harbour', alice)
  await chain.advance(TERMS.minCommitSeconds)
  for (const term of [TERMS.minTermSeconds - 1n, TERMS.maxTermSeconds + 1n]) {
    await expectRevert(
      names.simulate.register(['harbour', term, SECRET, OBJECT, TARGET], { account: alice }),
      'TermInvalid',
    )
  }
  await chain.mined(names.write.register(registration('harbour'), { account: alice }))
  for (const term of [0n, TERMS.maxTermSeconds]) {
    await expectRevert(names.simulate.renew(['harbour', term], { account: alice }), 'TermInvalid')
  }
})
