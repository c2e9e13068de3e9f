import { describe, expect, it } from 'vitest'
import { chainError } from '#chain/chain-errors.ts'
import { createChainReader } from '#chain/chain-reader.ts'
import { type Hex, hexOf, quantityOf, wordBytes } from '#chain/hex.ts'
import { readAuctions } from '#chain/land/read-auctions.ts'
import { createEndpoints } from '#chain/rpc/endpoint-pool.ts'
import { mappingSlot, SALE_AUCTIONS } from '#chain/storage-slots.ts'
import { shareOf } from '#core/land-rule.ts'
import { createFakeChain, fetchNodes } from '../../../fakes/fake-chain.ts'
import { GRID } from '../../../fakes/land.ts'
import { hastyTimers } from '../../../fakes/timers.ts'

const SALE: Hex = '0x00000000000000000000000000000000000000a5'
const sold = Array.from({ length: 20_000 }, (_, i) => i + 1).filter((id) => shareOf(id) === 'auction')
const auctioned = (nth: number): number => sold[nth]!

/** A chain of 400 blocks with two auctions, and the blocks of their bids. */
function setUp() {
  const chain = createFakeChain()
  const ids = [auctioned(0), auctioned(1)]
  const storage = new Map(
    ids.flatMap((id) => {
      const first = mappingSlot(BigInt(id), SALE_AUCTIONS)
      return [[first, (1_760_000_000n << 160n) | 7n] as const, [first + 1n, 100n] as const]
    }),
  )
  chain.mine([[SALE, { balanceWei: 0n, nonce: 1n, storage }]])
  for (let i = 0; i < 400; i++) chain.mine()
  const bids = new Map([
    [20, ids[0]!],
    [390, ids[1]!],
  ])
  const reader = createChainReader({
    endpoints: createEndpoints(['http://node/'], fetchNodes({ node: { chain } })),
    timers: hastyTimers,
    now: () => 0,
  })
  return { ids, bids, reader, contracts: { landGrid: GRID, landSale: SALE } }
}

/** A node that gives the logs of so many blocks at once. */
function logsOf(bids: ReadonlyMap<number, number>, maxBlocks: number) {
  const asked: number[] = []
  return {
    asked,
    ask: async (_: string, [filter]: readonly unknown[]) => {
      const { fromBlock, toBlock } = filter as { readonly fromBlock: Hex; readonly toBlock: Hex }
      const [from, to] = [Number(fromBlock), Number(toBlock)]
      asked.push(to - from + 1)
      if (to - from + 1 > maxBlocks) throw chainError('RPC_REFUSED', 'block range too large')
      const found = [...bids].filter(([block]) => block >= from && block <= to)
      return found.map(([block, id]) => ({
        address: SALE,
        topics: [hexOf(wordBytes(0n)), hexOf(wordBytes(BigInt(id)))],
        data: '0x',
        blockNumber: quantityOf(block),
        logIndex: '0x0',
      }))
    },
  }
}

describe('auctions', () => {
  it('are asked for in halves of an endpoint that refuses so many blocks, newest first', async () => {
    const { ids, bids, reader, contracts } = setUp()
    const { ask, asked } = logsOf(bids, 150)
    const found = await readAuctions({ contracts, reader, ask })
    expect(found.map(({ id }) => id)).toEqual(ids.toReversed())
    expect(found[0]?.auction).toMatchObject({ bidWei: 100n, end: 1_760_000_000 })
    expect(asked).toEqual([402, 201, 101, 101, 101, 99])
  })

  it('are not known of an endpoint that gives no logs at all', async () => {
    const { bids, reader, contracts } = setUp()
    const { ask, asked } = logsOf(bids, 0)
    await expect(readAuctions({ contracts, reader, ask })).rejects.toMatchObject({ code: 'RPC_REFUSED' })
    expect(asked.length).toBeLessThan(6)
  })
})
