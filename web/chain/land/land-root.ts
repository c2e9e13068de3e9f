import { type Bytes, concat } from '#core/bytes.ts'
import type { Keccak } from '#core/keccak.ts'
import { chainError } from '../chain-errors.ts'
import {
  ADDRESS_BYTES,
  type LandTable,
  ownerAt,
  ownerCount,
  parcelIds,
  placeOf,
  STATE_ACTIVE,
  STATE_AT,
  WORD_BYTES,
  wordOf,
} from './land-table.ts'
import { storageRoot } from './storage-trie.ts'

/** LandGrid's storage: `uint256[65536] words`, then `uint256[2^20] cells`, then `mapping(address => uint256) aliveUntil`. */
export const CELLS_SLOT = 65_536
const ALIVE_SLOT = CELLS_SLOT + 2 ** 20
/** Ids in one slot of the map of cells, the first in the lowest 16 bits. */
export const CELLS_PER_SLOT = 16

/**
 * The storage root that LandGrid has when it stores exactly this land ([CH14]).
 *
 * @throws SNAPSHOT_INVALID when two parcels lie on one cell
 */
export function landRoot(keccak: Keccak, table: LandTable): Bytes {
  const slots: number[] = []
  const words: Uint8Array[] = []
  for (const id of parcelIds(table)) {
    slots.push(id)
    words.push(wordOf(table, id)!)
  }
  for (const [slot, word] of cellWords(table)) {
    slots.push(slot)
    words.push(word)
  }
  const alive = aliveWords(table)
  const keys = concat(
    keccak.hashEach(packSlots(slots), WORD_BYTES),
    keccak.hashEach(aliveSlots(keccak, table), WORD_BYTES),
  )
  const zeroKeys = keccak.hashEach(table.zeros, WORD_BYTES)
  return storageRoot(keccak, { keys, words: concat(...words, alive) }, zeroKeys)
}

/** The map of cells as it follows from the words, by slot. */
export function cellWords(table: LandTable): ReadonlyMap<number, Uint8Array> {
  const words = new Map<number, Uint8Array>()
  for (const id of parcelIds(table)) {
    const parcel = wordOf(table, id)!
    if (parcel[STATE_AT] !== STATE_ACTIVE) continue
    const place = placeOf(parcel)
    const slot = CELLS_SLOT + Math.floor(place / CELLS_PER_SLOT)
    const word = words.get(slot) ?? new Uint8Array(WORD_BYTES)
    const at = WORD_BYTES - 2 - 2 * (place % CELLS_PER_SLOT)
    if (word[at] !== 0 || word[at + 1] !== 0) {
      throw chainError('SNAPSHOT_INVALID', `Two parcels lie on one cell, the second is ${id}.`, {
        details: { id },
      })
    }
    word[at] = id >> 8
    word[at + 1] = id & 0xff
    words.set(slot, word)
  }
  return words
}

/** Slots as words, behind one another. */
function packSlots(slots: readonly number[]): Bytes {
  const out = new Uint8Array(slots.length * WORD_BYTES)
  const view = new DataView(out.buffer)
  for (const [i, slot] of slots.entries()) view.setUint32(i * WORD_BYTES + WORD_BYTES - 4, slot)
  return out
}

/** The slots of aliveUntil, in the order of the owners: keccak256(address ‖ slot of the mapping). */
function aliveSlots(keccak: Keccak, table: Pick<LandTable, 'owners'>): Bytes {
  const count = ownerCount(table)
  const out = new Uint8Array(count * 2 * WORD_BYTES)
  const view = new DataView(out.buffer)
  for (let i = 0; i < count; i++) {
    const end = (i + 1) * 2 * WORD_BYTES
    out.set(ownerAt(table, i).address, end - WORD_BYTES - ADDRESS_BYTES)
    view.setUint32(end - 4, ALIVE_SLOT)
  }
  return keccak.hashEach(out, 2 * WORD_BYTES)
}

function aliveWords(table: LandTable): Bytes {
  const count = ownerCount(table)
  const out = new Uint8Array(count * WORD_BYTES)
  const view = new DataView(out.buffer)
  for (let i = 0; i < count; i++) {
    view.setBigUint64((i + 1) * WORD_BYTES - 8, BigInt(ownerAt(table, i).aliveUntil))
  }
  return out
}

/** The slots of `aliveUntil` of these owners, 20 bytes each behind one another. */
export function aliveSlotsOf(keccak: Keccak, owners: readonly Uint8Array[]): readonly Uint8Array[] {
  const rows = owners.map((address) => concat(address, Uint8Array.of(0, 0, 0, 0, 1)))
  const slots = aliveSlots(keccak, { owners: concat(...rows) })
  return owners.map((_, i) => slots.subarray(i * WORD_BYTES, (i + 1) * WORD_BYTES))
}
