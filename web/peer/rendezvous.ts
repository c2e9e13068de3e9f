import type { ContentRouting, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import { utf8 } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import type { NetworkName } from '#core/network.ts'
import type { Timers } from '#core/timers.ts'
import { createBackoff } from './backoff.ts'

const RAW = 0x55
const SHA2_256 = 0x12
/** Heartbeats find peers within a second; this finds those that no common relay connects. */
const FIRST_MS = 2_000
const INTERVAL_MS = 60_000
const TIMEOUT_MS = 15_000
const MAX_FOUND = 64

/** The content that every peer of a network provides, whatever else it holds ([NE4]). */
export function rendezvousCid(network: NetworkName): CID {
  return cidOfName(`/tabland/${network}/rendezvous/1.0.0`)
}

/** The content that every relay of a network provides ([RE8]). */
export function relaysCid(network: NetworkName): CID {
  return cidOfName(`/tabland/${network}/relays/1.0.0`)
}

function cidOfName(name: string): CID {
  return CID.createV1(RAW, createDigest(SHA2_256, sha256(utf8(name))))
}

export interface RendezvousInit {
  /** what those that are looked for provide */
  readonly cid: CID
  readonly timers: Timers
  /** tells that this peer is one of them, before each look */
  readonly announce?: (signal: AbortSignal) => Promise<unknown>
  /** is there somebody to ask, and need of more peers? */
  readonly isWanted: () => boolean
  readonly onFound: (peerId: PeerId, addresses: readonly Multiaddr[]) => void
  /** @default Math.random */
  readonly random?: () => number
}

export interface Rendezvous {
  start(): void
  /** Somebody new can be asked: looks within seconds instead of within the minute. */
  soon(): void
  stop(): void
}

/** Looks for peers by their provider records, as long as there are too few. */
export function createRendezvous(
  routing: Pick<ContentRouting, 'findProviders'>,
  { cid, timers, announce, isWanted, onFound, random = Math.random }: RendezvousInit,
): Rendezvous {
  const stopping = new AbortController()
  let cancel: (() => void) | undefined
  let looking = false
  const backoff = createBackoff({ firstMs: FIRST_MS, maxMs: INTERVAL_MS, random })

  async function look(): Promise<void> {
    const timeLeft = () => AbortSignal.any([stopping.signal, AbortSignal.timeout(TIMEOUT_MS)])
    await announce?.(timeLeft()).catch(() => {}) // nobody to tell yet
    const signal = timeLeft()
    let found = 0
    for await (const { id, multiaddrs } of routing.findProviders(cid, { signal })) {
      onFound(id, multiaddrs)
      found += 1
      if (found >= MAX_FOUND) return
    }
  }

  /** Those that came at the same time tell of themselves within the first looks. */
  function schedule(): void {
    cancel = timers.after(backoff.next(), async () => {
      looking = true
      if (isWanted()) await look().catch(() => {}) // nobody knew more: asked again next time
      looking = false
      if (!stopping.signal.aborted) schedule()
    })
  }

  return {
    start: schedule,
    soon() {
      backoff.reset()
      if (looking || stopping.signal.aborted) return
      cancel?.()
      schedule()
    },
    stop() {
      stopping.abort()
      cancel?.()
    },
  }
}
