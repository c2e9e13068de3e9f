import { type Bytes, equalBytes, fromHex } from '#core/bytes.ts'
import { type BlockKey, keyBytes, toKey } from './block-key.ts'
import { crc32c } from './crc32c.ts'
import { matchesKey } from './verify-block.ts'

/**
 * One record of a segment, big-endian:
 *
 *     marker 8 | kind u8 | key length u8 | id u48 | data length u32 | data CRC u32 | header CRC u32 | key | data
 *
 * The marker is the segment's random name: after a damaged header the next record is found by looking for it,
 * and content that peers send cannot contain it. The header CRC covers kind to data CRC and the key, so that a
 * damaged length is never followed. A block's data CRC is 0: its key, a hash that was just checked, says more,
 * and a CRC in JavaScript would take as long as writing the block.
 */
export const RECORD_HEADER_BYTES = 28
export const MARKER_BYTES = 8
/** The key's length is one byte. */
export const MAX_KEY_BYTES = 255
export const ID_BYTES = 6

/**
 * block: key = multihash, data = the block. tombstone: data = ids (u48) of this key's records that are dead.
 * commit: everything before it was written in one piece with it. batch: entries of a record file.
 */
export const RECORD_KINDS = { block: 1, tombstone: 2, commit: 3, batch: 4 } as const
export type RecordKind = (typeof RECORD_KINDS)[keyof typeof RECORD_KINDS]

export interface RecordFields {
  readonly kind: RecordKind
  readonly key: BlockKey
  /** random, tells the records of one key apart; kept when compaction moves the record. 0 ≤ id < 2⁴⁸ */
  readonly id: number
}

export interface RecordHeader extends RecordFields {
  readonly dataBytes: number
  readonly dataCrc: number
}

/** The marker of the segment `id` (16 hexadecimal digits). */
export function markerOf(id: string): Bytes {
  return fromHex(id)
}

/** Bytes that a record takes in its segment. */
export function recordBytes({ key, dataBytes }: Pick<RecordHeader, 'key' | 'dataBytes'>): number {
  return RECORD_HEADER_BYTES + key.length + dataBytes
}

/** Header and key of a record; `data` follows it in the segment. */
export function encodeRecordHeader(marker: Uint8Array, fields: RecordFields, data: Uint8Array): Bytes {
  const key = keyBytes(fields.key)
  const out = new Uint8Array(RECORD_HEADER_BYTES + key.length)
  const view = new DataView(out.buffer)
  out.set(marker)
  view.setUint8(8, fields.kind)
  view.setUint8(9, key.length)
  writeId(view, 10, fields.id)
  view.setUint32(16, data.length)
  view.setUint32(20, dataCrc(fields.kind, data))
  out.set(key, RECORD_HEADER_BYTES)
  view.setUint32(24, headerCrc(out, key.length))
  return out
}

/** The header at the start of `bytes`, or undefined when it is cut off, damaged or not one of ours. */
export function decodeRecordHeader(marker: Uint8Array, bytes: Uint8Array): RecordHeader | undefined {
  if (bytes.length < RECORD_HEADER_BYTES || !equalBytes(bytes.subarray(0, MARKER_BYTES), marker)) return
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const kind = view.getUint8(8)
  const keyLength = view.getUint8(9)
  if (bytes.length < RECORD_HEADER_BYTES + keyLength) return
  if (view.getUint32(24) !== headerCrc(bytes, keyLength)) return
  if (!isRecordKind(kind)) return
  return {
    kind,
    key: toKey(bytes.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + keyLength)),
    id: readId(view, 10),
    dataBytes: view.getUint32(16),
    dataCrc: view.getUint32(20),
  }
}

/** Is `data` what was written with this header? */
export async function isWhole({ kind, key, dataCrc: crc }: RecordHeader, data: Bytes): Promise<boolean> {
  return kind === RECORD_KINDS.block ? matchesKey(key, data) : crc === crc32c(data)
}

export function encodeIds(ids: readonly number[]): Bytes {
  const out = new Uint8Array(ids.length * ID_BYTES)
  const view = new DataView(out.buffer)
  for (const [index, id] of ids.entries()) writeId(view, index * ID_BYTES, id)
  return out
}

export function decodeIds(data: Uint8Array): number[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const count = Math.floor(data.length / ID_BYTES)
  return Array.from({ length: count }, (_, index) => readId(view, index * ID_BYTES))
}

function isRecordKind(kind: number): kind is RecordKind {
  return kind >= RECORD_KINDS.block && kind <= RECORD_KINDS.batch
}

function dataCrc(kind: RecordKind, data: Uint8Array): number {
  return kind === RECORD_KINDS.block ? 0 : crc32c(data)
}

function headerCrc(header: Uint8Array, keyLength: number): number {
  const fixed = crc32c(header.subarray(MARKER_BYTES, 24))
  return crc32c(header.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + keyLength), fixed)
}

function writeId(view: DataView, at: number, id: number): void {
  view.setUint16(at, Math.floor(id / 2 ** 32))
  view.setUint32(at + 2, id % 2 ** 32)
}

function readId(view: DataView, at: number): number {
  return view.getUint16(at) * 2 ** 32 + view.getUint32(at + 2)
}
