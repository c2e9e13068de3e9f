import { type Address, parseEther } from 'viem'
import { expect, it } from 'vitest'
import { createChainReader } from '#chain/chain-reader.ts'
import type { Hex } from '#chain/hex.ts'
import { createEndpoints } from '#chain/rpc/endpoint-pool.ts'
import { readStakeBook, stakesAt } from '#chain/stake/stake-book.ts'
import { cybrBytecode } from '#contracts/bytecode/cybr.ts'
import { stakeBytecode } from '#contracts/bytecode/stake.ts'
import { cybrAbi } from '#contracts/cybr.ts'
import { stakeAbi } from '#contracts/stake.ts'
import { fromHex } from '#core/bytes.ts'
import { createTsKeccak } from '#core/keccak.ts'
import { useTestChain } from '../../../contracts-abi/harness/anvil.ts'

const DELAY = 60
const PURSE = parseEther('1000')

const world = useTestChain(async (chain) => {
  const [alice, bob] = chain.accounts as [Address, Address]
  const shares = [alice, bob].map((to) => ({ to, amount: PURSE }))
  const cybr = await chain.deploy({ abi: cybrAbi, bytecode: cybrBytecode }, [shares])
  const stake = await chain.deploy({ abi: stakeAbi, bytecode: stakeBytecode }, [cybr.address, DELAY])
  for (const account of [alice, bob]) {
    await chain.mined(cybr.write.approve([stake.address, PURSE], { account }))
    await chain.mined(stake.write.stake([PURSE], { account }))
  }
  return { stake, alice, bob }
})

it('[KG7] the stakes of a real contract are proved whole, also when some were taken back', {
  timeout: 60_000,
}, async () => {
  const { chain, stake, alice, bob } = world()
  const endpoints = createEndpoints([chain.url])
  const contract = stake.address.toLowerCase() as Hex
  const read = async () => {
    const reader = createChainReader({ endpoints, now: Date.now })
    const header = await reader.head()
    const { storageHash } = (await reader.account(header, contract)).account
    const { hash: blockHash, number: block } = header
    const question = { stake: contract, blockHash, block, storageHash, keccak: createTsKeccak() }
    const { stakeOf } = stakesAt(await readStakeBook(endpoints[0]!, question), header.timestamp)
    return [alice, bob].map((account) => stakeOf(fromHex(account.slice(2).toLowerCase())))
  }
  expect(await read()).toEqual([1_000_000_000n, 1_000_000_000n])
  await chain.mined(stake.write.unstake([PURSE / 4n], { account: alice }))
  expect(await read()).toEqual([750_000_000n, 1_000_000_000n])
  await chain.advance(DELAY + 1)
  await chain.mined(stake.write.withdraw({ account: alice }))
  expect(await read()).toEqual([750_000_000n, 1_000_000_000n])
})
