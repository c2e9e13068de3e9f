import { type Bytes, concat, fromHex, toHex } from '#core/bytes.ts'
import type { Keccak } from '#core/keccak.ts'
import { MAX_PARCEL_ID } from '#core/land-rule.ts'
import { type Hex, hexOf, parseAnyData, parseData, parseList, parseObject, quantityOf } from '../hex.ts'
import { MAX_RPC_BATCH, type RpcEndpoint } from '../rpc/json-rpc.ts'
import { aliveSlotsOf } from './land-root.ts'
import {
  EMPTY_LAND,
  type LandTable,
  OWNER_AT,
  parcelIds,
  STATE_AT,
  WORD_BYTES,
  wordOf,
} from './land-table.ts'
import { applyChanges } from './snapshot.ts'

export interface LandQuestion {
  /** LandGrid's address */
  readonly grid: Hex
  /** contracts whose events may tell what changed */
  readonly watched: readonly Hex[]
  /** hash of the block whose state is read */
  readonly blockHash: Hex
  readonly block: number
  readonly keccak: Keccak
  readonly signal?: AbortSignal | undefined
}

/** Slots read by one call: 2,100 gas each stay below the 10 million that every node grants a call. */
const SLOTS_PER_CALL = 4_000
/** Logs of one range: more blocks than this are read anew as a whole. */
const MAX_LOGS = 10_000
const MAX_LOG_BYTES = 4_096

/**
 * Program that answers its input, a list of slots, with the words in them: for i in steps of 32, MSTORE(i,
 * SLOAD(CALLDATALOAD(i))). A call with it in the place of the contract's code reads any storage in bulk.
 */
const READ_SLOTS = '0x5f5b80361460135780355481526020016001565b365ff3'

/**
 * The land as one node has it at a block: nothing of it is believed before its trie was rebuilt ([CH14]). Owners that
 * hold no parcel any more are known by events alone, from `since` on.
 *
 * @throws RPC_UNREACHABLE, RPC_REFUSED, RPC_ANSWER_INVALID
 */
export async function readWholeLand(endpoint: RpcEndpoint, question: LandQuestion): Promise<LandTable> {
  const ids = Array.from({ length: MAX_PARCEL_ID }, (_, i) => i + 1)
  const words = await readWords(endpoint, question, ids)
  const table = applyChanges(EMPTY_LAND, { words, owners: new Map() })
  const hinted = await readHints(endpoint, question, 0)
  const owners = new Set([...hinted.owners, ...parcelOwners(table)])
  return applyChanges(table, { words: new Map(), owners: await readOwners(endpoint, question, [...owners]) })
}

/**
 * The land at a block from the land at an earlier one, `since`: what events hint at is read anew. Whether that was
 * all, the trie tells.
 *
 * @throws RPC_UNREACHABLE, RPC_REFUSED, RPC_ANSWER_INVALID
 */
export async function readChangedLand(
  endpoint: RpcEndpoint,
  question: LandQuestion,
  before: { readonly table: LandTable; readonly block: number },
): Promise<LandTable> {
  const { ids, owners } = await readHints(endpoint, question, before.block + 1)
  const words = await readWords(endpoint, question, [...ids])
  const touched = [...words.values()].map((word) => toHex(word.subarray(OWNER_AT)))
  const seconds = await readOwners(endpoint, question, [...new Set([...owners, ...touched])])
  return applyChanges(before.table, { words, owners: seconds })
}

function* parcelOwners(table: LandTable): Generator<string> {
  for (const id of parcelIds(table)) yield toHex(wordOf(table, id)!.subarray(OWNER_AT))
}

/** Words of parcels that were minted, by id. */
async function readWords(
  endpoint: RpcEndpoint,
  question: LandQuestion,
  ids: readonly number[],
): Promise<Map<number, Uint8Array>> {
  const values = await readSlots(
    endpoint,
    question,
    ids.map((id) => wordOfNumber(id)),
  )
  const words = new Map<number, Uint8Array>()
  for (const [i, id] of ids.entries()) if (values[i]![STATE_AT] !== 0) words.set(id, values[i]!)
  return words
}

