import type { Libp2p, PrivateKey } from '@libp2p/interface'
import type { ReadonlySignal } from '@preact/signals'
import type { Helia } from 'helia'
import type { Blockstore } from 'interface-blockstore'
import type { NetworkMode, NetworkState } from '#api/network-types.ts'
import type { NetworkName } from '#core/network.ts'
import type { DagFetcher } from '#core/seeding.ts'
import type { Timers } from '#core/timers.ts'
import type { Transport } from '#core/transport.ts'
import type { BlockNetwork } from './blocks/block-network.ts'
import type { PeerError } from './errors.ts'
import type { ExtraTransport } from './options.ts'
import type { KeyValue } from './relay-memory.ts'

export interface PeerNodeInit {
  readonly network: NetworkName
  readonly blockstore: Blockstore
  /** 'tab' speaks WebSocket, circuits and WebRTC; 'node' (a Node.js process) WebSocket and circuits */
  readonly kind: 'tab' | 'node'
  /** [NE6] @default 'direct' */
  readonly mode?: NetworkMode
  /** relays' multiaddrs in the order of [NE2] */
  readonly relays: readonly string[]
  /** [RE8] further relays that the page's relay named: candidates, used in direct mode only */
  readonly toldRelays?: readonly string[]
  /** STUN of our own relays ([NE1a]), `stun:host:port` */
  readonly stunUrls: readonly string[]
  /** identifies connections only; a fresh one is made when absent ([NE1]) */
  readonly privateKey?: PrivateKey
  /** where the last good relays are remembered, `localStorage` in a tab; nowhere when absent */
  readonly memory?: KeyValue
  /** In a tab: those of a worker, as a hidden page's own are held up. @default the process's own */
  readonly timers?: Timers
  readonly extra?: ExtraTransport
  /** unix ms @default Date.now */
  readonly now?: () => number
  /** A peer sent what is no block that was asked for: it is not asked for blocks any more. */
  readonly onMisbehaviour?: (peer: string, error: PeerError) => void
}

/** A joined peer: the network below everything else that a tab, a command or a test does. */
export interface PeerNode {
  readonly libp2p: Libp2p
  readonly helia: Helia
  readonly transport: Transport
  /** blocks to and from others: what moves, the caps, and the exchange that fetches them */
  readonly blocks: BlockNetwork
  /** fetches contents as a whole into the blockstore */
  readonly fetcher: DagFetcher
  readonly state: ReadonlySignal<NetworkState>
  start(): Promise<void>
  /** @throws RELAY_ADDRESS_INVALID when it does not parse or cannot be dialled from here, RELAY_TOO_MANY */
  addRelay(address: string): Promise<void>
  /** tries at once whatever waits for a back-off */
  retry(): void
  /** provider record in the DHT and in the neighbourhood */
  provide(cid: string): Promise<void>
  stop(): Promise<void>
}
