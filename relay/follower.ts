import { isAppError } from '#core/errors.ts'
import { MAX_KNOWN_PEERS } from '#core/limits.ts'
import { every, type Timers } from '#core/timers.ts'
import type { Transport } from '#core/transport.ts'
import { askHeight, type BlockSyncInit, syncBlocks } from '#peer/protocols/blocks.ts'
import { createShunnedPeers } from '#peer/shunned-peers.ts'

/** As tabs do: whoever sent what cannot be true may have been mended in an hour. */
const SHUNNED_MS = 60 * 60 * 1_000

export interface FollowerInit extends Pick<BlockSyncInit, 'machine' | 'id' | 'protocol'> {
  readonly transport: Pick<Transport, 'requests' | 'neighbours'>
  readonly timers: Timers
  /** between two looks at who has more blocks */
  readonly pollMs: number
  /** unix ms */
  readonly now: () => number
  /** does this neighbour speak the blocks' protocol? */
  readonly hasBlocks: (peer: string) => Promise<boolean>
  /** once for each peer and kind of failure */
  readonly onFailure: (error: Error) => void
}

/** Keeps a machine at the last block that any neighbour has. */
export interface Follower {
  start(): void
  /** Asks all neighbours once. */
  look(): Promise<void>
  /** Resolves when no block is being taken any more. */
  stop(): Promise<void>
}

export function createFollower(init: FollowerInit): Follower {
  const { machine, id, transport, protocol, timers, pollMs, now, hasBlocks, onFailure } = init
  const stopping = new AbortController()
  const { signal } = stopping
  const shunned = createShunnedPeers({ ms: SHUNNED_MS, maxPeers: MAX_KNOWN_PEERS, now })
  const told = new Set<string>()
  let end: (() => void) | undefined
  let looking: Promise<void> | undefined

  function fail(peer: string, error: unknown): void {
    // the connection, or a peer that is gone: it is asked again, or another one
    if (signal.aborted || !isAppError(error)) return
    if (error.code === 'SYNC_MISBEHAVIOUR') shunned.add(peer)
    const key = `${peer} ${error.code}`
    if (told.has(key)) return
    if (told.size >= MAX_KNOWN_PEERS) told.clear()
    told.add(key)
    onFailure(error)
  }

  async function take(peer: string): Promise<void> {
    const of = { transport, protocol, timers, signal }
    try {
      if (shunned.has(peer) || !(await hasBlocks(peer))) return
      if ((await askHeight(peer, { ...of, machine: id })) <= machine.tip.height) return
      await syncBlocks(peer, { ...of, machine, id, onProgress: () => {} })
    } catch (error) {
      fail(peer, error)
    }
  }

  async function look(): Promise<void> {
    for (const peer of transport.neighbours.connected()) {
      if (signal.aborted) return
      await take(peer)
    }
  }

  return {
    look,
    start() {
      end = every(timers, pollMs, () => {
        // who is still taking blocks looks again later
        looking ??= look().finally(() => {
          looking = undefined
        })
      })
    },
    async stop() {
      stopping.abort()
      end?.()
      await looking
    },
  }
}
