import { describe, expect, it } from 'vitest'
import { createChainReader } from '#chain/chain-reader.ts'
import { type Hex, hexOf } from '#chain/hex.ts'
import { createEndpoints } from '#chain/rpc/endpoint-pool.ts'
import { createChainStakeSource } from '#chain/stake/chain-stake-source.ts'
import { openStakes, stakesOfChain } from '#chain/stake/open-stakes.ts'
import { readStakeBook, type StakeBook, stakesAt } from '#chain/stake/stake-book.ts'
import { mappingSlot } from '#chain/storage-slots.ts'
import { fromHex } from '#core/bytes.ts'
import { createTsKeccak } from '#core/keccak.ts'
import { createFakeChain, type FakeNode, type Forge, fetchNodes } from '../../../fakes/fake-chain.ts'
import { CYBR, changedLog, checkpoint, STAKE, stakeAccount } from '../../../fakes/stake-contract.ts'
import { hastyTimers } from '../../../fakes/timers.ts'

const [ALICE, BOB] = [`${'0'.repeat(35)}a11ce`, `${'0'.repeat(37)}b0b`] as const

const staked = stakeAccount({
  [ALICE]: [checkpoint(1_000n, 100n * CYBR), checkpoint(2_000n, 250n * CYBR), checkpoint(3_000n, 0n)],
  [BOB]: [checkpoint(1_500n, CYBR / 2n)],
})

async function readBook(logs: readonly string[], forge?: Forge, account = staked): Promise<StakeBook> {
  const chain = createFakeChain()
  chain.mine([[STAKE, account]], logs.map(changedLog))
  const { storageHash } = chain.answer('eth_getProof', [STAKE, [], 'latest']) as { storageHash: Hex }
  const fetch = fetchNodes({ node: { chain, ...(forge === undefined ? {} : { forge }) } })
  const [endpoint] = createEndpoints(['http://node/'], fetch)
  const { hash: blockHash, number: block } = chain.head
  return readStakeBook(endpoint!, { stake: STAKE, blockHash, block, storageHash, keccak: createTsKeccak() })
}

describe('[KG7] stakes of the chain', () => {
  it('are those of any time, in millionths of a CYBR, proved by a later block', async () => {
    const book = await readBook([ALICE, BOB, ALICE])
    const at = (seconds: number) => {
      const { stakeOf, total } = stakesAt(book, seconds)
      return [stakeOf(fromHex(ALICE)), stakeOf(fromHex(BOB)), total]
    }
    expect(at(999)).toEqual([0n, 0n, 1n])
    expect(at(1_000)).toEqual([100_000_000n, 0n, 100_000_000n])
    expect(at(2_999)).toEqual([250_000_000n, 500_000n, 250_500_000n])
    expect(at(3_000)).toEqual([0n, 500_000n, 500_000n])
  })

  it('are proved where a chain keeps the zero of what was taken back', async () => {
    const [length, returning] = [0n, 1n].map((slot) => mappingSlot(`0x${BOB}`, slot)) as [bigint, bigint]
    const storage = new Map([...staked.storage, [returning, 0n]])
    expect(storage.get(length)).toBe(1n)
    const book = await readBook([ALICE, BOB], undefined, { ...staked, storage, keepsZeros: true })
    expect(book.get(BOB)).toMatchObject({ checkpoints: [expect.anything()], returning: 0n })
  })

  it('are refused when a node hides a staker, or alters a checkpoint', async () => {
    await expect(readBook([ALICE])).rejects.toMatchObject({ code: 'STAKES_FORGED' })
    const forge: Forge = (method, result) =>
      method === 'eth_call' ? (result as string).replace(/7d0$/, '7d1') : result
    await expect(readBook([ALICE, BOB], (method, result) => forge(method, result, []))).resolves.toBeDefined()
    const altering: Forge = (method, result) =>
      method === 'eth_call' ? (result as string).replace('3e8', '3e7') : result
    await expect(readBook([ALICE, BOB], altering)).rejects.toMatchObject({ code: 'STAKES_FORGED' })
  })

  it('are read in pieces where a node refuses so many blocks at once, and not for ever', async () => {
    const narrow =
      (most: number): Forge =>
      (method, result, [filter]) => {
        if (method !== 'eth_getLogs') return result
        const { fromBlock, toBlock } = filter as { fromBlock: Hex; toBlock: Hex }
        if (Number(toBlock) - Number(fromBlock) < most) return result
        throw new Error('block range is too wide')
      }
    expect((await readBook([ALICE, BOB], narrow(1))).size).toBe(2)
    await expect(readBook([ALICE, BOB], narrow(0))).rejects.toMatchObject({ code: 'RPC_REFUSED' })
  })

  it('are refused when they are more than a reader takes', async () => {
    const count = hexOf(keccakSlot(ALICE))
    const storage = new Map([...staked.storage, [BigInt(count), 65_537n]])
    await expect(readBook([ALICE, BOB], undefined, { ...staked, storage })).rejects.toMatchObject({
      code: 'STAKES_TOO_MANY',
    })
    const four = ['1', '2', '3', '4', '5'].map((digit) => digit.padStart(40, '0'))
    const full = new Map(four.map((address) => [BigInt(hexOf(keccakSlot(address))), 65_000n]))
    await expect(readBook(four, undefined, { ...staked, storage: full })).rejects.toMatchObject({
      code: 'STAKES_TOO_MANY',
    })
  })
})

