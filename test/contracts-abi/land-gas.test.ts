import { readFileSync } from 'node:fs'
import { type Address, maxUint256, type TransactionReceipt } from 'viem'
import { expect, it } from 'vitest'
import { birthCell } from '#core/land-rule.ts'
import { useTestChain } from './harness/anvil.ts'
import { deploySale, idOf, SALE_TERMS } from './harness/land-chain.ts'

const LOT = idOf('auction')
const STREET = idOf('public')

const world = useTestChain(async (chain) => {
  const deployed = await deploySale(chain, `0x${'00'.repeat(32)}`)
  const { cybr, sale } = deployed
  for (const account of chain.accounts.slice(0, 2)) {
    await chain.mined(cybr.write.approve([sale.address, maxUint256], { account }))
  }
  return deployed
})

/** Bounds of `README.md`, by the words before them. */
function boundOf(row: string): bigint {
  const readme = readFileSync(new URL('../../contracts-abi/README.md', import.meta.url), 'utf8')
  const cells = readme
    .split('\n')
    .find((line) => line.startsWith(`| ${row} |`))
    ?.split('|')
  const bound = cells?.at(-2)?.trim().replaceAll(',', '')
  if (bound === undefined || !/^\d+$/.test(bound)) throw new Error(`The gas table has no row “${row}”.`)
  return BigInt(bound)
}

function expectWithin(row: string, { gasUsed }: TransactionReceipt): void {
  console.log(`gas ${row}: ${gasUsed}`)
  expect(gasUsed, row).toBeLessThanOrEqual(boundOf(row))
}

it('[CH18] keeps its bounds of gas: batch of 100, move, proof of life, sale', {
  timeout: 120_000,
}, async () => {
  const { land, sale, chain, people } = world()
  const { alice, bob, foundation } = people
  const by = { account: alice }
  const move = (id: bigint, x: number, y: number) =>
    chain.mined(land.write.move([id, BigInt(x), BigInt(y)], by))
  // the costliest of all public runs, as the first: three rows, and the foundation has nothing yet
  expectWithin(
    'mint 100 public parcels, the costliest hundred first',
    await chain.mined(land.write.mintPublic([STREET, 100n], by)),
  )
  const bid = (account: Address, amount: bigint) => chain.mined(sale.write.bid([LOT, amount], { account }))
  expectWithin('first bid', await bid(alice, SALE_TERMS.reserve))
  await bid(bob, SALE_TERMS.reserve * 2n)
  expectWithin('bid that outdoes another', await bid(alice, SALE_TERMS.reserve * 3n))
  await chain.advance(SALE_TERMS.duration + 1)
  expectWithin('settle an auction', await chain.mined(sale.write.settle([LOT], by)))
  expectWithin('prove life', await chain.mined(land.write.proveLife(by)))
  // the first row of the city, west and east of its twenty parcels: both ends lie in entries that others use
  const { x, y } = birthCell(Number(STREET))
  const [west, east] = [x - 1, x + 20]
  expectWithin('move from alone to neighbours', await move(LOT, west, y))
  expectWithin('move', await move(LOT, east, y))
  expectWithin('move to where nobody is near', await move(LOT, x, y - 1))
  expectWithin('hand on', await chain.mined(land.write.transferFrom([alice, bob, LOT], by)))
  const own = { account: foundation }
  expectWithin(
    'hand on public land',
    await chain.mined(land.write.transferFrom([foundation, bob, STREET], own)),
  )
})
