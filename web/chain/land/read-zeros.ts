import { compareBytes, concat, fromHex, toHex } from '#core/bytes.ts'
import type { Keccak } from '#core/keccak.ts'
import { PARCEL_COUNT } from '#core/land.ts'
import { birthCell } from '#core/land-rule.ts'
import type { Hex } from '../hex.ts'
import type { RpcEndpoint } from '../rpc/json-rpc.ts'
import { readZeroSlots } from '../rpc/read-zero-slots.ts'
import { type LandHints, readHints } from './land-hints.ts'
import { aliveSlotsOf, CELLS_PER_SLOT, CELLS_SLOT, cellWords } from './land-root.ts'
import {
  EMPTY_LAND,
  type LandTable,
  MAX_ZEROS,
  OWNER_AT,
  ownersOf,
  placeOf,
  placeOfCell,
  STATE_ACTIVE,
  STATE_AT,
  WORD_BYTES,
  wordOf,
} from './land-table.ts'
import { type LandQuestion, wordOfNumber } from './read-land.ts'

export interface ZerosQuestion {
  /** storage root of LandGrid in the block, proved */
  readonly root: Hex
  readonly table: LandTable
  /** the land from which `table` was brought up to date, if it was */
  readonly before: { readonly table: LandTable; readonly block: number } | undefined
}

/**
 * The same table with the slots that are leaves of LandGrid's trie though they hold nothing. A client that keeps to the
 * yellow paper, as geth, has none: it deletes a leaf that becomes zero. anvil 1.7.1, which `npm start` runs, keeps a
 * leaf for each slot that a transaction wrote or read, so there the land's words alone do not give its root once
 * somebody gave the last parcel away, or a place became free. Which slots may be such leaves follows from events and
 * from the land of before; which of them are, the node proves against the proven root.
 *
 * @throws RPC_UNREACHABLE, RPC_REFUSED, RPC_ANSWER_INVALID, PROOF_INVALID
 */
export async function readZeros(
  endpoint: RpcEndpoint,
  question: LandQuestion,
  { root, table, before }: ZerosQuestion,
): Promise<LandTable> {
  const { grid, blockHash, keccak, signal } = question
  const hints = await readHints(endpoint, question, before === undefined ? 0 : before.block + 1)
  const candidates = zeroCandidates(keccak, table, before?.table ?? EMPTY_LAND, hints)
  const found = await readZeroSlots(
    endpoint,
    { contract: grid, blockHash, storageHash: root, signal },
    candidates,
  )
  return { ...table, zeros: concat(...[...rowsOf(table.zeros), ...found].sort(compareBytes)) }
}

/**
 * Slots that hold nothing in `table`, are not among its zeros, and may have been written or read: those of ids, owners
 * and places that events name, and of what the parcels that events name were in `before`. Together with the zeros that
 * are known they are at most {@link MAX_ZEROS}.
 */
export function zeroCandidates(
  keccak: Keccak,
  table: LandTable,
  before: LandTable,
  { ids, owners, cells }: LandHints,
): readonly Uint8Array[] {
  const numbers = new Set<number>()
  const places: number[] = []
  const former = new Set(owners)
  for (const id of ids) {
    if (wordOf(table, id) === undefined) numbers.add(id)
    if (id <= PARCEL_COUNT) places.push(placeOfCell(birthCell(id)))
    const word = wordOf(before, id)
    if (word === undefined) continue
    former.add(toHex(word.subarray(OWNER_AT)))
    if (word[STATE_AT] === STATE_ACTIVE) places.push(placeOf(word))
  }
  // whoever settles looks whether the four places around are taken
  for (const { x, y } of cells) {
    const around = [
      { x, y },
      { x: x - 1, y },
      { x: x + 1, y },
      { x, y: y - 1 },
      { x, y: y + 1 },
    ]
    for (const cell of around) places.push(placeOfCell(cell))
  }
  const held = cellWords(table)
  for (const place of places) {
    const slot = CELLS_SLOT + Math.floor(place / CELLS_PER_SLOT)
    if (!held.has(slot)) numbers.add(slot)
  }
  const alive = ownersOf(table)
  const gone = [...former].filter((owner) => !alive.has(owner)).map(fromHex)
  const known = new Set(rowsOf(table.zeros).map(toHex))
  return [...Array.from(numbers, wordOfNumber), ...aliveSlotsOf(keccak, gone)]
    .filter((slot) => !known.has(toHex(slot)))
    .slice(0, MAX_ZEROS - known.size)
}

function rowsOf(zeros: Uint8Array): readonly Uint8Array[] {
  const count = zeros.length / WORD_BYTES
  return Array.from({ length: count }, (_, i) => zeros.subarray(i * WORD_BYTES, (i + 1) * WORD_BYTES))
}
