import { CID } from 'multiformats/cid'
import { MAX_KNOWN_PEERS } from '#core/limits.ts'
import type { BlockMoved, TrafficCaps } from '#core/seeding.ts'
import { toKey } from '#seed/blockstore/block-key.ts'
import type { TrafficHistory } from '#seed/history.ts'
import type { KeptStore } from '#seed/kept-store.ts'
import type { LivingTabs } from '#seed/profile-tabs.ts'
import { capsOf } from '#seed/seed-settings.ts'
import type { SeedStorage } from './seed-storage.ts'

/** A peer that took something within this time takes it now. */
const TAKING_MS = 60_000

export interface SeedTrafficInit {
  readonly kept: KeptStore
  readonly history: TrafficHistory
  /** unix ms */
  readonly now: () => number
}

/** Counts what goes out and comes in: by content, by hour, and to how many at this moment. */
export class SeedTraffic {
  readonly #init: SeedTrafficInit
  /** unix ms of the last block that a peer took, oldest first */
  readonly #takers = new Map<string, number>()

  constructor(init: SeedTrafficInit) {
    this.#init = init
  }

  hear({ direction, peer, cid, bytes }: BlockMoved): void {
    const { kept, history, now } = this.#init
    history.count(direction, bytes)
    kept.count(direction, toKey(CID.parse(cid).multihash.bytes), bytes)
    if (direction === 'received') return
    this.#takers.delete(peer)
    this.#takers.set(peer, now())
    const [oldest] = this.#takers.keys()
    if (this.#takers.size > MAX_KNOWN_PEERS && oldest !== undefined) this.#takers.delete(oldest)
  }

  takingPeers(): number {
    const since = this.#init.now() - TAKING_MS
    for (const [peer, time] of this.#takers) if (time < since) this.#takers.delete(peer)
    return this.#takers.size
  }
}

/** Hands this tab its share of the profile's caps. */
export function applyCaps(
  caps: TrafficCaps,
  { settings }: Pick<SeedStorage, 'settings'>,
  { tabs, shown }: LivingTabs,
): void {
  const { upload, download } = capsOf(settings, { tabs: tabs.size, shown })
  caps.setUploadCap(upload)
  caps.setDownloadCap(download)
}
