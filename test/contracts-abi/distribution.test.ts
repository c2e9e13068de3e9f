import { type Address, parseEther } from 'viem'
import { expect, it } from 'vitest'
import { cybrBytecode } from '#contracts/bytecode/cybr.ts'
import { distributionBytecode } from '#contracts/bytecode/distribution.ts'
import { foundersLockBytecode } from '#contracts/bytecode/founders-lock.ts'
import { cybrAbi } from '#contracts/cybr.ts'
import { distributionAbi } from '#contracts/distribution.ts'
import { foundersLockAbi } from '#contracts/founders-lock.ts'
import { TEST_CHAIN_PARAMETERS } from '#core/chain-parameters.ts'
import { nextAddresses } from './harness/addresses.ts'
import { expectRevert, useTestChain } from './harness/anvil.ts'

/** As in the test column, but four rounds, so that the last one is near. */
const TERMS = { ...TEST_CHAIN_PARAMETERS.distribution, rounds: 4n }
const OFFERED = parseEther('4000')
const PER_ROUND = parseEther('1000')
const FOUNDERS_SHARE = parseEther('1000')
const TREASURY: Address = '0x00000000000000000000000000000000000072ea'

const world = useTestChain(async (chain) => {
  const [, distributionAt, lockAt] = await nextAddresses(chain, 3)
  const shares = [
    { to: distributionAt, amount: OFFERED },
    { to: lockAt, amount: FOUNDERS_SHARE },
  ] as { to: Address; amount: bigint }[]
  const cybr = await chain.deploy({ abi: cybrAbi, bytecode: cybrBytecode }, [shares])
  const distribution = await chain.deploy({ abi: distributionAbi, bytecode: distributionBytecode }, [
    cybr.address,
    TREASURY,
    { startDelay: 100n, roundSeconds: TERMS.roundSeconds, rounds: TERMS.rounds, amount: OFFERED },
  ])
  const founders = chain.accounts[9] as Address
  const lock = await chain.deploy({ abi: foundersLockAbi, bytecode: foundersLockBytecode }, [
    founders,
    TEST_CHAIN_PARAMETERS.founders,
  ])
  const startsAt = await distribution.read.startsAt()
  return { cybr, distribution, lock, founders, startsAt }
})

/** To the first second of a round. */
async function enterRound(round: bigint): Promise<void> {
  const { chain, startsAt } = world()
  await chain.advance(startsAt + round * TERMS.roundSeconds - (await chain.now()))
}

it('[CH1] a round with many payers: each has what it paid for, to the last unit', async () => {
  const { cybr, distribution, chain } = world()
  await enterRound(0n)
  const payers = chain.accounts.slice(1, 8)
  const paid = payers.map((_, index) => BigInt(index + 1) ** 3n * 7n + 1n)
  for (const [index, account] of payers.entries()) {
    // some pay twice in a round
    await chain.mined(distribution.write.pay({ account, value: (paid[index] as bigint) - 1n }))
    await chain.mined(distribution.write.pay({ account, value: 1n }))
  }
  const total = paid.reduce((sum, value) => sum + value, 0n)
  expect(await distribution.read.paidIn([0n])).toBe(total)
  await enterRound(1n)
  for (const account of payers.toReversed()) await chain.mined(distribution.write.claim([0n], { account }))
  const got = await Promise.all(payers.map((account) => cybr.read.balanceOf([account])))
  expect(got.reduce((sum, value) => sum + value, 0n)).toBe(PER_ROUND)
  for (const [index, amount] of got.entries()) {
    const exact = (PER_ROUND * (paid[index] as bigint)) / total
    expect(amount - exact).toBeGreaterThanOrEqual(-1n)
    expect(amount - exact).toBeLessThanOrEqual(BigInt(payers.length))
  }
})

