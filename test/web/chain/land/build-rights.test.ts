import { expect, it } from 'vitest'
import { createChainReader } from '#chain/chain-reader.ts'
import type { Hex } from '#chain/hex.ts'
import { createBuildRights } from '#chain/land/build-rights.ts'
import { createEndpoints } from '#chain/rpc/endpoint-pool.ts'
import { fromHex } from '#core/bytes.ts'
import { createFakeChain, fetchNodes } from '../../../fakes/fake-chain.ts'
import { addressOf, GRID, landAccount, makeLand } from '../../../fakes/land.ts'
import { hastyTimers } from '../../../fakes/timers.ts'

const LAND: Hex = '0x00000000000000000000000000000000000000a6'
const [ALICE, BOB] = [0xa11cen, 0xb0bn]

it('what was read holds for a while, and no longer once the land is known to have changed', async () => {
  const chain = createFakeChain()
  const owned = (owner: bigint) => [GRID, landAccount(makeLand(new Map([[7, { owner }]])))] as const
  const land = [LAND, { balanceWei: 0n, nonce: 1n, storage: new Map() }] as const
  chain.mine([owned(ALICE), land])
  const endpoints = createEndpoints(['http://node/'], fetchNodes({ node: { chain } }))
  const reader = createChainReader({ endpoints, timers: hastyTimers, now: Date.now })
  const rights = createBuildRights({
    reader,
    contracts: { landGrid: GRID, land: LAND },
    now: () => 1_000_000,
  })
  const may = () => Promise.all([ALICE, BOB].map((who) => rights.check(7, fromHex(addressOf(who)))))
  expect(await may()).toEqual(['yes', 'no'])
  chain.mine([owned(BOB)])
  expect(await may()).toEqual(['yes', 'no'])
  rights.forget([6, 7])
  expect(await may()).toEqual(['no', 'yes'])
})
