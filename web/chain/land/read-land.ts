import { fromHex, toHex } from '#core/bytes.ts'
import type { Keccak } from '#core/keccak.ts'
import { MAX_PARCEL_ID } from '#core/land-rule.ts'
import { type Hex, hexOf } from '../hex.ts'
import type { RpcEndpoint } from '../rpc/json-rpc.ts'
import { readSlots, type SlotsQuestion } from '../rpc/read-slots.ts'
import { readHints } from './land-hints.ts'
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

/**
 * The land as one node has it at a block: nothing of it is believed before its trie was rebuilt ([CH14]). Whoever owns
 * no parcel has no time to live in LandGrid, so all owners stand in the words.
 *
 * @throws RPC_UNREACHABLE, RPC_REFUSED, RPC_ANSWER_INVALID
 */
export async function readWholeLand(endpoint: RpcEndpoint, question: LandQuestion): Promise<LandTable> {
  const ids = Array.from({ length: MAX_PARCEL_ID }, (_, i) => i + 1)
  const words = await readWords(endpoint, question, ids)
  const table = applyChanges(EMPTY_LAND, { words, owners: new Map() })
  const owners = new Set(parcelOwners(table))
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
  const former = [...ids].flatMap((id) => wordOf(before.table, id) ?? [])
  const touched = [...words.values(), ...former].map((word) => toHex(word.subarray(OWNER_AT)))
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
  const values = await readSlots(endpoint, slotsOf(question), ids.map(wordOfNumber))
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
  const values = await readSlots(endpoint, slotsOf(question), slots)
  return new Map(owners.map((owner, i) => [owner, Number(BigInt(hexOf(values[i]!)))]))
}

function slotsOf({ grid, blockHash, signal }: LandQuestion): SlotsQuestion {
  return { contract: grid, blockHash, signal }
}

/** A number below 2³² as a word. */
export function wordOfNumber(value: number): Uint8Array {
  const word = new Uint8Array(WORD_BYTES)
  new DataView(word.buffer).setUint32(WORD_BYTES - 4, value)
  return word
}
