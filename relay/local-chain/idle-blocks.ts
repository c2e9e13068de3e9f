import type { Timers } from '#core/timers.ts'
import { createActingClient } from './act-together.ts'

export interface IdleBlocksInit {
  /** a chain that makes blocks only for what is written */
  readonly url: string
  readonly timers: Timers
  /** @default 15 s */
  readonly intervalMs?: number | undefined
}

const INTERVAL_MS = 15_000
/** Each block is 1.6 kB of the state that is kept: 1 MB in a day, where blocks of 15 s would make it 9 MB. */
const MAX_INTERVAL_MS = 120_000
/** Of the time since something was written: whoever waits for a date waits so much longer at most. */
const LATENESS = 1 / 40

/**
 * Lets the time of a chain go on where nobody writes, by empty blocks: auctions and votes end by the newest block.
 *
 * @returns ends it
 */
export function startIdleBlocks({ url, timers, intervalMs = INTERVAL_MS }: IdleBlocksInit): () => void {
  const client = createActingClient(url)
  let newest: bigint | undefined
  let idleMs = 0
  let cancel = later()
  let isStopped = false

  function later(): () => void {
    const waitMs = Math.max(intervalMs, Math.min(idleMs * LATENESS, MAX_INTERVAL_MS))
    return timers.after(waitMs, () => {
      idleMs += waitMs
      // what failed is tried again after the next wait
      void go()
        .catch(() => {})
        .finally(() => {
          if (!isStopped) cancel = later()
        })
    })
  }

  async function go(): Promise<void> {
    const found = await client.getBlockNumber()
    const isWritten = newest !== undefined && found !== newest
    newest = found
    if (isWritten) idleMs = 0
    else if (!isStopped) {
      await client.mine({ blocks: 1 })
      newest = found + 1n
    }
  }

  return () => {
    isStopped = true
    cancel()
  }
}
