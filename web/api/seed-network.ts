import type { ReadonlySignal } from '@preact/signals'
import type { BlockTraffic, Copies, DagFetcher, TrafficCaps } from '#core/seeding.ts'
import type { Content } from '#peer/content.ts'
import type { CopiesWatch } from '#seed/copies-watch.ts'
import type { Fetches } from '#seed/fetches.ts'
import type { NetworkState } from './network-types.ts'

/** What seeding needs of the network. */
export interface SeedNetwork {
  readonly state: ReadonlySignal<NetworkState>
  readonly content: Pick<Content, 'add' | 'addFolder' | 'read' | 'getOwnBlock'>
  readonly traffic: BlockTraffic
  readonly caps: TrafficCaps
  readonly fetcher: DagFetcher
  readonly copies: Copies
  /** provider record in the DHT and in the neighbourhood */
  readonly provide: (cid: string) => Promise<void>
  /** called for each peer once it is connected; returns the unsubscriber */
  readonly onConnect: (listener: () => void) => () => void
}

/** The network with what seeding does over it. */
export interface Joined extends SeedNetwork {
  readonly fetches: Fetches
  readonly watch: CopiesWatch
}
