import { type Address, parseEther, toHex } from 'viem'
import { expect, it } from 'vitest'
import { createChainReader } from '#chain/chain-reader.ts'
import { createEndpoints } from '#chain/rpc/endpoint-pool.ts'
import { cybrBytecode } from '#contracts/bytecode/cybr.ts'
import { stakeBytecode } from '#contracts/bytecode/stake.ts'
import { cybrAbi } from '#contracts/cybr.ts'
import { stakeAbi } from '#contracts/stake.ts'
import { TEST_CHAIN_PARAMETERS } from '#core/chain-parameters.ts'
import { hastyTimers } from '../fakes/timers.ts'
import { expectRevert, useTestChain } from './harness/anvil.ts'
import { signPermit } from './harness/permit.ts'
import { decodeStakeCheckpoint, stakeCheckpointSlot, stakeCountSlot } from './harness/stake-slots.ts'

/** A millionth of a CYBR. */
const UNIT = 10n ** 12n
const PURSE = parseEther('1000')
const DELAY = TEST_CHAIN_PARAMETERS.stake.delaySeconds

const world = useTestChain(async (chain) => {
  const [alice, bob] = chain.accounts as [Address, Address]
  const shares = [alice, bob].map((to) => ({ to, amount: PURSE }))
  const cybr = await chain.deploy({ abi: cybrAbi, bytecode: cybrBytecode }, [shares])
  const stake = await chain.deploy({ abi: stakeAbi, bytecode: stakeBytecode }, [cybr.address, DELAY])
  for (const account of [alice, bob]) {
    await chain.mined(cybr.write.approve([stake.address, PURSE], { account }))
  }
  return { cybr, stake, alice, bob }
})

it('[CH1] stakes, and gives back after the delay; what is on its way counts no more', async () => {
  const { cybr, stake, chain, alice } = world()
  await chain.mined(stake.write.stake([100n * UNIT], { account: alice }))
  await chain.mined(stake.write.stake([50n * UNIT], { account: alice }))
  expect(await stake.read.stakeOf([alice])).toBe(150n * UNIT)
  await chain.mined(stake.write.unstake([60n * UNIT], { account: alice }))
  const askedAt = await chain.now()
  expect(await stake.read.stakeOf([alice])).toBe(90n * UNIT)
  expect(await stake.read.returningOf([alice])).toEqual([60n * UNIT, askedAt + BigInt(DELAY)])
  await expectRevert(stake.simulate.withdraw({ account: alice }), 'ReturnsLater')
  await chain.advance(DELAY + 1)
  await chain.mined(stake.write.withdraw({ account: alice }))
  expect(await cybr.read.balanceOf([alice])).toBe(PURSE - 90n * UNIT)
  expect(await cybr.read.balanceOf([stake.address])).toBe(90n * UNIT)
  await expectRevert(stake.simulate.withdraw({ account: alice }), 'NothingReturns', [alice])
})

it('a further return makes all of it wait', async () => {
  const { stake, chain, alice } = world()
  await chain.mined(stake.write.stake([100n * UNIT], { account: alice }))
  await chain.mined(stake.write.unstake([60n * UNIT], { account: alice }))
  await chain.advance(DELAY - 5)
  await chain.mined(stake.write.unstake([40n * UNIT], { account: alice }))
  await chain.advance(10)
  await expectRevert(stake.simulate.withdraw({ account: alice }), 'ReturnsLater')
  const [amount] = await stake.read.returningOf([alice])
  expect(amount).toBe(100n * UNIT)
})

it('refuses nothing, more than is staked, and what was not approved', async () => {
  const { stake, chain, alice } = world()
  await expectRevert(stake.simulate.stake([0n], { account: alice }), 'NothingStaked')
  await expectRevert(stake.simulate.unstake([0n], { account: alice }), 'NothingStaked')
  await expectRevert(stake.simulate.unstake([UNIT], { account: alice }), 'StakeTooSmall', [0n, UNIT])
  const stranger = chain.accounts[5] as Address
  // the token’s own error, which the ABI of Stake does not name
  await expect(stake.simulate.stake([UNIT], { account: stranger })).rejects.toThrow()
})

