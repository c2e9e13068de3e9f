import { randomBytes } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bytes } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'
import { createMutex, type Mutex } from '#core/mutex.ts'
import type { RecordEntry, RecordStore } from '#core/record-store.ts'
import { type StoreErrorCode, storeClosed, toStoreError } from '#seed/blockstore/errors.ts'
import { encodeRecordHeader, markerOf, RECORD_KINDS } from '#seed/blockstore/record.ts'
import { scanSegment } from '#seed/blockstore/scan-segment.ts'
import { lockFolder } from './folder-lock.ts'
import { readUpTo, syncFolder, writeAll } from './fs-folder.ts'
import { decodeBatch, encodeBatch, type RecordChange } from './record-batch.ts'
import { SortedRecords } from './sorted-records.ts'

export interface OpenFileRecordStoreInit {
  /** Made when absent; used by one process at a time. */
  readonly folder: string
}

/** Changes written as one: the largest answer to a sync of a whole sample world, many times over. */
export const MAX_BATCH_BYTES = 64 * 1024 * 1024
/** Less garbage than this is not worth a rewrite. */
const MIN_GARBAGE_BYTES = 1024 * 1024
/** Entries that share a record when the file is rewritten. */
const REWRITE_BATCH = 256

/** records-GENERATION-MARKER.log: the highest generation is the file, and its marker that of its records. */
const LOG_NAME = /^records-([0-9a-f]{8})-([0-9a-f]{16})\.log$/

interface Log {
  readonly name: string
  readonly generation: number
  readonly marker: Bytes
  readonly handle: FileHandle
  end: number
}

interface Write {
  readonly changes: readonly RecordChange[]
  readonly data: Bytes
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * Records in one append-only file, for Node.js: all of them in memory, each change on disk before it is
 * acknowledged, changes that wait together in one flush. Damage costs the change that it is in.
 *
 * @throws STORE_FOLDER_LOCKED when another process uses the folder
 */
export async function openFileRecordStore({ folder }: OpenFileRecordStoreInit): Promise<RecordStore> {
  await mkdir(folder, { recursive: true })
  const unlock = await lockFolder(folder)
  try {
    const records = new SortedRecords()
    const log = (await openLog(folder, records)) ?? (await createLog(folder, 1, records))
    return new FileRecordStore({ folder, log, records, unlock })
  } catch (error) {
    await unlock()
    throw toStoreError(error)
  }
}

interface FileRecordStoreInit {
  readonly folder: string
  readonly log: Log
  readonly records: SortedRecords
  readonly unlock: () => Promise<void>
}

class FileRecordStore implements RecordStore {
  readonly #init: FileRecordStoreInit
  readonly #records: SortedRecords
  readonly #mutexes = new Map<string, Mutex>()
  readonly #queue: Write[] = []
  #log: Log
  #writing: Promise<void> | undefined
  #closed = false

  constructor(init: FileRecordStoreInit) {
    this.#init = init
    this.#records = init.records
    this.#log = init.log
  }

  async get(key: string): Promise<Bytes | undefined> {
    this.#assertOpen()
    return this.#records.get(key)?.slice()
  }

  /** @throws STORE_BATCH_TOO_LARGE, STORE_QUOTA_EXCEEDED, STORE_IO_FAILED */
  async put(entries: readonly RecordEntry[]): Promise<void> {
    await this.#write(entries)
  }

  async delete(keys: readonly string[]): Promise<void> {
    await this.#write(keys.map((key) => ({ key })))
  }

  async *entries(prefix: string): AsyncGenerator<RecordEntry> {
    this.#assertOpen()
    for (const key of this.#records.keys(prefix)) {
      const value = this.#records.get(key)
      if (value !== undefined) yield { key, value: value.slice() }
    }
  }

  async exclusive<T>(name: string, task: () => Promise<T>): Promise<T> {
    this.#assertOpen()
    const mutex = this.#mutexes.get(name) ?? createMutex()
    this.#mutexes.set(name, mutex)
    return mutex(task)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#writing
    await this.#log.handle.close()
    await this.#init.unlock()
  }

  #assertOpen(): void {
    if (this.#closed) throw storeClosed()
  }