async function readOwners(
  endpoint: RpcEndpoint,
  question: LandQuestion,
  owners: readonly string[],
): Promise<Map<string, number>> {
  const slots = aliveSlotsOf(question.keccak, owners.map(fromHex))
  const values = await readSlots(endpoint, question, slots)
  return new Map(owners.map((owner, i) => [owner, Number(BigInt(hexOf(values[i]!)))]))
}

/** The words in these slots of LandGrid's storage. */
async function readSlots(
  endpoint: RpcEndpoint,
  question: LandQuestion,
  slots: readonly Uint8Array[],
): Promise<readonly Uint8Array[]> {
  const values: Uint8Array[] = []
  for (let from = 0; from < slots.length; from += SLOTS_PER_CALL) {
    const part = slots.slice(from, from + SLOTS_PER_CALL)
    values.push(...(await readPart(endpoint, question, part)))
  }
  return values
}

async function readPart(
  endpoint: RpcEndpoint,
  { grid, blockHash, signal }: LandQuestion,
  slots: readonly Uint8Array[],
): Promise<readonly Uint8Array[]> {
  const call = { to: grid, data: hexOf(concat(...slots)) }
  const answer = await endpoint
    .call('eth_call', [call, { blockHash }, { [grid]: { code: READ_SLOTS } }], { signal })
    .catch((error: unknown) => {
      // not every node lets a call bring its own code
      if ((error as { code?: string }).code === 'RPC_REFUSED') return undefined
      throw error
    })
  if (answer === undefined) return readOneByOne(endpoint, { grid, blockHash, signal }, slots)
  const bytes = fromHex(parseData(answer, 'storage', slots.length * WORD_BYTES))
  return slots.map((_, i) => bytes.subarray(i * WORD_BYTES, (i + 1) * WORD_BYTES))
}

async function readOneByOne(
  endpoint: RpcEndpoint,
  { grid, blockHash, signal }: Pick<LandQuestion, 'grid' | 'blockHash' | 'signal'>,
  slots: readonly Uint8Array[],
): Promise<readonly Uint8Array[]> {
  const values: Bytes[] = []
  for (let from = 0; from < slots.length; from += MAX_RPC_BATCH) {
    const calls = slots.slice(from, from + MAX_RPC_BATCH).map((slot) => ({
      method: 'eth_getStorageAt',
      params: [grid, hexOf(slot), { blockHash }],
    }))
    const answers = await endpoint.batch(calls, { signal })
    values.push(...answers.map((answer) => fromHex(parseData(answer, 'storage', WORD_BYTES))))
  }
  return values
}

/** What events since a block may be about: every number that could be an id, every word that could be an address. */
async function readHints(
  endpoint: RpcEndpoint,
  { watched, block, signal }: LandQuestion,
  since: number,
): Promise<{ readonly ids: ReadonlySet<number>; readonly owners: ReadonlySet<string> }> {
  const ids = new Set<number>()
  const owners = new Set<string>()
  if (since > block || watched.length === 0) return { ids, owners }
  const filter = { address: watched, fromBlock: quantityOf(since), toBlock: quantityOf(block) }
  const logs = parseList(await endpoint.call('eth_getLogs', [filter], { signal }), 'logs', MAX_LOGS)
  for (const log of logs) {
    const { topics, data } = parseObject(log, 'log')
    const words = parseList(topics, 'topics', 4).map((topic) =>
      parseData(topic, 'topic', WORD_BYTES).slice(2),
    )
    const text = parseAnyData(data, 'data', MAX_LOG_BYTES).slice(2)
    for (let at = 0; at + 64 <= text.length; at += 64) words.push(text.slice(at, at + 64))
    for (const word of words) {
      const value = BigInt(`0x${word}`)
      if (value > 0n && value <= BigInt(MAX_PARCEL_ID)) ids.add(Number(value))
      else if (value >> 160n === 0n && value !== 0n) owners.add(word.slice(24))
    }
  }
  return { ids, owners }
}

function wordOfNumber(value: number): Uint8Array {
  const word = new Uint8Array(WORD_BYTES)
  new DataView(word.buffer).setUint32(WORD_BYTES - 4, value)
  return word
}
