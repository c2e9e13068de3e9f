/** How a root is used and moved since the list was written. */
export interface RootUse {
  usedAt?: number
  sentBytes: number
  receivedBytes: number
  whole: boolean
}

/** Adds what was counted before and could not be written. */
export function mergeUse(into: RootUse, from: RootUse): void {
  into.sentBytes += from.sentBytes
  into.receivedBytes += from.receivedBytes
  into.whole ||= from.whole
  if (from.usedAt !== undefined) into.usedAt = Math.max(into.usedAt ?? 0, from.usedAt)
}