describe('[KG7] a source of stakes of the chain', () => {
  const GENESIS_TIME = 1_750_000_000

  function setup(change: Partial<FakeNode> = {}) {
    const chain = createFakeChain()
    const account = (bobs: readonly bigint[]) =>
      stakeAccount({ [ALICE]: [checkpoint(BigInt(GENESIS_TIME + 1), 100n * CYBR)], [BOB]: bobs })
    chain.mine(
      [[STAKE, stakeAccount({ [ALICE]: [checkpoint(BigInt(GENESIS_TIME + 1), 100n * CYBR)] })]],
      [changedLog(ALICE)],
    )
    const node: FakeNode = { chain, ...change }
    const fetch = fetchNodes({ node })
    let now = 0
    const reader = createChainReader({
      endpoints: createEndpoints(['http://node/'], fetch),
      timers: hastyTimers,
      now: () => now,
    })
    const of = (lagSeconds: number) =>
      createChainStakeSource({ reader, stake: STAKE, lagSeconds, keccak: createTsKeccak(), now: () => now })
    return {
      ...{ chain, reader, of, node, calls: () => fetch.calls.get('node') ?? 0 },
      wait: (ms: number) => {
        now += ms
      },
      /** Bob stakes in the next block. */
      bobStakes() {
        const at = BigInt(GENESIS_TIME + chain.head.number + 1)
        chain.mine([[STAKE, account([checkpoint(at, 50n * CYBR)])]], [changedLog(BOB)])
      },
    }
  }

  it('[KG7] gives the newest, and those of before by a later block, with their first change', async () => {
    const { of, wait, bobStakes, calls } = setup()
    const source = of(0)
    const first = await source.newest()
    expect(first.chain?.mark.seconds).toBe(GENESIS_TIME + 1)
    expect(first.total).toBe(100_000_000n)
    bobStakes()
    const asked = calls()
    // within a second nothing is asked again
    expect(await source.newest()).toBe(first)
    expect(calls()).toBe(asked)
    wait(1_000)
    const second = await source.newest()
    expect([second.stakeOf(fromHex(BOB)), second.total]).toEqual([50_000_000n, 150_000_000n])
    expect(await source.at(GENESIS_TIME + 1)).toMatchObject({
      total: first.total,
      chain: { mark: first.chain?.mark, changesAt: GENESIS_TIME + 2 },
    })
    await expect(source.at(GENESIS_TIME + 3)).rejects.toMatchObject({ code: 'STAKES_UNKNOWN' })
  })

  it('[KG7] of a chain that may still give up blocks lie behind its newest', async () => {
    const { of, bobStakes } = setup()
    bobStakes()
    expect(await of(1).newest()).toMatchObject({ total: 100_000_000n })
  })

  it('[KG7] keeps to what was proved while no endpoint answers, and says so about all else', async () => {
    const { of, wait, node } = setup()
    const source = of(0)
    const { total } = await source.newest()
    node.down = true
    wait(60_000)
    expect((await source.at(GENESIS_TIME + 1)).total).toBe(total)
    await expect(source.newest()).rejects.toMatchObject({ code: 'RPC_UNREACHABLE' })
  })

  it('[KG7] is for the chain and contract of its genesis alone', async () => {
    const { reader } = setup()
    const facts = { chainId: 31_337, rpc: [], contracts: { stake: STAKE } }
    const stakes = stakesOfChain(facts)!
    const open = (change: Partial<typeof facts>) => () =>
      openStakes(stakes, {
        chain: { facts: { ...facts, ...change }, reader },
        keccak: createTsKeccak(),
        now: Date.now,
      })
    await expect(open({})().newest()).resolves.toMatchObject({ total: 100_000_000n })
    const other = expect.objectContaining({ code: 'STAKES_OTHER' })
    expect(open({ chainId: 1 })).toThrow(other)
    expect(open({ contracts: { stake: '0x00000000000000000000000000000000000000d2' } })).toThrow(other)
    expect(() => openStakes(stakes, { chain: undefined, keccak: createTsKeccak(), now: Date.now })).toThrow(
      expect.objectContaining({ code: 'STAKES_UNKNOWN' }),
    )
    expect([stakes.lagSeconds, stakesOfChain({ ...facts, chainId: 1 })?.lagSeconds]).toEqual([0, 900])
    expect(stakesOfChain({ ...facts, contracts: {} })).toBeUndefined()
  })
})

function keccakSlot(address: string): Uint8Array {
  return fromHex(mappingSlot(`0x${address}`, 0n).toString(16).padStart(64, '0'))
}
