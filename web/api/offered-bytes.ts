import { CID } from 'multiformats/cid'
import type { Timers } from '#core/timers.ts'
import type { BitswapPort } from '#peer/blocks/bitswap-port.ts'

/** A relay that has just begun to serve blocks says so a moment later. */
const AGAIN_MS = 4_000
const MAX_OFFERS = 5
/** Copies are counted as often, for small files and large ones. */
const COUNT_MS = [10_000, 30_000, 120_000]

export interface OfferedBytesComponents {
  readonly port: Pick<BitswapPort, 'send'>
  readonly timers: Timers
  /** Asks others for proof that they have a content. */
  readonly count: (root: string) => Promise<unknown>
}

/** The bytes of what relays have keys of: without a copy of them a key opens nothing while their owner is away. */
export interface OfferedBytes {
  /** A relay with a cache fetches and keeps what is asked of it: from who asks, where nobody else has it. */
  offer(relay: string, root: string): void
  /** Copies are counted soon. */
  countSoon(root: string): void
  stop(): void
}

export function createOfferedBytes({ port, timers, count }: OfferedBytesComponents): OfferedBytes {
  const cancels = new Set<() => void>()
  let isStopped = false

  function after(ms: number, task: () => void): void {
    if (isStopped) return
    const cancel = timers.after(ms, () => {
      cancels.delete(cancel)
      task()
    })
    cancels.add(cancel)
  }

  function offer(relay: string, root: string, times = 1): void {
    port.send(relay, [{ cid: CID.parse(root), kind: 'have' }]).catch(() => {
      // after the last, the next renewal of the key offers it again
      if (times < MAX_OFFERS) after(AGAIN_MS, () => offer(relay, root, times + 1))
    })
  }

  return {
    offer: (relay, root) => offer(relay, root),
    countSoon(root) {
      for (const ms of COUNT_MS) after(ms, () => void count(root).catch(() => {})) // seeding counts by itself, too
    },
    stop() {
      isStopped = true
      for (const cancel of cancels) cancel()
      cancels.clear()
    },
  }
}
