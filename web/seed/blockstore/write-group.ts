import { MAX_BLOCK_BYTES } from '#core/limits.ts'
import type { PendingRecord } from './segment-writer.ts'

/** Records that share one flush: two of the largest blocks, so that no block waits for long. */
const MAX_GROUP_BYTES = 2 * MAX_BLOCK_BYTES

/** A put or a deletion that waits to be written. */
export interface WriteOperation {
  /** Made when its turn comes, so that a deletion sees every put before it. */
  readonly records: () => readonly PendingRecord[] | Promise<readonly PendingRecord[]>
  readonly bytes: number
  /** a deletion may have to see the records of the group before it */
  readonly alone: boolean
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Takes from the queue's head what is written together. The queue is not empty. */
export function takeGroup(queue: WriteOperation[]): WriteOperation[] {
  const first = queue.shift() as WriteOperation
  const group = [first]
  let { bytes } = first
  while (!first.alone) {
    const [next] = queue
    if (next === undefined || next.alone || bytes + next.bytes > MAX_GROUP_BYTES) break
    bytes += next.bytes
    group.push(next)
    queue.shift()
  }
  return group
}
