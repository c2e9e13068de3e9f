import type { Address } from 'viem'
import { expect, it } from 'vitest'
import { cybrBytecode } from '#contracts/bytecode/cybr.ts'
import { cybrAbi } from '#contracts/cybr.ts'
import { expectRevert, useTestChain } from './harness/anvil.ts'
import { signPermit } from './harness/permit.ts'

const SUPPLY_WEI = 10n ** 27n

const world = useTestChain(async (chain) => {
  const [alice, bob] = chain.accounts as [Address, Address]
  const shares = [
    { to: alice, amount: (SUPPLY_WEI * 6n) / 10n },
    { to: bob, amount: (SUPPLY_WEI * 4n) / 10n },
  ]
  return { cybr: await chain.deploy({ abi: cybrAbi, bytecode: cybrBytecode }, [shares]), alice, bob }
})

it('[CH1] mints the whole supply once, to the shares of genesis', async () => {
  const { cybr, alice, bob } = world()
  expect(await cybr.read.totalSupply()).toBe(SUPPLY_WEI)
  expect(await cybr.read.balanceOf([alice])).toBe((SUPPLY_WEI * 6n) / 10n)
  expect(await cybr.read.balanceOf([bob])).toBe((SUPPLY_WEI * 4n) / 10n)
  const names = cybrAbi.flatMap((entry) => (entry.type === 'function' ? [entry.name] : []))
  expect(names.filter((name) => /mint|pause|owner|admin|upgrade/i.test(name))).toEqual([])
})

it('burns the caller’s own tokens and no others', async () => {
  const { cybr, chain, alice, bob } = world()
  await chain.mined(cybr.write.burn([5n], { account: alice }))
  expect(await cybr.read.totalSupply()).toBe(SUPPLY_WEI - 5n)
  expect(await cybr.read.balanceOf([bob])).toBe((SUPPLY_WEI * 4n) / 10n)
  const tooMuch = (SUPPLY_WEI * 4n) / 10n + 1n
  await expectRevert(cybr.simulate.burn([tooMuch], { account: bob }), 'ERC20InsufficientBalance', [
    bob,
    tooMuch - 1n,
    tooMuch,
  ])
})

it('[CH1] takes a permit of its holder, once', async () => {
  const { cybr, chain, alice, bob } = world()
  const terms = { token: cybr.address, owner: alice, spender: bob, value: 7n, nonce: 0n }
  const { deadline, v, r, s } = await signPermit(chain, terms)
  const permit = [alice, bob, 7n, deadline, v, r, s] as const
  await chain.mined(cybr.write.permit(permit, { account: bob }))
  expect(await cybr.read.allowance([alice, bob])).toBe(7n)
  expect(await cybr.read.nonces([alice])).toBe(1n)
  await expectRevert(cybr.simulate.permit(permit, { account: bob }), 'ERC2612InvalidSigner')
  await chain.mined(cybr.write.transferFrom([alice, bob, 7n], { account: bob }))
  await expectRevert(
    cybr.simulate.transferFrom([alice, bob, 1n], { account: bob }),
    'ERC20InsufficientAllowance',
  )
})

it('[CH8] counts votes by time, from the moment of the delegation', async () => {
  const { cybr, chain, alice, bob } = world()
  expect(await cybr.read.CLOCK_MODE()).toBe('mode=timestamp')
  expect(await cybr.read.getVotes([alice])).toBe(0n)
  await chain.mined(cybr.write.delegate([alice], { account: alice }))
  const before = await chain.now()
  await chain.advance(10)
  await chain.mined(cybr.write.transfer([bob, 1_000n], { account: alice }))
  const held = (SUPPLY_WEI * 6n) / 10n
  expect(await cybr.read.getVotes([alice])).toBe(held - 1_000n)
  expect(await cybr.read.getPastVotes([alice, before])).toBe(held)
  expect(BigInt(await cybr.read.clock())).toBeGreaterThanOrEqual(before)
})
