import { elapsed } from '#core/elapsed.ts'
import type { Timers } from '#core/timers.ts'
import type { Anvil } from './anvil.ts'

export interface KeepAnvilInit {
  /** starts it at the same address from what was kept */
  readonly again: () => Promise<Anvil>
  readonly timers: Timers
  readonly log: (line: string) => void
  readonly signal: AbortSignal
}

/** Before the first try; a signal to all of a terminal reaches anvil before us. Doubled for each further one. */
const FIRST_PAUSE_MS = 1_000
const MAX_PAUSE_MS = 60_000

/**
 * Starts anvil again whenever its process has ended, ever more seldom where that goes on. Resolves with the newest one
 * once `signal` has aborted.
 */
export async function keepAnvil(first: Anvil, { again, timers, log, signal }: KeepAnvilInit): Promise<Anvil> {
  let anvil = first
  let pauseMs = FIRST_PAUSE_MS
  const over = new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

  async function tryAgain(): Promise<void> {
    try {
      await anvil.stop() // what it left behind
      anvil = await again()
      log(
        `Warning: the local chain had ended, and was started again at ${anvil.url}: its last 30 s may be lost.`,
      )
    } catch (error) {
      if (signal.aborted) return
      const [reason] = (error as Error).message.split('\n', 1)
      const next = `It is tried again in ${pauseMs / 1_000} s; if that goes on, start the relay anew.`
      log(`Warning: the local chain has ended and does not start: ${reason} ${next}`)
    }
  }

  for (;;) {
    await Promise.race([anvil.ended, over])
    await elapsed(pauseMs, { timers, signal })
    if (signal.aborted) return anvil
    pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)
    await tryAgain()
  }
}
