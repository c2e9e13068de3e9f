import type { PeerId } from '@libp2p/interface'
import { peerIdFromCID } from '@libp2p/peer-id'
import type { Helia } from 'helia'
import { CID } from 'multiformats/cid'
import { MAX_PROVIDED } from '#core/limits.ts'

const PROVIDE_TIMEOUT_MS = 20_000

export interface Providing {
  /** Tells the DHT that this peer holds `cid`; without a relay that waits until there is one. */
  provide(cid: CID): Promise<void>
  /** Tells everything again, as a relay that was started anew knows nothing. */
  repeat(): Promise<void>
  stop(): void
}

/** Provider records ([NE4]): a peer that wants a content finds by them whom to dial. */
export function createProviding(
  routing: Pick<Helia['routing'], 'provide'>,
  canProvide: () => boolean,
): Providing {
  const provided = new Set<string>()
  const stopping = new AbortController()
  let repeating = false

  async function announce(cid: CID): Promise<void> {
    const timeout = AbortSignal.timeout(PROVIDE_TIMEOUT_MS)
    await routing.provide(cid, { signal: AbortSignal.any([stopping.signal, timeout]) })
  }

  return {
    async provide(cid) {
      const key = cid.toString()
      provided.delete(key)
      provided.add(key)
      const [oldest] = provided
      if (provided.size > MAX_PROVIDED && oldest !== undefined) provided.delete(oldest)
      if (canProvide()) await announce(cid)
    },

    async repeat() {
      if (repeating) return
      repeating = true
      try {
        for (const key of [...provided].reverse()) {
          if (stopping.signal.aborted) return
          await announce(CID.parse(key)).catch(() => {}) // the next relay is told again
        }
      } finally {
        repeating = false
      }
    },

    stop: () => stopping.abort(),
  }
}

/** Peers that say by their records that they hold a content, this one left out. */
export async function* findProviders(
  routing: Pick<Helia['routing'], 'findProviders'>,
  self: PeerId,
  root: CID,
  signal: AbortSignal,
): AsyncGenerator<PeerId> {
  for await (const { id } of routing.findProviders(root, { signal })) {
    const peer = peerIdFromCID(id)
    if (!self.equals(peer)) yield peer
  }
}
