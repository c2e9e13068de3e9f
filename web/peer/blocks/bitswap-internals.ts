import type { Libp2p, PeerId } from '@libp2p/interface'
import type { Helia } from 'helia'
import type { CID } from 'multiformats/cid'
import { PeerError } from '../errors.ts'

// What is used of @helia/bitswap 4.0.19 behind its types; `bitswap-port.test.ts` fails when an update changes it.

export interface Message {
  full: boolean
  pendingBytes: number
  readonly wantlist: Map<string, WantListEntry>
  readonly blocks: Map<string, { readonly prefix: Uint8Array; readonly data: Uint8Array }>
  readonly blockPresences: Map<string, BlockPresence>
}

export interface WantListEntry {
  readonly cid: Uint8Array
  readonly priority: number
  /** absent where a peer leaves it out: a block is wanted */
  readonly wantType?: 'WantBlock' | 'WantHave'
  readonly cancel?: boolean
  readonly sendDontHave?: boolean
}

export interface BlockPresence {
  readonly cid: Uint8Array
  readonly type: 'HaveBlock' | 'DoNotHaveBlock'
}

/** As it came from a peer. */
export interface ReceivedMessage {
  readonly wantlist?: {
    readonly full?: boolean
    readonly entries: readonly WantListEntry[]
  }
}

export interface SendOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (event: { readonly type: string; readonly detail?: unknown }) => void
}

export interface Network extends EventTarget {
  readonly libp2p: Pick<Libp2p, 'getConnections' | 'addEventListener' | 'removeEventListener'>
  sendMessage(peerId: PeerId, message: Message, options?: SendOptions): Promise<void>
}

export interface WantList extends EventTarget {
  readonly peers: { keys(): Iterable<PeerId> }
}

/** The side that answers: Helia's is replaced, see `want-server.ts`. */
export interface PeerWantLists {
  readonly blockstore: {
    has(cid: CID): boolean | Promise<boolean>
    get(cid: CID, options: { readonly offline: true }): AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  }
  receiveMessage(peer: PeerId, message: ReceivedMessage): void
  receivedBlock(cid: CID): Promise<void>
  peerDisconnected(peer: PeerId): void
}

export interface Broker {
  readonly bitswap: {
    readonly network: Network
    readonly wantList: WantList
    readonly peerWantLists: PeerWantLists
  }
  retrieve(cid: CID, options?: { readonly signal?: AbortSignal }): Promise<Uint8Array>
}

/** @throws BITSWAP_MISSING when Helia was made or started without it */
export function brokerOf(helia: Pick<Helia, 'hasBlockBroker'>): Broker {
  const { blockBrokers = [] } = helia as unknown as { readonly blockBrokers?: readonly Partial<Broker>[] }
  const broker = blockBrokers.find(({ bitswap }) => bitswap !== undefined)
  const { network, peerWantLists } = broker?.bitswap ?? {}
  if (network !== undefined && peerWantLists?.receiveMessage !== undefined && broker?.retrieve !== undefined)
    return broker as Broker
  throw new PeerError(
    'BITSWAP_MISSING',
    'This Helia has no bitswap, or one of another version: expected @helia/bitswap 4.0.19, started.',
  )
}

export function emptyMessage(): Message {
  return { full: false, pendingBytes: 0, wantlist: new Map(), blocks: new Map(), blockPresences: new Map() }
}

/** A stream that breaks is reported by this progress event and nowhere else. */
const BROKEN_STREAM = 'bitswap:send-wantlist:error'

/** Sends a message whole. @throws PEER_GONE; an abort's reason; what the dial says */
export async function sendWhole(
  network: Network,
  peer: PeerId,
  message: Message,
  signal: AbortSignal,
): Promise<void> {
  let failure: unknown
  const onProgress: SendOptions['onProgress'] = (event) => {
    if (event.type === BROKEN_STREAM) failure = event.detail
  }
  await network.sendMessage(peer, message, { onProgress, signal })
  if (failure !== undefined) throw peerGone(peer.toString(), failure)
}

export function peerGone(peer: string, cause?: unknown): PeerError {
  return new PeerError('PEER_GONE', `The connection to peer …${peer.slice(-6)} broke, or ended before.`, {
    cause,
  })
}
