import type { Bytes } from '#core/bytes.ts'
import { isAppError } from '#core/errors.ts'
import type { BlockEngine, ReadResult, StoredBlock, StoreStats } from './block-engine.ts'
import type { BlockKey } from './block-key.ts'
import { compactSegment, isWorthCompacting } from './compact-segments.ts'
import { type StoreErrorCode, storeClosed } from './errors.ts'
import { decodeIds, encodeIds, ID_BYTES, RECORD_KINDS } from './record.ts'
import { SegmentCatalog } from './segment-catalog.ts'
import type { SegmentFolder, StoreChannel, StoreLocks, StoreNews } from './segment-folder.ts'
import { SegmentIndex } from './segment-index.ts'
import { type Adopted, type PendingRecord, SegmentWriter, segmentLock } from './segment-writer.ts'
import { assertMatchesKey, matchesKey } from './verify-block.ts'
import { takeGroup, type WriteOperation } from './write-group.ts'

export interface SegmentEngineInit {
  readonly folder: SegmentFolder
  readonly locks: StoreLocks
  readonly channel: StoreChannel
  /** Lets messages that wait be handled, so that their blocks share the next flush. */
  readonly pause: () => Promise<void>
  /** called after the store changed by other tabs' doing */
  readonly onChange?: (stats: StoreStats) => void
  /** @default DEFAULT_SEGMENT_BYTES */
  readonly segmentBytes?: number
}

/** Compaction rewrites at most this much at a time; 10 GB of cache are 160 files. */
export const DEFAULT_SEGMENT_BYTES = 64 * 1024 * 1024
/** Chromium grants room in steps of 1 MiB: one for the tombstones' new segment, one for the step's remainder. */
const RESERVE_BYTES = 2 * 1024 * 1024
/** How often, and after how long, a tombstone is tried again once the reserve was given up: 2 s in all. */
const ROOM_TRIES = 20
const ROOM_WAIT_MS = 100
/** So far beyond what the store may take, blocks wait until garbage was freed: half of what the quota may be missed by. */
const HELD_BACK = 1.05
const COMPACTION_LOCK = 'compaction'

/**
 * Blocks in append-only segments. Each store (tab) writes a segment of its own and reads those of the others;
 * no lock covers the whole. Puts that wait together share one flush. See README.md for the format's rules.
 */
export class SegmentEngine implements BlockEngine {
  readonly #init: SegmentEngineInit
  readonly #index = new SegmentIndex()
  readonly #catalog: SegmentCatalog
  readonly #writer: SegmentWriter
  readonly #segmentBytes: number
  readonly #queue: WriteOperation[] = []
  readonly #putting = new Map<BlockKey, Promise<void>>()
  readonly #news = new Map<string, StoreNews>()
  #writing: Promise<void> | undefined
  #refreshing: { readonly done: Promise<void>; next?: Promise<void> } | undefined
  #readingNews: Promise<void> | undefined
  #compacting: Promise<void> | undefined
  #diskLimit = Number.POSITIVE_INFINITY
  /** what the store took after blocks had waited; less when it shrank since */
  #freedTo = 0
  /** no new calls */
  #closed = false
  /** no new writes, not even of calls that began before */
  #sealed = false