  async #write(changes: readonly RecordChange[]): Promise<void> {
    this.#assertOpen()
    if (changes.length === 0) return
    const data = encodeBatch(changes)
    assertBatchSize(data.length)
    return new Promise((resolve, reject) => {
      this.#queue.push({ changes, data, resolve, reject })
      this.#writing ??= this.#drain().finally(() => {
        this.#writing = undefined
      })
    })
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const group = this.#queue.splice(0)
      try {
        await append(
          this.#log,
          group.map(({ data }) => data),
        )
        for (const { changes, resolve } of group) {
          this.#records.apply(changes)
          resolve()
        }
      } catch (error) {
        for (const { reject } of group) reject(toStoreError(error))
      }
      await this.#rewriteIfWorth()
    }
  }

  async #rewriteIfWorth(): Promise<void> {
    if (!isMostlyGarbage(this.#log, this.#records)) return
    const old = this.#log
    // a failed rewrite leaves the old file, which goes on growing until there is room
    const next = await createLog(this.#init.folder, old.generation + 1, this.#records).catch(() => undefined)
    if (next === undefined) return
    this.#log = next
    await old.handle.close()
    await rm(join(this.#init.folder, old.name), { force: true })
  }
}

function assertBatchSize(bytes: number): void {
  if (bytes <= MAX_BATCH_BYTES) return
  throw new AppError<StoreErrorCode>(
    'STORE_BATCH_TOO_LARGE',
    `Expected at most ${MAX_BATCH_BYTES} bytes of records at once, got ${bytes}; write them in several calls.`,
  )
}

function isMostlyGarbage(log: Log, records: SortedRecords): boolean {
  const garbage = log.end - records.bytes
  return garbage > MIN_GARBAGE_BYTES && garbage > log.end / 2
}

/** Opens the newest log, reads it into `records`, cuts off its torn tail and rewrites it when that pays. */
async function openLog(folder: string, records: SortedRecords): Promise<Log | undefined> {
  const names = (await readdir(folder)).filter((name) => LOG_NAME.test(name)).sort()
  const name = names.at(-1)
  if (name === undefined) return
  const [, generation = '', marker = ''] = LOG_NAME.exec(name) ?? []
  const handle = await open(join(folder, name), 'r+')
  const log: Log = {
    name,
    generation: Number.parseInt(generation, 16),
    marker: markerOf(marker),
    handle,
    end: 0,
  }
  await replay(log, records)
  if (!isMostlyGarbage(log, records)) {
    await removeAll(folder, names.slice(0, -1))
    return log
  }
  const next = await createLog(folder, log.generation + 1, records)
  await handle.close()
  await removeAll(folder, names)
  return next
}

async function replay(log: Log, records: SortedRecords): Promise<void> {
  const { size } = await log.handle.stat()
  const read = (at: number, length: number): Promise<Bytes> => readUpTo(log.handle, at, length)
  const { records: batches, end } = await scanSegment({
    marker: log.marker,
    size,
    from: 0,
    tail: 'orphan',
    maxDataBytes: MAX_BATCH_BYTES,
    read,
  })
  for (const { dataAt, dataBytes } of batches) records.apply(decodeBatch(await read(dataAt, dataBytes)))
  log.end = end
  if (size > end) await log.handle.truncate(end)
}

/** Writes `records` to a new log. It gets its name only when it is whole, and so replaces the old one at once. */
async function createLog(folder: string, generation: number, records: SortedRecords): Promise<Log> {
  const id = randomBytes(8).toString('hex')
  const name = `records-${generation.toString(16).padStart(8, '0')}-${id}.log`
  const draft = join(folder, 'draft')
  const handle = await open(draft, 'w+')
  const log: Log = { name, generation, marker: markerOf(id), handle, end: 0 }
  try {
    let batch: RecordChange[] = []
    for (const key of records.keys('')) {
      batch.push({ key, value: records.get(key) as Bytes })
      if (batch.length < REWRITE_BATCH) continue
      await append(log, [encodeBatch(batch)])
      batch = []
    }
    await append(log, batch.length === 0 ? [] : [encodeBatch(batch)])
    await rename(draft, join(folder, name))
    await syncFolder(folder)
    return log
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** All of `batches` are durable when it resolves; after a failure the next append overwrites what was written. */
async function append(log: Log, batches: readonly Bytes[]): Promise<void> {
  const parts = batches.flatMap((data) => [
    encodeRecordHeader(log.marker, { kind: RECORD_KINDS.batch, key: '', id: 0 }, data),
    data,
  ])
  try {
    await writeAll(log.handle, log.end, parts)
    await log.handle.datasync()
  } catch (error) {
    await log.handle.truncate(log.end).catch(() => undefined)
    throw error
  }
  log.end += parts.reduce((sum, { length }) => sum + length, 0)
}

async function removeAll(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) await rm(join(folder, name), { force: true })
}
