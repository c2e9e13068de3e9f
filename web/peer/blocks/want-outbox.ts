import type { Timers } from '#core/timers.ts'
import type { BitswapPort, WantEntry } from './bitswap-port.ts'
import { blockKey } from './block-key.ts'
import { type BlockPeer, remember } from './wants.ts'

/** Wants that arise together travel together. */
const FLUSH_MS = 2

export interface WantOutboxInit {
  readonly peers: ReadonlyMap<string, BlockPeer>
  readonly port: Pick<BitswapPort, 'send'>
  readonly timers: Timers
  readonly onUndelivered: (peer: string, entries: readonly WantEntry[]) => void
  readonly signal: AbortSignal
}

/** Entries of want lists on their way to peers. */
export interface WantOutbox {
  tell(peer: string, entry: WantEntry): void
  stop(): void
}

export function createWantOutbox({ peers, port, timers, onUndelivered, signal }: WantOutboxInit): WantOutbox {
  let cancelFlush: (() => void) | undefined

  function tell(peer: string, entry: WantEntry): void {
    const known = peers.get(peer)
    if (known === undefined) return
    const key = blockKey(entry.cid)
    known.outbox.set(key, entry)
    if (entry.kind !== 'cancel') remember(known.remembered, key)
    cancelFlush ??= timers.after(FLUSH_MS, flush)
  }

  function flush(): void {
    cancelFlush = undefined
    for (const [peer, known] of peers) {
      if (known.outbox.size === 0) continue
      const full = !known.greeted
      const marker: WantEntry = { cid: known.marker, kind: 'have' }
      const entries = [...known.outbox.values(), ...(full ? [marker] : [])]
      known.outbox.clear()
      known.greeted = true
      port.send(peer, entries, { full, signal: signal }).catch(() => onUndelivered(peer, entries))
    }
  }

  return { tell, stop: () => cancelFlush?.() }
}
