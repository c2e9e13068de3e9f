import { type Hex, hexOf, wordBytes } from '#chain/hex.ts'
import { concat, fromHex } from '#core/bytes.ts'
import { keccak256 } from '#core/keccak.ts'
import type { FakeAccount, FakeLog } from './fake-chain.ts'

export const STAKE: Hex = '0x00000000000000000000000000000000000000d1'
export const CYBR = 10n ** 18n

/** From these unix seconds on an account stakes so much. */
export function checkpoint(seconds: bigint, stakeWei: bigint): bigint {
  return (stakeWei << 48n) | seconds
}

/** As solc lays out `mapping(address => (uint48, uint208)[])` at slot 0 and `mapping(address => Returning)` at 1. */
export function stakeAccount(lists: Readonly<Record<string, readonly bigint[]>>): FakeAccount {
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

/** `StakeChanged` of an account, whose new stake looks like an address itself. */
export function changedLog(address: string): FakeLog {
  return {
    address: STAKE,
    topics: [hexOf(keccak256(new Uint8Array(3))), `0x${address.padStart(64, '0')}`],
    data: hexOf(wordBytes(100n * CYBR)),
  }
}
