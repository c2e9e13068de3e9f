import type { Bytes } from '#core/bytes.ts'

/**
 * The little that the store needs of a place for files: OPFS in a worker, a folder in Node.js, memory in tests.
 * A segment's id is 16 hexadecimal digits and never used twice.
 */
export interface SegmentFolder {
  list(): Promise<readonly string[]>
  /** undefined when the segment is gone */
  size(id: string): Promise<number | undefined>
  /** Up to `length` bytes from `at`, fewer at the end of the file; undefined when the segment is gone. */
  read(id: string, at: number, length: number): Promise<Bytes | undefined>
  /** Opens a segment for writing, made when absent; undefined while another process still has it open. */
  open(id: string): Promise<SegmentFile | undefined>
  remove(id: string): Promise<void>
  /** Holds `bytes` of disk for the day when it is full and only a deletion can free some; 0 gives them back. */
  reserve(bytes: number): Promise<void>
}

/** A segment open for writing, by its one owner. */
export interface SegmentFile {
  size(): number
  /** Writes all of `parts`, one after the other, at `at`. On failure any of the bytes may have been written. */
  write(at: number, parts: readonly Uint8Array[]): Promise<void>
  truncate(size: number): Promise<void>
  /** Durable when it resolves. */
  flush(): Promise<void>
  close(): Promise<void>
}

/** Locks among the tabs (or stores of one process) that share a folder; freed when their holder dies. */
export interface StoreLocks {
  /** Holds `name` and returns its release, or undefined at once when another holds it. */
  tryHold(name: string): Promise<(() => void) | undefined>
}

/** What one tab tells the others that share its folder. */
export type StoreNews =
  | { readonly type: 'grown'; readonly segment: string }
  | { readonly type: 'removed'; readonly segment: string }

/** Carries news to the other tabs, never back to the sender. */
export interface StoreChannel {
  post(news: StoreNews): void
  onNews(listener: (news: StoreNews) => void): void
  close(): void
}
