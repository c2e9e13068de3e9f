import { type Address, getContractAddress, type Hex, keccak256, parseEther, toBytes } from 'viem'
import { cybrBytecode } from '#contracts/bytecode/cybr.ts'
import { landBytecode } from '#contracts/bytecode/land.ts'
import { landSaleBytecode } from '#contracts/bytecode/land-sale.ts'
import { cybrAbi } from '#contracts/cybr.ts'
import { landAbi } from '#contracts/land.ts'
import { landGridAbi } from '#contracts/land-grid.ts'
import { landSaleAbi } from '#contracts/land-sale.ts'
import { PARCEL_COUNT } from '#core/land.ts'
import { type LandShare, shareOf } from '#core/land-rule.ts'
import type { TestChain, TestContract } from './anvil.ts'

/** Seconds, except where it is said: long enough for a slow machine, short enough to skip. */
export const LAND_TERMS = {
  lifePeriod: 10_000,
  missedPeriods: 3,
  bounty: parseEther('10'),
  growthDelay: 1_000_000,
} as const
export const LIFE_SPAN = BigInt(LAND_TERMS.lifePeriod * LAND_TERMS.missedPeriods)
export const SALE_TERMS = {
  reserve: parseEther('100'),
  duration: 50_000,
  extension: 6_000,
  /** 1/10,000 */
  minRaise: 500,
} as const

/** What an account has of CYBR at first. */
export const PURSE = parseEther('1000000')

export interface LandPeople {
  readonly foundation: Address
  readonly conduct: Address
  /** mints community parcels: an account here, unless the sale itself is deployed */
  readonly minter: Address
  readonly alice: Address
  readonly bob: Address
  readonly carol: Address
  readonly dora: Address
  readonly emil: Address
}

export interface LandWorld {
  readonly people: LandPeople
  readonly cybr: TestContract<typeof cybrAbi>
  readonly land: TestContract<typeof landAbi>
  readonly grid: TestContract<typeof landGridAbi>
}

export interface SaleWorld extends LandWorld {
  readonly sale: TestContract<typeof landSaleAbi>
}

function peopleOf({ accounts }: TestChain): LandPeople {
  const [alice, bob, carol, dora, emil, , , minter, conduct, foundation] = accounts as readonly Address[]
  return { alice, bob, carol, dora, emil, minter, conduct, foundation } as LandPeople
}

async function deployCybr(chain: TestChain) {
  const shares = chain.accounts.map((to) => ({ to, amount: PURSE }))
  return chain.deploy({ abi: cybrAbi, bytecode: cybrBytecode }, [shares])
}

async function deployLandAt(
  chain: TestChain,
  people: LandPeople,
  { cybr, sale }: { cybr: TestContract<typeof cybrAbi>; sale: Address },
): Promise<LandWorld> {
  const { foundation, conduct } = people
  const land = await chain.deploy({ abi: landAbi, bytecode: landBytecode }, [
    { foundation, sale, conduct, cybr: cybr.address, ...LAND_TERMS },
  ])
  return { people, cybr, land, grid: chain.at(landGridAbi, await land.read.grid()) }
}

/** `Land` with accounts for what are contracts elsewhere: the sale, conduct and the foundation. */
export async function deployLand(chain: TestChain): Promise<LandWorld> {
  const people = peopleOf(chain)
  return deployLandAt(chain, people, { cybr: await deployCybr(chain), sale: people.minter })
}

/** `Land` with its `LandSale`. */
export async function deploySale(chain: TestChain, giveaway: Hex): Promise<SaleWorld> {
  const people = peopleOf(chain)
  const from = people.alice
  const cybr = await deployCybr(chain)
  const nonce = await chain.client.getTransactionCount({ address: from })
  // each is built with the other's address: the one that comes next is known beforehand
  const next = getContractAddress({ from, nonce: BigInt(nonce) + 1n })
  const world = await deployLandAt(chain, people, { cybr, sale: next })
  const { foundation: treasury } = people
  const sale = await chain.deploy({ abi: landSaleAbi, bytecode: landSaleBytecode }, [
    { cybr: cybr.address, land: world.land.address, treasury, ...SALE_TERMS, giveaway },
  ])
  if (sale.address.toLowerCase() !== next.toLowerCase())
    throw new Error('The sale is not where it should be.')
  return { ...world, sale }
}

/** The nth id of a share. */
export function idOf(share: LandShare, nth = 0): bigint {
  let left = nth
  for (let id = 1; id <= PARCEL_COUNT; id++) {
    if (shareOf(id) === share && left-- === 0) return BigInt(id)
  }
  throw new Error(`There is no ${share} parcel ${nth}.`)
}

/** Numbers of `shareOf` on chain. */
export const SHARE_NUMBER = { public: 0, giveaway: 1, auction: 2 } as const satisfies Record<
  LandShare,
  number
>
export const STATE = { unminted: 0, active: 1, inactive: 2 } as const

/** Hash of a role or a name, for whatever needs 32 bytes. */
export function hashOf(text: string): Hex {
  return keccak256(toBytes(text))
}
