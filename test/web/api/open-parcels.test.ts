import { expect, it } from 'vitest'
import { readParcelFacts } from '#api/open-parcels.ts'
import type { Hex } from '#chain/hex.ts'
import { LAND_BUILDERS, mappingSlot, SALE_AUCTIONS } from '#chain/storage-slots.ts'
import { openWriteChain } from '#chain/wallet/open-write-chain.ts'
import { birthCell, shareOf } from '#core/land-rule.ts'
import { createFakeChain, fetchNodes } from '../../fakes/fake-chain.ts'
import { addressOf, GRID, landAccount, makeLand } from '../../fakes/land.ts'
import { hastyTimers } from '../../fakes/timers.ts'

const SALE: Hex = '0x00000000000000000000000000000000000000a5'
const LAND: Hex = '0x00000000000000000000000000000000000000a6'
const CYBR = 10n ** 18n
const [ALICE, BOB, CAROL] = [0xa11cen, 0xb0bn, 0xca701n]

function setUp() {
  const chain = createFakeChain()
  const sold = Array.from({ length: 20_000 }, (_, i) => i + 1).filter((id) => shareOf(id) === 'auction')
  const [owned, bidOn, fresh] = sold as [number, number, number]
  const first = mappingSlot(BigInt(bidOn), SALE_AUCTIONS)
  const auction = new Map([
    [first, (1_760_000_000n << 160n) | BOB],
    [first + 1n, 101n * CYBR + 1n],
  ])
  const named = mappingSlot(BOB, mappingSlot(BigInt(owned), mappingSlot(ALICE, LAND_BUILDERS)))
  const account = (storage: ReadonlyMap<bigint, bigint>) => ({ balanceWei: 0n, nonce: 1n, storage })
  chain.mine([
    [GRID, landAccount(makeLand(new Map([[owned, { owner: ALICE }]])))],
    [SALE, account(auction)],
    [LAND, account(new Map([[named, 1n]]))],
  ])
  const node = {
    chain,
    // a contract's word is asked for nowhere: one endpoint could make it up
    forge: (method: string, result: unknown) => (method === 'eth_call' ? '0x' : result),
  }
  const contracts = { landGrid: GRID, landSale: SALE, land: LAND }
  const opened = openWriteChain(
    { chainId: 31_337, rpc: ['http://node/'], contracts },
    { timers: hastyTimers, fetch: fetchNodes({ node }) },
  )
  const read = (id: number, own?: bigint) =>
    readParcelFacts(birthCell(id), { ...opened, own: () => (own === undefined ? own : addressOf(own)) })
  return { owned, bidOn, fresh, read }
}

it('tells the least bid on a parcel from its proved auction, whatever an endpoint says of it', async () => {
  const { bidOn, fresh, read } = setUp()
  expect(await read(fresh)).toMatchObject({ state: 'unminted', leastBidWei: 100n * CYBR })
  expect(await read(bidOn)).toMatchObject({
    auction: { bidWei: 101n * CYBR + 1n },
    // 5 % above, rounded up
    leastBidWei: 106_050_000_000_000_000_002n,
  })
})

it('tells by proof whether its owner named this wallet to build', async () => {
  const { owned, read } = setUp()
  const rights = await Promise.all([ALICE, BOB, CAROL].map((own) => read(owned, own)))
  expect(rights.map((facts) => facts?.mayBuild)).toEqual([true, true, false])
  expect(await read(owned)).toMatchObject({ state: 'active', mayBuild: false })
})
