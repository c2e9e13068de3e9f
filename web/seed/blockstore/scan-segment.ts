import type { Bytes } from '#core/bytes.ts'
import {
  decodeRecordHeader,
  isWhole,
  MARKER_BYTES,
  MAX_KEY_BYTES,
  RECORD_HEADER_BYTES,
  RECORD_KINDS,
  type RecordHeader,
  recordBytes,
} from './record.ts'

export interface ScannedRecord extends RecordHeader {
  /** offset of the record's first byte */
  readonly at: number
  /** offset of its data */
  readonly dataAt: number
  /** offset behind it */
  readonly end: number
}

export interface ScanInit {
  readonly marker: Bytes
  readonly size: number
  /** a commit's end from an earlier scan, or 0 */
  readonly from: number
  /**
   * Whose tail to believe. 'live': the owner may be writing, so nothing behind the last commit counts.
   * 'orphan': nobody writes; whole records behind the last commit count, and the data of the last commit's
   * group is checked, for a crash of the machine may have kept the commit and lost the data.
   */
  readonly tail: 'live' | 'orphan'
  /** longer data is taken for damage */
  readonly maxDataBytes: number
  readonly read: (at: number, length: number) => Promise<Bytes | undefined>
}

export interface ScanResult {
  /** blocks, tombstones and batches in file order; commits are left out */
  readonly records: readonly ScannedRecord[]
  /** Where the next scan begins and an adopter appends: what lies behind is torn or not yet committed. */
  readonly end: number
}

/** Headers are read through a window: small records share one read, and large ones do not drag data along. */
const WINDOW_BYTES = 16 * 1024

/**
 * Reads the records of a segment from `from` on. A damaged header costs its own record only: the next one is
 * found by the marker. What cannot be read as a whole record at the end is left for the next scan.
 */
export async function scanSegment(init: ScanInit): Promise<ScanResult> {
  const read = windowed(init)
  const committed: ScannedRecord[] = []
  let lastGroup: ScannedRecord[] = []
  let open: ScannedRecord[] = []
  let committedEnd = init.from
  for (let at = init.from; at < init.size; ) {
    const record = (await recordAt(init, read, at)) ?? (await nextRecord(init, read, at + 1))
    if (record === undefined) break
    at = record.end
    if (record.kind !== RECORD_KINDS.commit) {
      open.push(record)
      continue
    }
    committed.push(...lastGroup)
    lastGroup = open
    open = []
    committedEnd = at
  }
  if (init.tail === 'live') return { records: [...committed, ...lastGroup], end: committedEnd }
  const group = await wholeRecords(init, lastGroup)
  const tail = await wholeRecords(init, open)
  return { records: [...committed, ...group, ...tail], end: tail.at(-1)?.end ?? committedEnd }
}

type Read = (at: number, length: number) => Promise<Bytes>

function windowed({ size, read }: ScanInit): Read {
  let window: Bytes = new Uint8Array(0)
  let windowAt = 0
  return async (at, length) => {
    const wanted = Math.min(length, size - at)
    if (at < windowAt || at + wanted > windowAt + window.length) {
      const bytes = Math.min(size - at, Math.max(WINDOW_BYTES, wanted))
      window = (await read(at, bytes)) ?? new Uint8Array(0)
      windowAt = at
    }
    return window.subarray(at - windowAt, at - windowAt + wanted)
  }
}

async function recordAt(init: ScanInit, read: Read, at: number): Promise<ScannedRecord | undefined> {
  const header = decodeRecordHeader(init.marker, await read(at, RECORD_HEADER_BYTES + MAX_KEY_BYTES))
  if (header === undefined || header.dataBytes > init.maxDataBytes) return
  const end = at + recordBytes(header)
  if (end > init.size) return
  return { ...header, at, dataAt: end - header.dataBytes, end }
}

/** The first whole record at or behind `from`, found by its marker. */
async function nextRecord(init: ScanInit, read: Read, from: number): Promise<ScannedRecord | undefined> {
  for (let at = from; at + RECORD_HEADER_BYTES <= init.size; ) {
    const window = await read(at, WINDOW_BYTES)
    const hit = indexOf(window, init.marker)
    if (hit >= 0) {
      const record = await recordAt(init, read, at + hit)
      if (record !== undefined) return record
      at += hit + 1
      continue
    }
    // the marker may lie across two windows; an empty window means that the file is gone
    if (window.length < MARKER_BYTES) return
    at += window.length - MARKER_BYTES + 1
  }
  return
}

function indexOf(bytes: Uint8Array, marker: Uint8Array): number {
  const first = marker[0] as number
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (at + marker.length > bytes.length) return -1
    if (marker.every((byte, index) => bytes[at + index] === byte)) return at
  }
  return -1
}

async function wholeRecords(init: ScanInit, records: readonly ScannedRecord[]): Promise<ScannedRecord[]> {
  const whole: ScannedRecord[] = []
  for (const record of records) {
    const data = await init.read(record.dataAt, record.dataBytes)
    if (data?.length === record.dataBytes && (await isWhole(record, data))) whole.push(record)
  }
  return whole
}
