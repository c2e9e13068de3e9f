import { PRESSED_GARBAGE_SHARE } from './blockstore/compact-segments.ts'

/** [SE4] The quota is kept within a tenth, on the disk too. */
const DISK_SLACK = 0.1
/** What compaction leaves beside each byte of blocks, at the worst. */
const LASTING_GARBAGE = PRESSED_GARBAGE_SHARE / (1 - PRESSED_GARBAGE_SHARE)

export interface DiskUse {
  /** of all blocks */
  readonly liveBytes: number
  /** of the files that they are in */
  readonly diskBytes: number
  readonly quotaBytes: number
}

/**
 * What counts against the quota: the blocks, and of the garbage beside them what is more than the slack. Garbage that
 * compaction is about to free does not count: otherwise blocks would be evicted for a disk that is merely slow.
 */
export function countedBytes({ liveBytes, diskBytes, quotaBytes }: DiskUse): number {
  const lasting = Math.min(diskBytes - liveBytes, liveBytes * LASTING_GARBAGE)
  return liveBytes + Math.max(0, lasting - quotaBytes * DISK_SLACK)
}