it('stakes by one signed permit, also when somebody handed it in before', async () => {
  const { cybr, stake, chain, bob } = world()
  await chain.mined(cybr.write.approve([stake.address, 0n], { account: bob }))
  const terms = { token: cybr.address, owner: bob, spender: stake.address, value: 30n * UNIT, nonce: 0n }
  const { deadline, v, r, s } = await signPermit(chain, terms)
  await chain.mined(
    cybr.write.permit([bob, stake.address, 30n * UNIT, deadline, v, r, s], {
      account: chain.accounts[4] as Address,
    }),
  )
  await chain.mined(stake.write.stakeWithPermit([30n * UNIT, deadline, v, r, s], { account: bob }))
  expect(await stake.read.stakeOf([bob])).toBe(30n * UNIT)
})

it('[CH1] the stake at a time is proved by the slots that the contract documents', async () => {
  const { stake, chain, alice } = world()
  await chain.mined(stake.write.stake([100n * UNIT], { account: alice }))
  const first = await chain.now()
  await chain.advance(50)
  await chain.mined(stake.write.stake([11n * UNIT], { account: alice }))
  const second = await chain.now()
  await chain.advance(50)
  await chain.mined(stake.write.unstake([111n * UNIT], { account: alice }))
  expect(await stake.read.stakeAt([alice, Number(first) - 1])).toBe(0n)
  expect(await stake.read.stakeAt([alice, Number(first)])).toBe(100n * UNIT)
  expect(await stake.read.stakeAt([alice, Number(second) + 10])).toBe(111n * UNIT)

  const reader = createChainReader({
    endpoints: createEndpoints([chain.url]),
    timers: hastyTimers,
    now: Date.now,
  })
  const header = await reader.head()
  const contract = stake.address.toLowerCase() as Address
  const slots = [stakeCountSlot(alice), ...[0n, 1n, 2n].map((index) => stakeCheckpointSlot(alice, index))]
  const [count, ...entries] = (await reader.account(header, contract, { slots })).slots
  expect(count).toBe(3n)
  expect(entries.map((word) => decodeStakeCheckpoint(word))).toEqual([
    { fromSeconds: first, stakeWei: 100n * UNIT },
    { fromSeconds: second, stakeWei: 111n * UNIT },
    { fromSeconds: expect.any(BigInt), stakeWei: 0n },
  ])
  expect(await stake.read.checkpointCount([alice])).toBe(3n)
  expect(await stake.read.checkpointAt([alice, 1])).toEqual([second, 111n * UNIT])
})

it('[KG7] counts in millionths of a CYBR, and takes nothing between', async () => {
  const { stake, chain, alice } = world()
  expect(await stake.read.UNIT()).toBe(UNIT)
  for (const amount of [1n, UNIT - 1n, UNIT + 1n])
    await expectRevert(stake.simulate.stake([amount], { account: alice }), 'NotWhole', [amount, UNIT])
  await chain.mined(stake.write.stake([UNIT], { account: alice }))
  await expectRevert(stake.simulate.unstake([UNIT - 1n], { account: alice }), 'NotWhole', [UNIT - 1n, UNIT])
})

it('[KG7] no account changes its stake more often than readers fetch, and each can leave', async () => {
  const { stake, chain, alice } = world()
  await chain.mined(stake.write.stake([2n * UNIT], { account: alice }))
  const most = await stake.read.MAX_CHECKPOINTS()
  expect(most).toBeLessThan(65_536n)
  const put = (index: bigint, value: bigint) =>
    chain.client.setStorageAt({
      address: stake.address,
      index: toHex(index, { size: 32 }),
      value: toHex(value, { size: 32 }),
    })
  // as if it had changed its stake ever so often
  await put(stakeCountSlot(alice), most - 1n)
  await put(stakeCheckpointSlot(alice, most - 2n), ((2n * UNIT) << 48n) | (await chain.now()))
  await chain.advance(1)
  await chain.mined(stake.write.stake([UNIT], { account: alice }))
  expect(await stake.read.checkpointCount([alice])).toBe(most)
  await chain.advance(1)
  for (const call of [stake.simulate.stake, stake.simulate.unstake])
    await expectRevert(call([UNIT], { account: alice }), 'TooManyChanges', [alice, most])
  await chain.mined(stake.write.unstake([3n * UNIT], { account: alice }))
  expect(await stake.read.checkpointCount([alice])).toBe(most + 1n)
  await expectRevert(stake.simulate.stake([UNIT], { account: alice }), 'TooManyChanges', [alice, most + 1n])
  await chain.advance(DELAY + 1)
  await chain.mined(stake.write.withdraw({ account: alice }))
})
