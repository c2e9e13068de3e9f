import { type Bytes, compareBytes, fromHex, toHex } from '#core/bytes.ts'
import { type Cell, GRID_MIN, GRID_SIDE } from '#core/land.ts'
import type { Hex } from '../hex.ts'
import { hexOf } from '../hex.ts'

export const WORD_BYTES = 32
export const ADDRESS_BYTES = 20
/** unix seconds of an owner's proof of life, as far as they are kept: until the year 36,812 */
export const ALIVE_BYTES = 5
export const OWNER_ROW_BYTES = ADDRESS_BYTES + ALIVE_BYTES

/**
 * All that LandGrid stores, without what follows from the rest: its words by id, and until when each owner has proved
 * life. Plain bytes, so that a worker hands it over and IndexedDB keeps it as it is.
 */
export interface LandTable {
  /** words of 32 bytes by id, from id 0 on; an id beyond the end has none */
  readonly words: Bytes
  /** address ‖ unix seconds (u40) of each owner whose time is not 0, by address ascending */
  readonly owners: Bytes
  /**
   * Slots, 32 bytes each, ascending, that are leaves of the chain's trie though they hold nothing: on a clean chain
   * none. They tell nothing of the land, and only let its root be rebuilt.
   */
  readonly zeros: Bytes
}

export interface LandParcel {
  readonly id: number
  readonly owner: Hex
  /** where it lies; an inactive one has no place */
  readonly cell: Cell | undefined
  readonly warnings: number
  /** unix seconds; 0 = never */
  readonly lastWarningAt: number
}

export const EMPTY_LAND: LandTable = {
  words: new Uint8Array(0),
  owners: new Uint8Array(0),
  zeros: new Uint8Array(0),
}
/** A chain that keeps zeros is a developer's own; so many take 128 KiB, which a snapshot has to spare. */
export const MAX_ZEROS = 4_096

/** Bytes of a word from its lowest address on: 2 unused, 5 time of the last warning, warnings, state, y and x, owner. */
const TIME_AT = 2
const WARNINGS_AT = 7
export const STATE_AT = 8
export const PLACE_AT = 9
export const OWNER_AT = 12
export const STATE_ACTIVE = 1
export const STATE_INACTIVE = 2

/** Ids that have a word, ascending. */
export function* parcelIds({ words }: LandTable): Generator<number> {
  for (let id = 1; id * WORD_BYTES < words.length; id++) {
    if (words[id * WORD_BYTES + STATE_AT] !== 0) yield id
  }
}

/** The word of a parcel, a view; undefined when it was never minted. */
export function wordOf({ words }: LandTable, id: number): Uint8Array | undefined {
  const at = id * WORD_BYTES
  return at < words.length && words[at + STATE_AT] !== 0 ? words.subarray(at, at + WORD_BYTES) : undefined
}

/** A parcel by id; undefined when it was never minted. */
export function readParcel(table: LandTable, id: number): LandParcel | undefined {
  const word = wordOf(table, id)
  if (word === undefined) return undefined
  return {
    id,
    owner: hexOf(word.subarray(OWNER_AT)),
    cell: word[STATE_AT] === STATE_ACTIVE ? cellOfPlace(placeOf(word)) : undefined,
    warnings: word[WARNINGS_AT]!,
    lastWarningAt: readSeconds(word, TIME_AT),
  }
}

/** y and x of a word as they are packed, 24 bits. */
export function placeOf(word: Uint8Array): number {
  return (word[PLACE_AT]! << 16) | (word[PLACE_AT + 1]! << 8) | word[PLACE_AT + 2]!
}

/** Number of a cell in LandGrid's map of cells: the same as its packed place. */
export function placeOfCell({ x, y }: Cell): number {
  return (y - GRID_MIN) * GRID_SIDE + (x - GRID_MIN)
}

export function cellOfPlace(place: number): Cell {
  return { x: (place % GRID_SIDE) + GRID_MIN, y: Math.floor(place / GRID_SIDE) + GRID_MIN }
}

/** unix seconds, u40 */
export function readSeconds(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(1) + bytes[at]! * 2 ** 32
}

export function ownerCount({ owners }: Pick<LandTable, 'owners'>): number {
  return owners.length / OWNER_ROW_BYTES
}

/** The owner's row: address and unix seconds. */
export function ownerAt(
  { owners }: Pick<LandTable, 'owners'>,
  index: number,
): { readonly address: Uint8Array; readonly aliveUntil: number } {
  const at = index * OWNER_ROW_BYTES
  return {
    address: owners.subarray(at, at + ADDRESS_BYTES),
    aliveUntil: readSeconds(owners, at + ADDRESS_BYTES),
  }
}

/** Until when an owner has proved life, unix seconds; 0 when never. */
export function aliveUntil(table: LandTable, owner: Hex): number {
  const wanted = fromHex(owner)
  let low = 0
  let high = ownerCount(table)
  while (low < high) {
    const middle = (low + high) >> 1
    const { address, aliveUntil: until } = ownerAt(table, middle)
    const order = compareBytes(address, wanted)
    if (order === 0) return until
    if (order < 0) low = middle + 1
    else high = middle
  }
  return 0
}

/** Until when each owner has proved life, unix seconds, by address (40 hexadecimal digits). */
export function ownersOf(table: LandTable): Map<string, number> {
  const owners = new Map<string, number>()
  for (let i = 0; i < ownerCount(table); i++) {
    const { address, aliveUntil } = ownerAt(table, i)
    owners.set(toHex(address), aliveUntil)
  }
  return owners
}

/** Bytes of the owners from a map of address (hexadecimal without 0x, lower case) to unix seconds; 0 is left out. */
export function packOwners(owners: ReadonlyMap<string, number>): Bytes {
  const kept = [...owners].filter(([, until]) => until !== 0).sort(([a], [b]) => (a < b ? -1 : 1))
  const out = new Uint8Array(kept.length * OWNER_ROW_BYTES)
  const view = new DataView(out.buffer)
  for (const [i, [address, until]] of kept.entries()) {
    const at = i * OWNER_ROW_BYTES
    out.set(fromHex(address), at)
    view.setUint8(at + ADDRESS_BYTES, Math.floor(until / 2 ** 32))
    view.setUint32(at + ADDRESS_BYTES + 1, until >>> 0)
  }
  return out
}
