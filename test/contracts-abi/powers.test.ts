import { readFileSync } from 'node:fs'
import {
  type Abi,
  type AbiFunction,
  type AbiParameter,
  type Address,
  encodeFunctionData,
  type Hex,
  keccak256,
  parseEther,
  toHex,
  zeroHash,
} from 'viem'
import { expect, it } from 'vitest'
import { accessAbi } from '#contracts/access.ts'
import { conductAbi } from '#contracts/conduct.ts'
import { cybrAbi } from '#contracts/cybr.ts'
import type { ContractName } from '#contracts/deploy/plan.ts'
import { distributionAbi } from '#contracts/distribution.ts'
import { districtsAbi } from '#contracts/districts.ts'
import { foundersLockAbi } from '#contracts/founders-lock.ts'
import { landAbi } from '#contracts/land.ts'
import { landGridAbi } from '#contracts/land-grid.ts'
import { landSaleAbi } from '#contracts/land-sale.ts'
import { modelAbi } from '#contracts/model.ts'
import { namesAbi } from '#contracts/names.ts'
import { planetAbi } from '#contracts/planet.ts'
import { relaysAbi } from '#contracts/relays.ts'
import { serviceChannelAbi } from '#contracts/service-channel.ts'
import { stakeAbi } from '#contracts/stake.ts'
import { tablandGovernorAbi } from '#contracts/tabland-governor.ts'
import { timelockAbi } from '#contracts/timelock.ts'
import { useTestChain } from './harness/anvil.ts'
import { actAs, deployEverything, giveParcel } from './harness/deployed-chain.ts'

/** Every contract, and who may call each of its functions that write. */
const ABIS: Readonly<Record<ContractName, Abi>> = {
  cybr: cybrAbi,
  timelock: timelockAbi,
  governor: tablandGovernorAbi,
  distribution: distributionAbi,
  foundersLock: foundersLockAbi,
  stake: stakeAbi,
  names: namesAbi,
  relays: relaysAbi,
  serviceChannel: serviceChannelAbi,
  conduct: conductAbi,
  districts: districtsAbi,
  land: landAbi,
  landGrid: landGridAbi,
  landSale: landSaleAbi,
  planet: planetAbi,
  model: modelAbi,
  access: accessAbi,
}

function writesOf(abi: Abi): AbiFunction[] {
  return abi.filter(
    (entry): entry is AbiFunction =>
      entry.type === 'function' && entry.stateMutability !== 'view' && entry.stateMutability !== 'pure',
  )
}

const world = useTestChain(async (chain) => {
  const everything = await deployEverything(chain)
  const { addresses, cybr } = everything
  const [deployer, victim] = chain.accounts as [Address, Address]
  const parcel = await giveParcel(chain, addresses, victim, 0)
  const amount = parseEther('1000')
  await chain.mined(cybr.write.transfer([victim, parseEther('100000')], { account: deployer }))
  const stake = chain.at(stakeAbi, addresses.stake)
  const names = chain.at(namesAbi, addresses.names)
  const relays = chain.at(relaysAbi, addresses.relays)
  const channel = chain.at(serviceChannelAbi, addresses.serviceChannel)
  const as = { account: victim }
  for (const { address } of [stake, names, relays, channel]) {
    await chain.mined(cybr.write.approve([address, parseEther('20000')], as))
  }
  await chain.mined(stake.write.stake([amount], as))
  await chain.mined(stake.write.unstake([amount / 2n], as))
  await chain.mined(names.write.commit([await names.read.commitmentOf(['victim', victim, zeroHash])], as))
  await chain.advance(20)
  await chain.mined(names.write.register(['victim', 86_400n, zeroHash, 0, zeroHash], as))
  await chain.mined(relays.write.register(['0x01', '/dns4/a', 1, 1n], as))
  await chain.mined(relays.write.retire([await relays.read.idOf([victim, '0x01'])], as))
  await chain.mined(
    channel.write.open([chain.accounts[2] as Address, chain.accounts[3] as Address, amount], as),
  )
  const distribution = chain.at(distributionAbi, addresses.distribution)
  await chain.mined(distribution.write.pay({ ...as, value: 5n }))
  await chain.advance(2_000)
  return { ...everything, victim, parcel, stake, names, relays, channel, distribution }
})

/** What belongs to the victim. */
async function belongings() {
  const { cybr, land, stake, names, relays, channel, distribution, victim, parcel, chain } = world()
  return {
    ether: await chain.client.getBalance({ address: victim }),
    cybr: await cybr.read.balanceOf([victim]),
    parcel: await land.read.ownerOf([parcel]),
    parcels: await land.read.balanceOf([victim]),
    stake: await stake.read.stakeOf([victim]),
    returning: await stake.read.returningOf([victim]),
    name: (await names.read.recordOf(['victim'])).owner,
    bond: (await relays.read.relayOf([await relays.read.idOf([victim, '0x01'])])).bond,
    channel: await channel.read.channelOf([1n]),
    paid: await distribution.read.paidBy([0n, victim]),
  }
}

