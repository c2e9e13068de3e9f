import { MAX_KNOWN_PEERS } from '#core/limits.ts'
import type { BlockTraffic } from '#core/seeding.ts'

export interface Served {
  /** bytes of blocks that were sent, since start */
  readonly bytes: number
  /** how many different peers they went to; one that returns after MAX_KNOWN_PEERS others counts again */
  readonly peers: number
}

export interface ServedMeter {
  read(): Served
  stop(): void
}

/** Sums up what this peer serves. */
export function createServedMeter(traffic: BlockTraffic): ServedMeter {
  const recent = new Set<string>()
  let total = 0
  let forgotten = 0

  const stop = traffic.onBlock(({ direction, peer, bytes }) => {
    if (direction !== 'sent') return
    total += bytes
    recent.add(peer)
    const [oldest] = recent
    if (recent.size <= MAX_KNOWN_PEERS || oldest === undefined) return
    recent.delete(oldest)
    forgotten += 1
  })
  return { read: () => ({ bytes: total, peers: forgotten + recent.size }), stop }
}
