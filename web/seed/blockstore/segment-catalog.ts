import type { Bytes } from '#core/bytes.ts'
import { MAX_BLOCK_BYTES } from '#core/limits.ts'
import { decodeIds, markerOf, RECORD_KINDS } from './record.ts'
import { type ScannedRecord, type ScanResult, scanSegment } from './scan-segment.ts'
import type { SegmentFolder, StoreLocks } from './segment-folder.ts'
import type { SegmentIndex } from './segment-index.ts'
import { segmentLock } from './segment-writer.ts'

export interface SegmentCatalogInit {
  readonly folder: SegmentFolder
  readonly locks: StoreLocks
  readonly index: SegmentIndex
}

/** Keeps the index in step with the segments of a folder, whoever writes them. */
export class SegmentCatalog {
  readonly #init: SegmentCatalogInit
  /** how far each segment was read: a commit's end, or an orphan's last whole record */
  readonly #ends = new Map<string, number>()

  constructor(init: SegmentCatalogInit) {
    this.#init = init
  }

  segments(): string[] {
    return [...this.#ends.keys()]
  }

  end(segment: string): number {
    return this.#ends.get(segment) ?? 0
  }

  /** of all segments, as far as they were read */
  diskBytes(): number {
    let bytes = 0
    for (const end of this.#ends.values()) bytes += end
    return bytes
  }

  /** The segment is indexed up to `end`. Never goes back: a slower scan may report what a faster one passed. */
  advance(segment: string, end: number): void {
    this.#ends.set(segment, Math.max(end, this.end(segment)))
  }

  forget(segment: string): void {
    this.#ends.delete(segment)
    this.#init.index.forget(segment)
  }

  /** Reads what is new in all segments but `own`, and forgets those that are gone. */
  async refresh(own: string | undefined): Promise<void> {
    const present = await this.#init.folder.list()
    for (const segment of present) if (segment !== own) await this.update(segment)
    const kept = new Set(present)
    for (const segment of this.segments()) if (!kept.has(segment) && segment !== own) this.forget(segment)
  }

  /** Reads what is new in one segment. If nobody owns it, its tail is checked and believed as far as it is whole. */
  async update(segment: string): Promise<void> {
    const size = await this.#init.folder.size(segment)
    if (size === undefined) return this.forget(segment)
    if (this.#ends.has(segment) && size === this.end(segment)) return
    const release = await this.#init.locks.tryHold(segmentLock(segment))
    try {
      await this.readTail(segment, release === undefined ? 'live' : 'orphan')
    } finally {
      release?.()
    }
  }

  /** As `update`; 'orphan' needs the segment's lock, which the caller holds. */
  async readTail(segment: string, tail: 'live' | 'orphan'): Promise<void> {
    const { records, end } = await this.scan(segment, this.end(segment), tail)
    for (const record of records) await this.#apply(segment, record)
    this.advance(segment, end)
  }

  async scan(segment: string, from: number, tail: 'live' | 'orphan'): Promise<ScanResult> {
    return scanSegment({
      marker: markerOf(segment),
      size: (await this.#init.folder.size(segment)) ?? 0,
      from,
      tail,
      maxDataBytes: MAX_BLOCK_BYTES,
      read: (at, length) => this.#init.folder.read(segment, at, length),
    })
  }

  /** A record's data, or undefined when it is cut off or its segment is gone. */
  async readData(segment: string, at: number, bytes: number): Promise<Bytes | undefined> {
    const data = await this.#init.folder.read(segment, at, bytes)
    return data?.length === bytes ? data : undefined
  }

  async #apply(segment: string, { kind, key, id, dataAt, dataBytes }: ScannedRecord): Promise<void> {
    if (kind === RECORD_KINDS.block) {
      this.#init.index.add(key, { segment, id, at: dataAt, bytes: dataBytes })
    }
    if (kind === RECORD_KINDS.tombstone) {
      const data = await this.readData(segment, dataAt, dataBytes)
      if (data !== undefined) this.#init.index.bury(key, decodeIds(data))
    }
  }
}
