import type { ContentRouting, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import { utf8 } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import type { NetworkName } from '#core/network.ts'
import type { Timers } from '#core/timers.ts'

const RAW = 0x55
const SHA2_256 = 0x12
/** Heartbeats find peers within a second; this finds those that no common relay connects. */
const FIRST_MS = 2_000
const INTERVAL_MS = 60_000
const TIMEOUT_MS = 15_000
const MAX_FOUND = 64

/** The content that every peer of a network provides, whatever else it holds ([NE4]). */
export function rendezvousCid(network: NetworkName): CID {
  return CID.createV1(RAW, createDigest(SHA2_256, sha256(utf8(`/tabland/${network}/rendezvous/1.0.0`))))
}

export interface RendezvousInit {
  readonly network: NetworkName
  readonly timers: Timers
  /** is there somebody to ask, and need of more peers? */
  readonly isWanted: () => boolean
  readonly onFound: (peerId: PeerId, addresses: readonly Multiaddr[]) => void
  /** @default Math.random */
  readonly random?: () => number
}

/** Looks for peers by their provider records, as long as there are too few. */
export function createRendezvous(
  routing: Pick<ContentRouting, 'findProviders'>,
  { network, timers, isWanted, onFound, random = Math.random }: RendezvousInit,
): { start(): void; stop(): void } {
  const stopping = new AbortController()
  let cancel: (() => void) | undefined

  async function look(): Promise<void> {
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(TIMEOUT_MS)])
    let found = 0
    for await (const { id, multiaddrs } of routing.findProviders(rendezvousCid(network), { signal })) {
      onFound(id, multiaddrs)
      found += 1
      if (found >= MAX_FOUND) return
    }
  }

  /** Less up to half by chance: tabs that joined in the same instant do not go on asking together. */
  function schedule(ms: number): void {
    cancel = timers.after(Math.round(ms * (1 - random() / 2)), async () => {
      if (isWanted()) await look().catch(() => {}) // nobody knew more: asked again next time
      if (!stopping.signal.aborted) schedule(INTERVAL_MS)
    })
  }

  return {
    start: () => schedule(FIRST_MS),
    stop() {
      stopping.abort()
      cancel?.()
    },
  }
}
