import type { Bytes } from '#core/bytes.ts'
import type {
  SegmentFile,
  SegmentFolder,
  StoreChannel,
  StoreLocks,
  StoreNews,
} from '#seed/blockstore/segment-folder.ts'

/** What outlives a process: the bytes of each file. */
export type Disk = Map<string, Bytes>

/** The machine went down: every later use of the folder fails the same way. */
export class Crash extends Error {}

export interface MemoryFolderOptions {
  /** bytes in all files, beyond which writing fails as a browser's does */
  quota?: number
  /** called before each change of the disk; throws to crash or fail there. Returns how many bytes still get written. */
  onStep?: (step: string, bytes: number) => number
}

/** A folder of segments in memory that can be full, fail at any step and be opened again after a crash. */
export class MemoryFolder implements SegmentFolder {
  readonly disk: Disk
  readonly options: MemoryFolderOptions
  flushes = 0
  /** how much of each file is sure to outlive a power cut */
  readonly flushed = new Map<string, number>()
  readonly #open = new Set<string>()
  #reserved = 0
  #crashed = false

  constructor(disk: Disk = new Map(), options: MemoryFolderOptions = {}) {
    this.disk = disk
    this.options = options
    for (const [id, bytes] of disk) this.flushed.set(id, bytes.length)
  }

  async list(): Promise<readonly string[]> {
    return [...this.disk.keys()]
  }

  async size(id: string): Promise<number | undefined> {
    return this.disk.get(id)?.length
  }

  async read(id: string, at: number, length: number): Promise<Bytes | undefined> {
    if (this.#crashed) throw new Crash()
    return this.disk.get(id)?.slice(at, at + length)
  }

  async open(id: string): Promise<SegmentFile | undefined> {
    if (this.#open.has(id)) return
    this.step('open', 0)
    if (!this.disk.has(id)) this.disk.set(id, new Uint8Array(0))
    this.#open.add(id)
    const bytes = (): Bytes => this.disk.get(id) ?? new Uint8Array(0)
    return {
      size: () => bytes().length,
      write: async (at, parts) => {
        for (const part of parts) {
          this.#write(id, at, part)
          at += part.length
        }
      },
      truncate: async (size) => {
        this.step('truncate', 0)
        this.disk.set(id, bytes().slice(0, size))
        this.flushed.set(id, Math.min(size, this.flushed.get(id) ?? 0))
      },
      flush: async () => {
        this.step('flush', 0)
        this.flushes++
        this.flushed.set(id, bytes().length)
      },
      close: async () => {
        this.#open.delete(id)
      },
    }
  }

  async remove(id: string): Promise<void> {
    this.step('remove', 0)
    this.disk.delete(id)
  }

  async reserve(bytes: number): Promise<void> {
    if (this.#used() + bytes - this.#reserved > this.#quota()) throw full()
    this.#reserved = bytes
  }

  /** Nothing that the store still has under way reaches the disk any more. */
  crash(): void {
    this.#crashed = true
  }

  /** Counts one change; after a crash nothing changes any more. */
  step(name: string, bytes: number): number {
    if (this.#crashed) throw new Crash()
    try {
      return this.options.onStep?.(name, bytes) ?? bytes
    } catch (error) {
      this.#crashed = error instanceof Crash
      throw error
    }
  }

  #write(id: string, at: number, part: Uint8Array): void {
    const written = this.step('write', part.length)
    const old = this.disk.get(id) ?? new Uint8Array(0)
    const room = this.#quota() - this.#used() - this.#reserved
    const grown = at + part.length - old.length
    const count = Math.min(written, grown > room ? Math.max(0, part.length - (grown - room)) : part.length)
    const next = new Uint8Array(Math.max(old.length, at + count))
    next.set(old)
    next.set(part.subarray(0, count), at)
    this.disk.set(id, next)
    if (count === part.length) return
    if (count === written) {
      this.#crashed = true
      throw new Crash()
    }
    throw full()
  }

  #quota(): number {
    return this.options.quota ?? Number.POSITIVE_INFINITY
  }

  #used(): number {
    let used = this.#reserved
    for (const bytes of this.disk.values()) used += bytes.length
    return used - this.#reserved
  }
}

function full(): Error {
  return Object.assign(new Error('no room'), { name: 'QuotaExceededError' })
}

/** Locks and news for the stores of one test: each `connect` is a tab. */
export class MemoryProfile {
  readonly #held = new Map<string, symbol>()
  readonly #listeners = new Map<symbol, (news: StoreNews) => void>()

  connect(): { locks: StoreLocks; channel: StoreChannel; crash: () => void } {
    const tab = Symbol('tab')
    return {
      locks: {
        tryHold: async (name) => {
          if (this.#held.has(name)) return
          this.#held.set(name, tab)
          return () => {
            if (this.#held.get(name) === tab) this.#held.delete(name)
          }
        },
      },
      channel: {
        post: (news) => {
          for (const [other, listener] of this.#listeners) if (other !== tab) listener(news)
        },
        onNews: (listener) => this.#listeners.set(tab, listener),
        close: () => this.#listeners.delete(tab),
      },
      crash: () => {
        this.#listeners.delete(tab)
        for (const [name, holder] of this.#held) if (holder === tab) this.#held.delete(name)
      },
    }
  }
}

/** A macrotask, as a browser's message queue would give. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
