import type { Bytes } from '#core/bytes.ts'
import type { BlockKey } from './block-key.ts'
import { decodeIds, encodeIds, RECORD_KINDS, recordBytes } from './record.ts'
import type { ScannedRecord } from './scan-segment.ts'
import type { SegmentCatalog } from './segment-catalog.ts'
import type { SegmentIndex } from './segment-index.ts'
import type { PendingRecord } from './segment-writer.ts'
import { matchesKey } from './verify-block.ts'

/** A segment is rewritten when this share of it is garbage: each byte is then copied at most once on average. */
const GARBAGE_SHARE = 0.5
/** The same while the store takes more disk than it may: five bytes are copied for one, those that cost least first. */
export const PRESSED_GARBAGE_SHARE = 1 / 6
/** Less is not worth the disk's time: a sixty-fourth of a segment. */
const GARBAGE_FRACTION = 1 / 64

export interface SegmentUse {
  readonly size: number
  readonly liveBytes: number
  /** at which a segment is full */
  readonly segmentBytes: number
  /** does the store take more disk than it may? */
  readonly pressed: boolean
}

export function isWorthCompacting({ size, liveBytes, segmentBytes, pressed }: SegmentUse): boolean {
  const garbage = size - liveBytes
  return garbage >= size * shareOf(pressed) && garbage >= segmentBytes * GARBAGE_FRACTION
}

function shareOf(pressed: boolean): number {
  return pressed ? PRESSED_GARBAGE_SHARE : GARBAGE_SHARE
}

export interface CompactSegmentInit {
  readonly segment: string
  readonly catalog: SegmentCatalog
  readonly index: SegmentIndex
  readonly pressed: boolean
  /** Appends copies to another segment; they are durable when it resolves. */
  readonly write: (records: readonly PendingRecord[], bytes: number) => Promise<void>
}

/**
 * Copies what is still needed of a segment elsewhere, so that it can be removed: live blocks under their old
 * ids (a tombstone written meanwhile buries the copy too), and tombstones whose records lie in other segments.
 * A crash at any moment leaves the segment, its copies or both. Returns false when nothing would be gained.
 */
export async function compactSegment(init: CompactSegmentInit): Promise<boolean> {
  const { segment, catalog } = init
  const { records, end } = await catalog.scan(segment, 0, 'orphan')
  const needed: { readonly record: ScannedRecord; readonly ids?: readonly number[] }[] = []
  for (const record of records) {
    if (record.kind === RECORD_KINDS.block && isLive(init, record)) needed.push({ record })
    if (record.kind !== RECORD_KINDS.tombstone) continue
    const ids = decodeIds((await dataOf(init, record)) ?? new Uint8Array(0))
    if (init.index.isNeeded(segment, record.key, ids)) needed.push({ record, ids })
  }
  const neededBytes = needed.reduce((sum, { record }) => sum + recordBytes(record), 0)
  if (neededBytes > end * (1 - shareOf(init.pressed))) return false
  for (const { record, ids } of needed) {
    if (ids === undefined && (await isCopied(init, record.key))) continue
    // a damaged block is carried on as it is: the next read finds, drops and tells it
    const data = ids === undefined ? await dataOf(init, record) : encodeIds(ids)
    if (data === undefined) continue
    await init.write([{ kind: record.kind, key: record.key, id: record.id, data }], data.length)
  }
  return true
}

function isLive({ segment, index }: CompactSegmentInit, { key, dataAt }: ScannedRecord): boolean {
  return index.find(key).some((location) => location.segment === segment && location.at === dataAt)
}

async function dataOf(
  { segment, catalog }: CompactSegmentInit,
  { dataAt, dataBytes }: ScannedRecord,
): Promise<Bytes | undefined> {
  return catalog.readData(segment, dataAt, dataBytes)
}

/** Was the block carried on before, by a compaction that crashed before it could remove the segment? */
async function isCopied({ segment, catalog, index }: CompactSegmentInit, key: BlockKey): Promise<boolean> {
  for (const location of index.find(key)) {
    if (location.segment === segment) continue
    const data = await catalog.readData(location.segment, location.at, location.bytes)
    if (data !== undefined && (await matchesKey(key, data))) return true
  }
  return false
}
