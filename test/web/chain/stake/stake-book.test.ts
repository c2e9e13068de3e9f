import { describe, expect, it } from 'vitest'
import { type Hex, hexOf, wordBytes } from '#chain/hex.ts'
import { createEndpoints } from '#chain/rpc/endpoint-pool.ts'
import { readStakeBook, type StakeBook, stakesAt } from '#chain/stake/stake-book.ts'
import { mappingSlot } from '#chain/storage-slots.ts'
import { concat, fromHex } from '#core/bytes.ts'
import { createTsKeccak, keccak256 } from '#core/keccak.ts'
import { createFakeChain, type FakeAccount, type Forge, fetchNodes } from '../../../fakes/fake-chain.ts'

const STAKE: Hex = '0x00000000000000000000000000000000000000d1'
const CYBR = 10n ** 18n
const [ALICE, BOB] = [`${'0'.repeat(35)}a11ce`, `${'0'.repeat(37)}b0b`] as const
const checkpoint = (seconds: bigint, stakeWei: bigint) => (stakeWei << 48n) | seconds

/** As solc lays out `mapping(address => (uint48, uint208)[])` at slot 0 and `mapping(address => Returning)` at 1. */
function stakeAccount(lists: Readonly<Record<string, readonly bigint[]>>): FakeAccount {
  const storage = new Map<bigint, bigint>()
  for (const [address, words] of Object.entries(lists)) {
    const length = keccak256(concat(fromHex(address.padStart(64, '0')), wordBytes(0n)))
    storage.set(BigInt(hexOf(length)), BigInt(words.length))
    const first = BigInt(hexOf(keccak256(length)))
    for (const [i, word] of words.entries()) storage.set(first + BigInt(i), word)
    const returning = keccak256(concat(fromHex(address.padStart(64, '0')), wordBytes(1n)))
    storage.set(BigInt(hexOf(returning)), (1_760_000_000n << 208n) | 5n)
  }
  return { balanceWei: 0n, nonce: 1n, storage }
}

const staked = stakeAccount({
  [ALICE]: [checkpoint(1_000n, 100n * CYBR), checkpoint(2_000n, 250n * CYBR), checkpoint(3_000n, 0n)],
  [BOB]: [checkpoint(1_500n, CYBR / 2n)],
})
const changedLog = (address: string) => ({
  address: STAKE,
  topics: [hexOf(keccak256(new Uint8Array(3))), `0x${address.padStart(64, '0')}`] as readonly Hex[],
  data: hexOf(wordBytes(100n * CYBR)),
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
})
