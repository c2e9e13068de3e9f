import { ByteReader, type Bytes, ByteWriter, compareBytes, concat, equalBytes, toHex } from '#core/bytes.ts'
import { MAX_PARCEL_ID } from '#core/land-rule.ts'
import { chainError } from '../chain-errors.ts'
import { type Hex, hexOf } from '../hex.ts'
import { deflate, inflate } from './deflate.ts'
import {
  ADDRESS_BYTES,
  EMPTY_LAND,
  type LandTable,
  MAX_ZEROS,
  OWNER_AT,
  ownersOf,
  PLACE_AT,
  packOwners,
  parcelIds,
  placeOf,
  STATE_AT,
  STATE_INACTIVE,
  WORD_BYTES,
  wordOf,
} from './land-table.ts'
import { EMPTY_TRIE_ROOT } from './storage-trie.ts'

/** 'TL' 'LG' */
const MAGIC = 0x544c4c47
/** The first had no zeros. */
const VERSION = 2
const HEADER_BYTES = 4 + 1 + 8 + ADDRESS_BYTES + 8 + 32 + 32
/** Each parcel may have an owner of its own, and as many owners may have come and gone since. */
const MAX_OWNERS = 2 * MAX_PARCEL_ID
const OWNER_BYTES = ADDRESS_BYTES + 5
/** Of words or of owners, in memory. */
export const MAX_TABLE_BYTES = MAX_OWNERS * WORD_BYTES
/** Of one parcel: step to its id 2, number of its owner 3, step to its place 3, state, warnings, time 5. */
const PARCEL_BYTES = 15
const MAX_BODY_BYTES = 10 + MAX_OWNERS * OWNER_BYTES + MAX_PARCEL_ID * PARCEL_BYTES + MAX_ZEROS * WORD_BYTES
/**
 * 50,000 parcels of as many owners take 1.3 MB when compressed, which is what [CH14] allows with 1.6 MB; with all
 * ids in use by as many owners they take 1.8 MB, and the most zeros 0.13 MB more.
 */
export const MAX_SNAPSHOT_BYTES = 2 * 1024 * 1024

/** What a snapshot says of itself; nothing of it is believed. */
export interface SnapshotHead {
  readonly chainId: number
  /** LandGrid's address */
  readonly grid: Hex
  readonly block: number
  /** storage root of LandGrid at that block */
  readonly root: Hex
  /** storage root of the land that it changes; that of an empty trie when it is whole */
  readonly base: Hex
}

export interface Snapshot {
  readonly head: SnapshotHead
  readonly changes: LandChanges
}

/** Words and owners that become others. */
export interface LandChanges {
  /** by id; 32 bytes each */
  readonly words: ReadonlyMap<number, Uint8Array>
  /** by address (hexadecimal without 0x); unix seconds, 0 takes the owner out */
  readonly owners: ReadonlyMap<string, number>
  /** slots of zero that have leaves, all of them, as in a table; those of before stay when they are not told */
  readonly zeros?: Bytes
}

/** The base of a snapshot that is whole. */
export const NO_BASE: Hex = hexOf(EMPTY_TRIE_ROOT)

/** What has to be changed in `before` so that it becomes `after`; parcels never vanish. */
export function landChanges(before: LandTable, after: LandTable): LandChanges {
  const words = new Map<number, Uint8Array>()
  for (const id of parcelIds(after)) {
    const word = wordOf(after, id)!
    const old = wordOf(before, id)
    if (old === undefined || !equalBytes(old, word)) words.set(id, word)
  }
  const owners = new Map<string, number>()
  const known = ownersOf(before)
  for (const [address, until] of ownersOf(after)) {
    if (known.get(address) !== until) owners.set(address, until)
    known.delete(address)
  }
  for (const address of known.keys()) owners.set(address, 0)
  return { words, owners, zeros: after.zeros }
}