it('[CH12] the README’s table names every function that writes, and no others', () => {
  const readme = readFileSync(new URL('../../contracts-abi/README.md', import.meta.url), 'utf8')
  const rows = [...readme.matchAll(/^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|$/gm)]
  const told = new Map<string, string[]>()
  for (const [, contract = '', , functions = ''] of rows) {
    const names = [...functions.matchAll(/`(\w+)`/g)].map(([, name = '']) => name)
    told.set(contract, [...(told.get(contract) ?? []), ...names])
  }
  for (const [contract, abi] of Object.entries(ABIS)) {
    const actual = [...new Set(writesOf(abi).map(({ name }) => name))].sort()
    expect([...new Set(told.get(contract) ?? [])].sort(), contract).toEqual(actual)
  }
  expect([...told.keys()].sort()).toEqual(Object.keys(ABIS).sort())
})

it('[CH12] nobody, the Timelock included, moves what belongs to another', { timeout: 300_000 }, async () => {
  const { chain, addresses, victim, timelock } = world()
  const before = await belongings()
  const stranger = chain.accounts[5] as Address
  await actAs(chain, timelock.address)
  await chain.client.setBlockGasLimit({ gasLimit: 1_000_000_000n })
  await chain.client.setAutomine(false)
  const random = sequence(20_260_706)
  let sent = 0
  for (const from of [stranger, timelock.address]) {
    for (const [contract, abi] of Object.entries(ABIS)) {
      for (const entry of writesOf(abi)) {
        for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
          const args = entry.inputs.map((input) => guess(input, random))
          const data = encodeFunctionData({ abi: [entry], functionName: entry.name, args })
          const to = addresses[contract as ContractName]
          await chain.client.sendUnsignedTransaction({ from, to, data, gas: 500_000n })
          sent++
        }
      }
      await chain.client.mine({ blocks: 1 })
    }
  }
  await chain.client.setAutomine(true)
  console.log(`${sent} calls by a stranger and by the Timelock`)
  expect(await chain.client.getTransactionCount({ address: stranger })).toBeGreaterThan(100)
  const { ether, cybr, ...held } = await belongings()
  const { ether: etherBefore, cybr: cybrBefore, ...heldBefore } = before
  expect(held).toEqual(heldBefore)
  // gifts of its own the Timelock may make, and did: the calls are not all refused
  expect(cybr).toBeGreaterThan(cybrBefore)
  expect(ether).toBeGreaterThanOrEqual(etherBefore)
  expect(before).toMatchObject({ parcel: victim, name: victim })
})

/** Calls of each function by each caller, with other arguments. */
const ATTEMPTS = 6

/** A value of a type that might hit something: the victim’s address and ids among others. */
function guess(input: AbiParameter, random: (below: number) => number): unknown {
  const { victim, parcel, chain } = world()
  const { type } = input
  const array = /^(.*)\[(\d*)\]$/.exec(type)
  if (array !== null) {
    const length = array[2] === '' ? 1 + random(2) : Number(array[2])
    return Array.from({ length }, () => guess({ ...input, type: array[1] as string }, random))
  }
  if (type === 'tuple') {
    const { components } = input as { components: readonly AbiParameter[] }
    return Object.fromEntries(components.map((each, i) => [each.name ?? i, guess(each, random)]))
  }
  const pick = <T>(values: readonly T[]) => values[random(values.length)] as T
  if (type === 'address') return pick([victim, victim, chain.accounts[5] as Address, world().cybr.address])
  if (type === 'bool') return random(2) === 1
  if (type === 'string') return pick(['victim', 'victim', 'name', ''])
  if (type === 'bytes') return pick<Hex>(['0x', '0x01', toHex('x', { size: 65 })])
  const bytes = /^bytes(\d+)$/.exec(type)
  if (bytes !== null) return pick([zeroHash, keccak256(victim)]).slice(0, 2 + 2 * Number(bytes[1])) as Hex
  const bits = Number(/\d+$/.exec(type)?.[0] ?? 256)
  const value = pick([0n, 1n, parcel, 100n, parseEther('1'), 5n]) & ((1n << BigInt(bits - 1)) - 1n)
  return bits <= 48 ? Number(value) : value
}

/** A small generator with its seed told, so that a failure can be seen again. */
function sequence(seed: number): (below: number) => number {
  let state = BigInt(seed)
  return (below) => {
    state = (state * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) & ((1n << 64n) - 1n)
    return Number((state >> 33n) % BigInt(below))
  }
}