it('[CH1] an empty round sells nothing, and the final burn takes it and nothing that was paid for', async () => {
  const { cybr, distribution, chain } = world()
  const [, alice, bob] = chain.accounts as [Address, Address, Address]
  await enterRound(0n)
  await chain.mined(distribution.write.pay({ account: alice, value: 3n }))
  await enterRound(2n) // round 1 stays empty
  await chain.mined(distribution.write.pay({ account: bob, value: 1n }))
  await expectRevert(distribution.simulate.burnRest(), 'NotOver')
  await enterRound(4n)
  await chain.mined(distribution.write.burnRest({ account: alice }))
  expect(await cybr.read.totalSupply()).toBe(OFFERED + FOUNDERS_SHARE - 2n * PER_ROUND)
  await expectRevert(distribution.simulate.burnRest(), 'AlreadyBurnt')
  // long after it, both still have theirs
  await chain.advance(1_000_000)
  await chain.mined(distribution.write.claim([0n], { account: alice }))
  await chain.mined(distribution.write.claim([2n], { account: bob }))
  expect(await cybr.read.balanceOf([alice])).toBe(PER_ROUND)
  expect(await cybr.read.balanceOf([bob])).toBe(PER_ROUND)
  expect(await cybr.read.balanceOf([distribution.address])).toBe(0n)
  await expectRevert(distribution.simulate.claim([1n], { account: alice }), 'NothingToClaim', [1n, alice])
})

it('takes payments only while it runs, and gives each share once, after its round', async () => {
  const { distribution, chain, startsAt } = world()
  const account = chain.accounts[1] as Address
  await expectRevert(distribution.simulate.pay({ account, value: 1n }), 'NotRunning')
  await enterRound(0n)
  expect(await distribution.read.currentRound()).toBe(0n)
  await expectRevert(distribution.simulate.pay({ account }), 'NothingPaid')
  await chain.mined(distribution.write.pay({ account, value: 5n }))
  expect(await distribution.read.paidBy([0n, account])).toBe(5n)
  await expectRevert(distribution.simulate.claim([0n], { account }), 'RoundNotOver')
  await enterRound(1n)
  await chain.mined(distribution.write.claim([0n], { account }))
  await expectRevert(distribution.simulate.claim([0n], { account }), 'NothingToClaim', [0n, account])
  await chain.advance(4n * TERMS.roundSeconds)
  await expectRevert(distribution.simulate.pay({ account, value: 1n }), 'NotRunning')
  expect(await distribution.read.endsAt()).toBe(startsAt + 4n * TERMS.roundSeconds)
})

it('sends what was paid to the treasury and to nobody else, whoever asks', async () => {
  const { distribution, chain } = world()
  await enterRound(0n)
  await chain.mined(distribution.write.pay({ account: chain.accounts[1] as Address, value: 77n }))
  await chain.mined(distribution.write.collect({ account: chain.accounts[2] as Address }))
  expect(await chain.client.getBalance({ address: TREASURY })).toBe(77n)
  expect(await chain.client.getBalance({ address: distribution.address })).toBe(0n)
})

it('[CH1] locks the founders’ share: nothing before the cliff, then what time has passed, and only to them', async () => {
  const { cybr, lock, founders, chain } = world()
  const release = () => lock.write.release([cybr.address], { account: chain.accounts[3] as Address })
  const { cliffSeconds, durationSeconds } = TEST_CHAIN_PARAMETERS.founders
  const start = await lock.read.start()
  // they cannot lock it for ever by a mistake
  await expectRevert(lock.read.renounceOwnership({ account: founders }), 'OwnershipKept')
  await chain.advance(start + cliffSeconds - 10n - (await chain.now()))
  await chain.mined(release())
  expect(await cybr.read.balanceOf([founders])).toBe(0n)
  await chain.advance(start + durationSeconds / 2n - (await chain.now()))
  expect(await lock.read.releasable([cybr.address])).toBeGreaterThanOrEqual(FOUNDERS_SHARE / 2n)
  await chain.mined(release())
  const half = await cybr.read.balanceOf([founders])
  expect(half).toBeGreaterThanOrEqual(FOUNDERS_SHARE / 2n)
  expect(half).toBeLessThan((FOUNDERS_SHARE * 6n) / 10n)
  await chain.advance(durationSeconds)
  await chain.mined(release())
  expect(await cybr.read.balanceOf([founders])).toBe(FOUNDERS_SHARE)
})