/** A new table; `table` stays as it is. */
export function applyChanges(
  table: LandTable,
  { words, owners, zeros = table.zeros }: LandChanges,
): LandTable {
  let last = table.words.length / WORD_BYTES - 1
  for (const id of words.keys()) last = Math.max(last, id)
  const out = new Uint8Array((last + 1) * WORD_BYTES)
  out.set(table.words)
  for (const [id, word] of words) out.set(word, id * WORD_BYTES)
  if (owners.size === 0) return { words: out, owners: table.owners, zeros }
  const all = ownersOf(table)
  for (const [address, until] of owners) all.set(address, until)
  return { words: out, owners: packOwners(all), zeros }
}

/** The snapshot of a whole land, or with a base that of what changed since. */
export async function encodeSnapshot(
  head: Omit<SnapshotHead, 'base'>,
  after: LandTable,
  base?: { readonly root: Hex; readonly table: LandTable },
): Promise<Bytes> {
  const changes = landChanges(base?.table ?? EMPTY_LAND, after)
  const writer = new ByteWriter(HEADER_BYTES).u32(MAGIC).u8(VERSION).u64(BigInt(head.chainId))
  writer.bytes(bytesOf(head.grid)).u64(BigInt(head.block)).bytes(bytesOf(head.root))
  writer.bytes(bytesOf(base?.root ?? NO_BASE))
  return concat(writer.finish(), await deflate(encodeBody(changes)))
}

function bytesOf(hex: Hex): Bytes {
  return Uint8Array.from({ length: hex.length / 2 - 1 }, (_, i) =>
    Number.parseInt(hex.slice(2 + 2 * i, 4 + 2 * i), 16),
  )
}

/** Each field is a column of its own: most of them repeat themselves, and compress to next to nothing. */
export function encodeBody({ words, owners, zeros = new Uint8Array(0) }: LandChanges): Bytes {
  const listed = new Map(owners)
  // owners of parcels that are named for their address alone: 2^40 - 1 says that their time is not told here
  for (const word of words.values()) {
    const address = toHex(word.subarray(OWNER_AT))
    if (!listed.has(address)) listed.set(address, UNTOLD)
  }
  const addresses = [...listed.keys()].sort()
  const numbers = new Map(addresses.map((address, i) => [address, i]))
  const writer = new ByteWriter(
    10 + addresses.length * OWNER_BYTES + words.size * PARCEL_BYTES + zeros.length,
  )
  writer.u32(addresses.length).u32(words.size)
  for (const address of addresses) writer.bytes(addressBytes(address))
  for (const address of addresses) writeSeconds(writer, listed.get(address)!)
  const ids = [...words.keys()].sort((a, b) => a - b)
  const rows = ids.map((id) => words.get(id)!)
  for (const [i, id] of ids.entries()) writer.u16(id - (ids[i - 1] ?? 0))
  for (const row of rows) writeU24(writer, numbers.get(toHex(row.subarray(OWNER_AT)))!)
  for (const [i, row] of rows.entries()) {
    const before = rows[i - 1]
    writeU24(writer, (placeOf(row) - (before === undefined ? 0 : placeOf(before))) & 0xffffff)
  }
  for (const row of rows) writer.u8(row[STATE_AT]!)
  for (const row of rows) writer.bytes(row.subarray(2, STATE_AT))
  return writer
    .u16(zeros.length / WORD_BYTES)
    .bytes(zeros)
    .finish()
}

const UNTOLD = 2 ** 40 - 1

function addressBytes(address: string): Bytes {
  return bytesOf(`0x${address}`)
}

function writeU24(writer: ByteWriter, value: number): void {
  writer.u8(value >> 16).u16(value & 0xffff)
}

function writeSeconds(writer: ByteWriter, value: number): void {
  writer.u8(Math.floor(value / 2 ** 32)).u32(value >>> 0)
}

/**
 * Reads what {@link encodeSnapshot} writes.
 *
 * @throws SNAPSHOT_INVALID with what is wrong
 */
export async function decodeSnapshot(bytes: Uint8Array): Promise<Snapshot> {
  if (bytes.length > MAX_SNAPSHOT_BYTES) throw invalid(`it has ${bytes.length} bytes`)
  try {
    const head = readHead(new ByteReader(bytes))
    return { head, changes: readBody(await inflate(bytes.subarray(HEADER_BYTES), MAX_BODY_BYTES)) }
  } catch (cause) {
    if ((cause as { code?: string }).code === 'SNAPSHOT_INVALID') throw cause
    throw invalid((cause as Error).message || 'it is damaged', cause)
  }
}

