import { type Bytes, toHex } from '#core/bytes.ts'
import type { AppError } from '#core/errors.ts'
import { type StoreErrorCode, toStoreError } from './errors.ts'
import { encodeRecordHeader, MARKER_BYTES, markerOf, RECORD_KINDS, type RecordFields } from './record.ts'
import type { SegmentFile, SegmentFolder, StoreLocks } from './segment-folder.ts'

export interface PendingRecord extends RecordFields {
  readonly data: Bytes
}

export interface WrittenRecord {
  readonly record: PendingRecord
  readonly segment: string
  /** offset of the data */
  readonly at: number
}

export interface SegmentWriterInit {
  readonly folder: SegmentFolder
  readonly locks: StoreLocks
  /** a segment that has grown past this is left for a new one */
  readonly segmentBytes: number
  /**
   * A segment that nobody owns and that has room: `hold` is its lock, `end` where its valid records end.
   * Undefined when there is none.
   */
  readonly adopt: () => Promise<Adopted | undefined>
}

export interface Adopted {
  readonly segment: string
  readonly end: number
  readonly release: () => void
}

interface Active {
  readonly segment: string
  readonly marker: Bytes
  readonly file: SegmentFile
  readonly release: () => void
  /** end of the last commit */
  end: number
}

const EMPTY = new Uint8Array(0)
/** Parts shorter than this are joined before they are written: a write costs about as much as copying 16 KiB. */
const JOIN_BYTES = 16 * 1024

/** The name of a segment's lock: held by its owner for as long as it may write. */
export function segmentLock(segment: string): string {
  return `segment/${segment}`
}

/** Appends groups of records to the one segment that this store owns at a time. Calls must not overlap. */
export class SegmentWriter {
  readonly #init: SegmentWriterInit
  #active: Active | undefined

  constructor(init: SegmentWriterInit) {
    this.#init = init
  }

  /** the segment that this store owns now */
  get segment(): string | undefined {
    return this.#active?.segment
  }

  /** end of the owned segment's last commit */
  get end(): number {
    return this.#active?.end ?? 0
  }

  /**
   * All of `group` is durable when it resolves, or none of it is kept. A full quota is tried once more in a new
   * segment: browsers grant room in steps that double with the file, so a small file may still get some.
   * @throws STORE_QUOTA_EXCEEDED, STORE_IO_FAILED
   */
  async append(group: readonly PendingRecord[]): Promise<readonly WrittenRecord[]> {
    try {
      return await this.#appendTo(await this.#open(), group)
    } catch (error) {
      const failure = toStoreError(error)
      const hadRecords = await this.#abandon()
      if (failure.code !== 'STORE_QUOTA_EXCEEDED' || !hadRecords) throw failure
    }
    return this.#appendFresh(group)
  }

  /** Marks the segment as whole (an empty group is nothing to check after a crash) and lets go of it. */
  async seal(): Promise<void> {
    const active = this.#active
    if (active === undefined) return
    try {
      await this.#appendTo(active, [])
    } catch {
      // only the mark is missing: the next opening checks the last group instead
      await active.file.truncate(active.end).catch(() => undefined)
    }
    await this.#letGo()
  }

  async #appendFresh(group: readonly PendingRecord[]): Promise<readonly WrittenRecord[]> {
    try {
      return await this.#appendTo(await this.#create(), group)
    } catch (error) {
      const failure: AppError<StoreErrorCode> = toStoreError(error)
      await this.#abandon()
      throw failure
    }
  }

  async #appendTo(active: Active, group: readonly PendingRecord[]): Promise<readonly WrittenRecord[]> {
    const parts: Bytes[] = []
    const written: WrittenRecord[] = []
    let at = active.end
    for (const record of group) {
      const header = encodeRecordHeader(active.marker, record, record.data)
      parts.push(header, record.data)
      at += header.length + record.data.length
      written.push({ record, segment: active.segment, at: at - record.data.length })
    }
    const commit = encodeRecordHeader(active.marker, { kind: RECORD_KINDS.commit, key: '', id: 0 }, EMPTY)
    parts.push(commit)
    await active.file.write(active.end, joinSmall(parts))
    await active.file.flush()
    active.end = at + commit.length
    if (active.end >= this.#init.segmentBytes && group.length > 0) await this.seal()
    return written
  }

  async #open(): Promise<Active> {
    if (this.#active !== undefined) return this.#active
    const adopted = await this.#init.adopt()
    if (adopted !== undefined) {
      const active = await this.#take(adopted)
      if (active !== undefined) return active
    }
    return this.#create()
  }

  async #take({ segment, end, release }: Adopted): Promise<Active | undefined> {
    // a browser frees the lock of a crashed tab before its file: then leave the segment to a later owner
    const file = await this.#init.folder.open(segment).catch(() => undefined)
    if (file === undefined) {
      release()
      return
    }
    this.#active = { segment, marker: markerOf(segment), file, release, end }
    if (file.size() > end) await file.truncate(end)
    return this.#active
  }

  async #create(): Promise<Active> {
    const { folder, locks } = this.#init
    const marker = crypto.getRandomValues(new Uint8Array(MARKER_BYTES))
    const segment = toHex(marker)
    const release = await locks.tryHold(segmentLock(segment))
    const file = await folder.open(segment).catch((error: unknown) => {
      release?.()
      throw error
    })
    if (release === undefined || file === undefined) {
      throw new Error(`Segment ${segment} is taken, although its name is new`)
    }
    this.#active = { segment, marker, file, release, end: 0 }
    return this.#active
  }

  /** After a failed write: takes back what was written of it and lets go of the segment. Had it any records? */
  async #abandon(): Promise<boolean> {
    const active = this.#active
    if (active === undefined) return false
    // a failure here leaves a torn tail, which every reader ignores
    await active.file.truncate(active.end).catch(() => undefined)
    await this.#letGo(active.end === 0)
    return active.end > 0
  }

  async #letGo(remove = false): Promise<void> {
    const active = this.#active
    if (active === undefined) return
    this.#active = undefined
    try {
      await active.file.close()
      if (remove) await this.#init.folder.remove(active.segment)
    } catch {
      // what is committed is durable already; an empty file left behind is adopted later
    } finally {
      active.release()
    }
  }
}

/** Joins runs of short parts, so that a record is one write or two. */
function joinSmall(parts: readonly Bytes[]): Bytes[] {
  const out: Bytes[] = []
  let run: Bytes[] = []
  let runBytes = 0
  const close = (): void => {
    if (run.length === 1) out.push(run[0] as Bytes)
    if (run.length > 1) {
      const joined = new Uint8Array(runBytes)
      let at = 0
      for (const part of run) {
        joined.set(part, at)
        at += part.length
      }
      out.push(joined)
    }
    run = []
    runBytes = 0
  }
  for (const part of parts) {
    if (part.length > JOIN_BYTES) {
      close()
      out.push(part)
      continue
    }
    if (runBytes + part.length > 4 * JOIN_BYTES) close()
    run.push(part)
    runBytes += part.length
  }
  close()
  return out
}