  /** Reads the folder's segments. Everything acknowledged before, by whichever tab, is there when it resolves. */
  static async open(init: SegmentEngineInit): Promise<SegmentEngine> {
    const engine = new SegmentEngine(init)
    init.channel.onNews((news) => engine.#hear(news))
    await engine.refresh()
    // without the reserve everything works but deletion on a full disk
    await init.folder.reserve(RESERVE_BYTES).catch(() => undefined)
    engine.#compactSoon()
    return engine
  }

  private constructor(init: SegmentEngineInit) {
    this.#init = init
    this.#segmentBytes = init.segmentBytes ?? DEFAULT_SEGMENT_BYTES
    this.#catalog = new SegmentCatalog({ ...init, index: this.#index })
    this.#writer = new SegmentWriter({
      folder: init.folder,
      locks: init.locks,
      segmentBytes: this.#segmentBytes,
      adopt: () => this.#adopt(),
    })
  }

  stats(): StoreStats {
    return { ...this.#index.stats, diskBytes: this.#catalog.diskBytes() }
  }

  limitDisk(bytes: number): void {
    this.#diskLimit = bytes
    this.#compactSoon()
  }

  async has(key: BlockKey): Promise<boolean> {
    this.#assertOpen()
    return this.#index.has(key)
  }

  async list(): Promise<readonly StoredBlock[]> {
    this.#assertOpen()
    await this.refresh()
    return this.#index.list()
  }

  async put(key: BlockKey, bytes: Bytes): Promise<void> {
    this.#assertOpen()
    await assertMatchesKey(key, bytes)
    if (this.#index.has(key)) {
      // another tab may have deleted it a moment ago
      await this.refresh()
      if (this.#index.has(key)) return
    }
    await this.#untilFreed()
    const waiting = this.#putting.get(key)
    if (waiting !== undefined) return waiting
    const record = { kind: RECORD_KINDS.block, key, id: this.#newId(), data: bytes } as const
    const operation = { records: () => [record], bytes: bytes.length, alone: false }
    const done = this.#writeOrCompact(operation).finally(() => {
      if (this.#putting.get(key) === done) this.#putting.delete(key)
    })
    this.#putting.set(key, done)
    return done
  }

  /**
   * Blocks are verified by their whole hash, not the CRC alone ([SE2]): damage that keeps a CRC is rare but
   * bytes that somebody changed on purpose are not damage.
   */
  async get(key: BlockKey): Promise<ReadResult> {
    this.#assertOpen()
    let damaged = false
    for (const lastTry of [false, true]) {
      for (const location of this.#index.find(key)) {
        const bytes = await this.#catalog.readData(location.segment, location.at, location.bytes)
        if (bytes !== undefined && (await matchesKey(key, bytes))) return { bytes, damaged: false }
        this.#index.drop(key, location)
        // cut off or gone: the segment was compacted or taken back, which the refresh finds out
        if (bytes === undefined) continue
        damaged = true
        await this.#bury(key, [location.id]).catch(() => undefined)
      }
      if (!lastTry) await this.refresh()
    }
    return { damaged }
  }

  async delete(key: BlockKey): Promise<void> {
    this.#assertOpen()
    this.#putting.delete(key)
    if (!this.#index.has(key) && this.#queue.length === 0 && this.#writing === undefined) await this.refresh()
    await this.#bury(key)
    this.#compactSoon()
  }

  /** Reads what other tabs wrote since. Callers share a run, but never one that began before they asked. */
  async refresh(): Promise<void> {
    const running = this.#refreshing
    if (running !== undefined) {
      running.next ??= running.done.then(() => this.refresh())
      return running.next
    }
    const done = this.#catalog.refresh(this.#writer.segment).finally(() => {
      this.#refreshing = undefined
    })
    this.#refreshing = { done: done.catch(() => undefined) }
    return done
  }

  /** Rewrites segments that are mostly garbage, unless another tab is at it. Resolves when none is left. */
  async compact(): Promise<void> {
    this.#assertOpen()
    this.#compacting ??= this.#compact().finally(() => {
      this.#compacting = undefined
    })
    return this.#compacting
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#compacting?.catch(() => undefined)
    this.#sealed = true
    await this.#writing
    await this.#readingNews?.catch(() => undefined)
    await this.#refreshing?.done
    await this.#writer.seal()
    this.#init.channel.close()
  }

  #assertOpen(): void {
    if (this.#closed) throw storeClosed()
  }

  #newId(): number {
    const view = new DataView(crypto.getRandomValues(new Uint8Array(ID_BYTES)).buffer)
    return view.getUint32(0) * 2 ** 16 + view.getUint16(4)
  }

  /** Tombstones for the records `ids` of `key`, or for all that are known when it is written. */
  async #bury(key: BlockKey, ids?: readonly number[]): Promise<void> {
    const records = (): readonly PendingRecord[] => {
      const dead = ids ?? this.#index.find(key).map(({ id }) => id)
      if (dead.length === 0) return []
      return [{ kind: RECORD_KINDS.tombstone, key, id: this.#newId(), data: encodeIds(dead) }]
    }
    for (let tries = 0; ; tries++) {
      try {
        await this.#write({ records, bytes: 0, alone: true })
        return
      } catch (error) {
        const isFull = isAppError<StoreErrorCode>(error, 'STORE_QUOTA_EXCEEDED')
        if (!isFull || tries === ROOM_TRIES || this.#closed) throw error
        if (tries === 0) await this.#init.folder.reserve(0)
        // a browser may count freed room a moment later
        else await new Promise((resolve) => setTimeout(resolve, ROOM_WAIT_MS))
      }
    }
  }

  /** A full disk may hold garbage that an earlier compaction had no room to rewrite. */
  async #writeOrCompact(operation: Omit<WriteOperation, 'resolve' | 'reject'>): Promise<void> {
    try {
      await this.#write(operation)
    } catch (error) {
      const full = isAppError<StoreErrorCode>(error, 'STORE_QUOTA_EXCEEDED')
      if (!full || this.#closed || !this.#hasGarbage()) throw error
      await this.compact().catch(() => undefined)
      await this.#write(operation)
    }
  }

  #write(operation: Omit<WriteOperation, 'resolve' | 'reject'>): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#sealed) return reject(storeClosed())
      this.#queue.push({ ...operation, resolve, reject })
      this.#writing ??= this.#drain().finally(() => {
        this.#writing = undefined
      })
    })
  }

  async #drain(): Promise<void> {
    await this.#init.pause()
    while (this.#queue.length > 0) {
      const group = takeGroup(this.#queue)
      try {
        await this.#writeGroup((await Promise.all(group.map(({ records }) => records()))).flat())
        for (const { resolve } of group) resolve()
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
      await this.#init.pause()
    }
  }

  async #writeGroup(records: readonly PendingRecord[]): Promise<void> {
    if (records.length === 0) return
    const written = await this.#writer.append(records)
    for (const { record, segment, at } of written) {
      const { kind, key, id, data } = record
      if (kind === RECORD_KINDS.block) this.#index.add(key, { segment, id, at, bytes: data.length })
      else this.#index.bury(key, decodeIds(data))
    }
    const segment = (written[0] as (typeof written)[number]).segment
    if (segment === this.#writer.segment) this.#catalog.advance(segment, this.#writer.end)
    else await this.#catalog.update(segment)
    this.#init.channel.post({ type: 'grown', segment })
  }

  async #adopt(): Promise<Adopted | undefined> {
    for (const segment of this.#catalog.segments()) {
      if (this.#catalog.end(segment) > this.#segmentBytes / 2) continue
      const release = await this.#init.locks.tryHold(segmentLock(segment))
      if (release === undefined) continue
      if ((await this.#init.folder.size(segment)) === undefined) {
        release()
        continue
      }
      await this.#catalog.readTail(segment, 'orphan')
      return { segment, end: this.#catalog.end(segment), release }
    }
    return
  }

  #hear(news: StoreNews): void {
    if (this.#closed) return
    this.#news.set(news.segment, news)
    this.#readingNews ??= this.#readNews()
      .catch(() => undefined)
      .finally(() => {
        this.#readingNews = undefined
      })
  }

  async #readNews(): Promise<void> {
    while (this.#news.size > 0) {
      const news = [...this.#news.values()]
      this.#news.clear()
      for (const { type, segment } of news) {
        if (segment === this.#writer.segment) continue
        if (type === 'removed') this.#catalog.forget(segment)
        else await this.#catalog.update(segment)
      }
      this.#init.onChange?.(this.stats())
    }
  }

  #compactSoon(): void {
    // best effort: what it leaves behind is found again at the next deletion or opening
    if (!this.#closed && this.#hasGarbage()) this.compact().catch(() => undefined)
  }

  /** Who writes faster than garbage is freed waits for that, but not twice for what cannot be freed. */
  async #untilFreed(): Promise<void> {
    const taken = this.#catalog.diskBytes()
    this.#freedTo = Math.min(this.#freedTo, taken)
    const isOutgrown = taken > this.#diskLimit * HELD_BACK && taken > this.#freedTo * HELD_BACK
    if (!isOutgrown || !this.#hasGarbage()) return
    // best effort: a block that was asked for is stored all the same
    await this.compact().catch(() => undefined)
    this.#freedTo = this.#catalog.diskBytes()
  }

  #hasGarbage(): boolean {
    return this.#catalog.segments().some((segment) => this.#isWorthCompacting(segment))
  }

  async #compact(): Promise<void> {
    const release = await this.#init.locks.tryHold(COMPACTION_LOCK)
    if (release === undefined) return
    try {
      await this.refresh()
      for (const segment of this.#byLiveShare()) {
        if (this.#closed) return
        // one may find no room for its copies, and the next need none
        await this.#compactIfWorth(segment).catch(() => undefined)
      }
    } finally {
      release()
    }
  }

  /** What needs the fewest copies for its size first: on a full disk it makes the room for the rest. */
  #byLiveShare(): string[] {
    const share = (segment: string) =>
      this.#index.liveBytes(segment) / Math.max(1, this.#catalog.end(segment))
    return this.#catalog.segments().sort((a, b) => share(a) - share(b))
  }

  #isWorthCompacting(segment: string): boolean {
    return isWorthCompacting({
      size: this.#catalog.end(segment),
      liveBytes: this.#index.liveBytes(segment),
      segmentBytes: this.#segmentBytes,
      pressed: this.#isPressed(),
    })
  }

  #isPressed(): boolean {
    return this.#catalog.diskBytes() > this.#diskLimit
  }

  async #compactIfWorth(segment: string): Promise<void> {
    const { folder, locks, channel } = this.#init
    if (!this.#isWorthCompacting(segment)) return
    if (segment === this.#writer.segment) await this.#sealOwn()
    const release = await locks.tryHold(segmentLock(segment))
    if (release === undefined) return
    try {
      await this.#catalog.readTail(segment, 'orphan')
      const removed = await compactSegment({
        segment,
        catalog: this.#catalog,
        index: this.#index,
        pressed: this.#isPressed(),
        write: (records, bytes) => this.#write({ records: () => records, bytes, alone: true }),
      })
      if (!removed) return
      await folder.remove(segment)
      this.#catalog.forget(segment)
      channel.post({ type: 'removed', segment })
      await folder.reserve(RESERVE_BYTES).catch(() => undefined)
    } finally {
      release()
    }
  }

  /** Between two groups, for the writer serves one caller at a time. */
  async #sealOwn(): Promise<void> {
    const records = async (): Promise<readonly PendingRecord[]> => {
      await this.#writer.seal()
      return []
    }
    await this.#write({ records, bytes: 0, alone: true })
  }
}
