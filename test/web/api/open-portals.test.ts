import { describe, expect, it } from 'vitest'
import { readPortalFacts, readPortalsNear } from '#api/open-portals.ts'
import type { Hex } from '#chain/hex.ts'
import {
  ACCESS_OFFERS,
  ACCESS_PAID,
  mappingSlot,
  PLANET_AGREED,
  PLANET_EXISTS,
  PLANET_WANTED,
} from '#chain/storage-slots.ts'
import { openWriteChain } from '#chain/wallet/open-write-chain.ts'
import { birthCell } from '#core/land-rule.ts'
import { createFakeChain, fetchNodes } from '#test/fakes/fake-chain.ts'
import { addressOf, GRID, landAccount, makeLand } from '#test/fakes/land.ts'
import { hastyTimers } from '../../fakes/timers.ts'

const PLANET: Hex = '0x00000000000000000000000000000000000000b1'
const ACCESS: Hex = '0x00000000000000000000000000000000000000b2'
const CYBR = 10n ** 18n
const [ALICE, BOB, CAROL] = [0xa11cen, 0xb0bn, 0xca701n]
/** Alice's has a planet, Bob's leads there, Carol's wants to, and one of Bob's has nothing. */
const [HOME, PORTAL, ASKING, EMPTY] = [11, 12, 13, 14] as const

const wanted = (owner: bigint, parcel: number) =>
  mappingSlot(BigInt(parcel), mappingSlot(addressOf(owner), PLANET_WANTED))
const agreed = (owner: bigint, planet: number, parcel: number) =>
  mappingSlot(BigInt(parcel), mappingSlot(BigInt(planet), mappingSlot(addressOf(owner), PLANET_AGREED)))
const offer = (token: Hex, id: number, mapping: bigint) =>
  mappingSlot(BigInt(id), mappingSlot(token, mapping))

interface Terms {
  readonly priceWei?: bigint
  readonly seconds?: bigint
  /** Bob's payment, unix seconds */
  readonly bobPaid?: bigint
  /** who agreed to Bob's portal @default Alice, who owns the planet */
  readonly agreeing?: bigint
}

function setUp({ priceWei = 5n * CYBR, seconds = 86_400n, bobPaid = 0n, agreeing = ALICE }: Terms = {}) {
  const chain = createFakeChain()
  const account = (storage: readonly (readonly [bigint, bigint])[]) => ({
    balanceWei: 0n,
    nonce: 1n,
    storage: new Map(storage.filter(([, value]) => value !== 0n)),
  })
  const owners = [
    [HOME, { owner: ALICE }],
    [PORTAL, { owner: BOB }],
    [ASKING, { owner: CAROL }],
    [EMPTY, { owner: BOB }],
  ] as const
  chain.mine([
    [GRID, landAccount(makeLand(new Map(owners)))],
    [
      PLANET,
      account([
        [mappingSlot(BigInt(HOME), PLANET_EXISTS), 1n],
        [wanted(BOB, PORTAL), BigInt(HOME)],
        [wanted(CAROL, ASKING), BigInt(HOME)],
        [agreed(agreeing, HOME, PORTAL), 1n],
      ]),
    ],
    [
      ACCESS,
      account([
        [offer(PLANET, HOME, ACCESS_OFFERS), priceWei | (seconds << 128n)],
        [mappingSlot(addressOf(BOB), offer(PLANET, HOME, ACCESS_PAID)), bobPaid],
      ]),
    ],
  ])
  // what one endpoint says by itself is asked for nowhere
  const node = { chain, forge: (method: string, result: unknown) => (method === 'eth_call' ? '0x' : result) }
  const contracts = { landGrid: GRID, planet: PLANET, access: ACCESS }
  const opened = openWriteChain(
    { chainId: 31_337, rpc: ['http://node/'], contracts },
    { timers: hastyTimers, fetch: fetchNodes({ node }) },
  )
  const own = (who?: bigint) => () => (who === undefined ? undefined : addressOf(who))
  return {
    read: (id: number, who?: bigint) => readPortalFacts(birthCell(id), { ...opened, own: own(who) }),
    near: (id: number) => {
      const cells = new Map(
        owners.map(([each, { owner }]) => [
          JSON.stringify(birthCell(each)),
          { id: each, owner: addressOf(owner), cell: birthCell(each) },
        ]),
      )
      const proven = (x: number, y: number) => cells.get(JSON.stringify({ x, y })) as never
      return readPortalsNear(birthCell(id), proven, { ...opened, own: own() })
    },
  }
}

describe('[CH5] where a plot leads, by proof', () => {
  it('is its own planet, or the one that both owners agreed on', async () => {
    const { read } = setUp()
    expect(await read(HOME)).toMatchObject({ hasPlanet: true, leadsTo: { id: HOME }, mine: false })
    expect(await read(PORTAL, ALICE)).toMatchObject({
      hasPlanet: false,
      wanted: { planet: HOME, agreed: true, mine: true },
      leadsTo: { id: HOME, mine: true, offer: { entry: 'owner' } },
    })
    const asking = await read(ASKING, CAROL)
    expect(asking).toMatchObject({ mine: true, wanted: { planet: HOME, agreed: false, mine: false } })
    expect(asking).not.toHaveProperty('leadsTo')
    const empty = await read(EMPTY)
    expect(empty).not.toHaveProperty('leadsTo')
    expect(empty).not.toHaveProperty('wanted')
    // nobody owns it, so that nobody made it lead anywhere
    expect(await read(15)).toBeUndefined()
  })

  it('is not what a former owner of the planet agreed to', async () => {
    const { read } = setUp({ agreeing: CAROL })
    expect(await read(PORTAL)).not.toHaveProperty('leadsTo')
  })

  it('is told of all plots around at once, for the world to draw', async () => {
    const { near } = setUp()
    const found = await near(HOME)
    expect(found).toContainEqual({ cell: birthCell(HOME), parcel: HOME, planet: HOME })
    expect(found).toContainEqual({ cell: birthCell(PORTAL), parcel: PORTAL, planet: HOME })
    expect(found).toHaveLength(2)
    expect(await near(40_000)).toEqual([])
  })
})

describe('[CH7] what entering takes', () => {
  const entryOf = async (terms: Terms, who?: bigint) => (await setUp(terms).read(HOME, who))?.leadsTo?.offer

  it('is the price, for so long, until it is paid', async () => {
    expect(await entryOf({}, CAROL)).toEqual({ priceWei: 5n * CYBR, durationMs: 86_400_000, entry: 'unpaid' })
    expect(await entryOf({}, undefined)).toMatchObject({ entry: 'unpaid' })
  })

  it('is nothing for who has paid, until the time is over', async () => {
    expect(await entryOf({ bobPaid: 1_900_000_000n }, BOB)).toMatchObject({
      entry: 'paid',
      paidUntil: 1_900_000_000_000,
    })
    expect(await entryOf({ bobPaid: 1_700_000_000n }, BOB)).toMatchObject({ entry: 'unpaid' })
    const forEver = (1n << 256n) - 1n
    expect(await entryOf({ seconds: 0n, bobPaid: forEver }, BOB)).toEqual({
      priceWei: 5n * CYBR,
      durationMs: 0,
      entry: 'paid',
      paidUntil: Number.POSITIVE_INFINITY,
    })
  })

  it('is nothing where the price is 0, and nothing for its owner', async () => {
    expect(await entryOf({ priceWei: 0n }, CAROL)).toMatchObject({ entry: 'free' })
    expect(await entryOf({}, ALICE)).toMatchObject({ entry: 'owner' })
  })
})