function readHead(reader: ByteReader): SnapshotHead {
  const [magic, version] = [reader.u32('magic'), reader.u8('version')]
  if (magic !== MAGIC || version !== VERSION) throw invalid('it does not begin as version 2 does')
  const chainId = safe(reader.u64('chain id'), 'chain id')
  const grid = hexOf(reader.bytes(ADDRESS_BYTES, 'grid'))
  const block = safe(reader.u64('block'), 'block')
  return {
    chainId,
    grid,
    block,
    root: hexOf(reader.bytes(32, 'root')),
    base: hexOf(reader.bytes(32, 'base')),
  }
}

function safe(value: bigint, field: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw invalid(`its ${field} is ${value}`)
  return Number(value)
}

/** @throws AppError with what is wrong */
export function readBody(body: Bytes): LandChanges {
  const reader = new ByteReader(body)
  const [ownersListed, parcels] = [reader.u32('owners'), reader.u32('parcels')]
  if (ownersListed > MAX_OWNERS || parcels > MAX_PARCEL_ID) {
    throw invalid(`it has ${ownersListed} owners and ${parcels} parcels`)
  }
  const addresses = readAscending(reader, ownersListed, ADDRESS_BYTES, 'owner')
  const owners = new Map<string, number>()
  for (const address of addresses) {
    const until = reader.u8('alive until') * 2 ** 32 + reader.u32('alive until')
    if (until !== UNTOLD) owners.set(toHex(address), until)
  }
  const words = readWords(reader, parcels, addresses)
  const zeros = reader.u16('zeros')
  if (zeros > MAX_ZEROS) throw invalid(`it has ${zeros} slots of zero`)
  const slots = concat(...readAscending(reader, zeros, WORD_BYTES, 'slot'))
  reader.end('snapshot')
  return { words, owners, zeros: slots }
}

/** Rows of so many bytes, each above the one before. */
function readAscending(
  reader: ByteReader,
  count: number,
  bytes: number,
  what: string,
): readonly Uint8Array[] {
  const all = reader.bytes(count * bytes, what)
  const rows = Array.from({ length: count }, (_, i) => all.subarray(i * bytes, (i + 1) * bytes))
  const unordered = rows.findIndex((row, i) => i > 0 && compareBytes(rows[i - 1]!, row) >= 0)
  if (unordered !== -1) throw invalid(`${what} ${unordered} does not follow the one before`)
  return rows
}

function readWords(
  reader: ByteReader,
  count: number,
  addresses: readonly Uint8Array[],
): ReadonlyMap<number, Uint8Array> {
  const words = new Map<number, Uint8Array>()
  const rows = Array.from({ length: count }, () => new Uint8Array(WORD_BYTES))
  let id = 0
  for (const row of rows) {
    const step = reader.u16('id')
    id += step
    if (step === 0 || id > MAX_PARCEL_ID) throw invalid(`it has an id ${id} after ${id - step}`)
    words.set(id, row)
  }
  for (const row of rows) {
    const address = addresses[readU24(reader)]
    if (address === undefined) throw invalid('a parcel has an owner that is not in the list')
    row.set(address, OWNER_AT)
  }
  let place = 0
  for (const row of rows) {
    place = (place + readU24(reader)) & 0xffffff
    row.set([place >> 16, (place >> 8) & 0xff, place & 0xff], PLACE_AT)
  }
  for (const row of rows) {
    const state = reader.u8('state')
    if (state === 0 || state > STATE_INACTIVE) throw invalid(`a parcel has the state ${state}`)
    row[STATE_AT] = state
  }
  for (const row of rows) row.set(reader.bytes(STATE_AT - 2, 'warnings'), 2)
  return words
}

function readU24(reader: ByteReader): number {
  return (reader.u8('number') << 16) | reader.u16('number')
}

function invalid(what: string, cause?: unknown): Error {
  return chainError(
    'SNAPSHOT_INVALID',
    `What was sent as a snapshot of the land is none: ${what}. Another source is asked.`,
    { cause },
  )
}
