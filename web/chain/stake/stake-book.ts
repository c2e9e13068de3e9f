import { type Bytes, concat, fromHex } from '#core/bytes.ts'
import type { Keccak } from '#core/keccak.ts'
import { chainStakeTable, type StakeTable } from '#graph/machine/stake-source.ts'
import { chainError } from '../chain-errors.ts'
import { type Hex, hexOf, readWord, wordBytes } from '../hex.ts'
import { storageRoot } from '../land/storage-trie.ts'
import type { RpcEndpoint } from '../rpc/json-rpc.ts'
import { addressInWord, readAllLogWords } from '../rpc/read-log-words.ts'
import { readSlots } from '../rpc/read-slots.ts'
import { readZeroSlots } from '../rpc/read-zero-slots.ts'

/** Words of an account in `Stake`: its checkpoints, oldest first, and what returns to it. */
export interface StakeAccount {
  readonly checkpoints: readonly bigint[]
  readonly returning: bigint
}

/** All that `Stake` stores, by address (40 hexadecimal digits). */
export type StakeBook = ReadonlyMap<string, StakeAccount>

export interface StakeQuestion {
  /** address of `Stake` */
  readonly stake: Hex
  readonly blockHash: Hex
  readonly block: number
  /** proved by that block */
  readonly storageHash: Hex
  readonly keccak: Keccak
  /** addresses that are known, and the block up to which they were read: what came since is asked for alone */
  readonly known?: { readonly addresses: readonly string[]; readonly block: number } | undefined
  readonly signal?: AbortSignal | undefined
}

/** `_stakes` is the first variable of `Stake`, `_returning` the second. */
const STAKES_SLOT = 0n
const RETURNING_SLOT = 1n
/** Low bits of a checkpoint: the unix seconds from which it holds. */
const SECONDS_BITS = 48
/** Stakes count in millionths of a CYBR, which has 10¹⁸ wei. */
const WEI_PER_UNIT = 10n ** 12n
/** An account changes its stake by hand: nobody's list is longer. `Stake` itself ends at 60,000. */
const MAX_CHECKPOINTS = 65_536
/** Of all accounts: as many as a neuron of every parcel, and more. Their trie takes a few seconds to build. */
const MAX_STAKERS = 65_536
/** Of all accounts together: 8 MB of words, four changes of each staker's. */
const MAX_ALL_CHECKPOINTS = 262_144
/** Stakes are u64 in millionths of a CYBR; the supply is 10¹⁵ of them. */
const MAX_STAKE = 2n ** 63n

/**
 * Everybody's stakes from the beginning on, read from one node and checked whole: the trie that follows from them must
 * have the proved root, so that no staker and no change can be left out ([KG7]).
 *
 * @throws RPC_UNREACHABLE, RPC_REFUSED, RPC_ANSWER_INVALID, STAKES_TOO_MANY, STAKES_FORGED
 */
export async function readStakeBook(endpoint: RpcEndpoint, question: StakeQuestion): Promise<StakeBook> {
  const { stake, block, blockHash, storageHash, keccak, known, signal } = question
  const fromBlock = known === undefined ? 0 : known.block + 1
  const hints = await readAllLogWords(endpoint, { contracts: [stake], fromBlock, toBlock: block, signal })
  // each event of `Stake` names its account first
  const named = hints.flatMap(([, account = '']) => addressInWord(account) ?? [])
  const book = await readAccounts(endpoint, question, [...new Set([...(known?.addresses ?? []), ...named])])
  const found = hexOf(stakeRoot(keccak, book))
  if (found === storageHash) return book
  // stakes taken back leave a zero behind on a chain that keeps such: its leaves alter nothing of what is staked
  const cleared = [...book].flatMap(([address, { returning }]) => (returning === 0n ? address : []))
  const slots = cleared.map((address) => mappingSlot(keccak, address, RETURNING_SLOT))
  const zeros = await readZeroSlots(endpoint, { contract: stake, blockHash, storageHash, signal }, slots)
  if (hexOf(stakeRoot(keccak, book, zeros)) === storageHash) return book
  throw chainError(
    'STAKES_FORGED',
    `The stakes that ${endpoint.name} gave have the storage root ${found}, the chain proves ${storageHash}: one is altered or left out. Ask another endpoint.`,
    { details: { found, storageHash } },
  )
}

