import { elapsed } from '#core/elapsed.ts'
import type { Timers } from '#core/timers.ts'
import type { ActingClient } from './act-together.ts'

export interface IdleBlocksInit {
  /** a chain that makes blocks only for what is written */
  readonly client: Pick<ActingClient, 'getBlockNumber' | 'mine'>
  readonly timers: Timers
  readonly log: (line: string) => void
  readonly signal: AbortSignal
}

/** Between two looks whether something was written. */
const LOOK_MS = 15_000
/**
 * Of the time since something was written: whoever waits for a date waits so much longer at most. Each block is 1.6 kB
 * of the state that is kept. A chain that lies idle makes 240 of them in a day, 480 in a year and so never a megabyte,
 * where one at each look would be 9 MB a day.
 */
const LATENESS = 1 / 40

/**
 * Lets the time of a chain go on where nobody writes, by empty blocks: auctions and votes end by the newest block. The
 * first follow each other by 15 s, later ones by a fortieth of the time since the last write. Resolves once `signal`
 * has aborted.
 */
export async function makeIdleBlocks({ client, timers, log, signal }: IdleBlocksInit): Promise<void> {
  let newest: bigint | undefined
  /** since something was written, and since the newest block */
  let [idleMs, ageMs] = [0, 0]
  let told: string | undefined

  async function look(): Promise<void> {
    const found = await client.getBlockNumber()
    if (found !== newest) {
      ;[newest, idleMs, ageMs] = [found, 0, 0]
    } else if (ageMs >= idleMs * LATENESS && !signal.aborted) {
      await client.mine({ blocks: 1 })
      ;[newest, ageMs] = [found + 1n, 0]
    }
  }

  /** Each failure once, until there is another. */
  function tell(failure: string | undefined): void {
    if (failure !== undefined && failure !== told)
      log(`Warning: the time of the local chain stands still: ${failure} It is tried again.`)
    told = failure
  }

  while (!signal.aborted) {
    const failure = await look().then(() => undefined, reasonOf)
    // it may have been stopped in the middle of an answer
    if (!signal.aborted) tell(failure)
    await elapsed(LOOK_MS, { timers, signal })
    idleMs += LOOK_MS
    ageMs += LOOK_MS
  }
}

/** viem's messages go on with the whole request. */
function reasonOf(error: unknown): string {
  return (error as Error).message.split('\n', 1)[0] ?? ''
}