async function readAccounts(
  endpoint: RpcEndpoint,
  { stake, blockHash, keccak, signal }: StakeQuestion,
  addresses: readonly string[],
): Promise<StakeBook> {
  if (addresses.length > MAX_STAKERS) throw tooMany(`${addresses.length} accounts`, MAX_STAKERS)
  const read = (slots: readonly Uint8Array[]) =>
    readSlots(endpoint, { contract: stake, blockHash, signal }, slots)
  const counts = (await read(addresses.map((address) => mappingSlot(keccak, address, STAKES_SLOT)))).map(
    readWord,
  )
  const returning = await read(addresses.map((address) => mappingSlot(keccak, address, RETURNING_SLOT)))
  const most = counts.find((count) => count > MAX_CHECKPOINTS)
  if (most !== undefined) throw tooMany(`${most} changes of one account`, MAX_CHECKPOINTS)
  const all = counts.reduce((sum, count) => sum + count, 0n)
  if (all > MAX_ALL_CHECKPOINTS) throw tooMany(`${all} changes`, MAX_ALL_CHECKPOINTS)
  const slots = addresses.flatMap((address, i) => checkpointSlots(keccak, address, Number(counts[i])))
  const words = (await read(slots)).map(readWord)
  const book = new Map<string, StakeAccount>()
  let at = 0
  for (const [i, address] of addresses.entries()) {
    const checkpoints = words.slice(at, at + Number(counts[i]))
    at += checkpoints.length
    book.set(address, { checkpoints, returning: readWord(returning[i]!) })
  }
  return book
}

function tooMany(what: string, most: number): Error {
  return chainError(
    'STAKES_TOO_MANY',
    `The chain's Stake tells of ${what}, and no reader takes more than ${most}. Stakes cannot be checked here.`,
  )
}

/** The storage root that `Stake` has when it stores exactly this, and has leaves of zero in the slots `zeros`. */
export function stakeRoot(keccak: Keccak, book: StakeBook, zeros: readonly Uint8Array[] = []): Bytes {
  const slots: Uint8Array[] = []
  const words: Bytes[] = []
  const put = (slot: Uint8Array, word: bigint) => {
    slots.push(slot)
    words.push(wordBytes(word))
  }
  for (const [address, { checkpoints, returning }] of book) {
    put(mappingSlot(keccak, address, STAKES_SLOT), BigInt(checkpoints.length))
    for (const [i, slot] of checkpointSlots(keccak, address, checkpoints.length).entries())
      put(slot, checkpoints[i]!)
    put(mappingSlot(keccak, address, RETURNING_SLOT), returning)
  }
  const hashed = (all: readonly Uint8Array[]) => keccak.hashEach(concat(...all), 32)
  return storageRoot(keccak, { keys: hashed(slots), words: concat(...words) }, hashed(zeros))
}

/** keccak256(address ‖ slot of the mapping) */
function mappingSlot(keccak: Keccak, address: string, slot: bigint): Bytes {
  return keccak.hashEach(concat(fromHex(address.padStart(64, '0')), wordBytes(slot)), 64)
}

/** A dynamic array lies from the hash of its own slot on. */
function checkpointSlots(keccak: Keccak, address: string, count: number): readonly Bytes[] {
  const first = readWord(keccak.hashEach(mappingSlot(keccak, address, STAKES_SLOT), 32))
  return Array.from({ length: count }, (_, i) => wordBytes(BigInt.asUintN(256, first + BigInt(i))))
}

/** The stake of one account at a time (unix seconds), in millionths of a CYBR. @throws STAKES_TOO_MANY */
export function stakeAt({ checkpoints }: StakeAccount, seconds: number): bigint {
  const holds = checkpoints.findLast((word) => secondsOf(word) <= seconds)
  const stake = holds === undefined ? 0n : (holds >> BigInt(SECONDS_BITS)) / WEI_PER_UNIT
  if (stake < MAX_STAKE) return stake
  throw tooMany(`a stake of ${stake} millionths`, Number(MAX_STAKE))
}

function secondsOf(checkpoint: bigint): number {
  return Number(BigInt.asUintN(SECONDS_BITS, checkpoint))
}

/** Everybody's stakes as they were at a time, unix seconds: old ones follow from any later block. */
export function stakesAt(book: StakeBook, seconds: number): StakeTable {
  const entries = [...book]
    .map(([address, account]) => [address, stakeAt(account, seconds)] as const)
    .filter(([, stake]) => stake > 0n)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([address, stake]) => [fromHex(address), stake] as const)
  return chainStakeTable(seconds, entries, changeAfter(book, seconds))
}

/** Unix seconds of the first change after a time; undefined when there is none. */
function changeAfter(book: StakeBook, seconds: number): number | undefined {
  let first: number | undefined
  for (const { checkpoints } of book.values()) {
    const next = checkpoints.find((word) => secondsOf(word) > seconds)
    if (next !== undefined && (first === undefined || secondsOf(next) < first)) first = secondsOf(next)
  }
  return first
}
