import type { Connection, PeerId } from '@libp2p/interface'
import type { Helia } from 'helia'
import { base64 } from 'multiformats/bases/base64'
import { CID } from 'multiformats/cid'
import { circuitLeftOf } from '../circuit-limits.ts'
import {
  type Broker,
  brokerOf,
  emptyMessage,
  peerGone,
  type ReceivedMessage,
  sendWhole,
} from './bitswap-internals.ts'
import { blockKey } from './block-key.ts'
import { isMarker } from './marker.ts'

/** One entry of a want list. */
export interface WantEntry {
  readonly cid: CID
  /** 'have' asks whether the peer has it, 'await' to be told once it has it; 'cancel' takes a want back */
  readonly kind: 'block' | 'have' | 'await' | 'cancel'
}

export interface ReceivedBlock {
  readonly peer: string
  /** of the hash that the bytes have, whatever was asked for: see `blockKey` */
  readonly key: string
  readonly bytes: Uint8Array
}

export interface BitswapPortListener {
  onConnect(peer: string): void
  onDisconnect(peer: string): void
  /** A circuit to a peer broke that can still be reached by another: what was on its way by the first is lost. */
  onBroken?(peer: string): void
  /** Each block that came, hashed, whoever asked for it. */
  onBlock(block: ReceivedBlock): void
  /** A peer says whether it has a block. */
  onPresence(peer: string, key: string, has: boolean): void
  /** A peer asks for blocks, or whether they are here; unchecked, and as many as fit a message. */
  onWants?(peer: string, cids: readonly CID[]): void
}

/** A want list is a few kB; a peer that does not take it in this time is given up, and others are asked. */
const SEND_MS = 20_000

export interface SendWantsOptions {
  /** Everything that was asked for before is taken back, by an earlier life of this peer too. @default false */
  readonly full?: boolean
  readonly signal?: AbortSignal
}

/** Bitswap as messages to single peers: what Helia's broadcasts to everybody is left out. */
export interface BitswapPort {
  /** connected peers that speak bitswap */
  peers(): readonly string[]
  /** Bytes that the circuit to a peer may still carry; undefined where nothing limits them. */
  circuitLeft(peer: string): number | undefined
  listen(listener: BitswapPortListener): () => void
  send(peer: string, wants: readonly WantEntry[], options?: SendWantsOptions): Promise<void>
}

interface BlockEvent {
  readonly sender: PeerId
  readonly cid: CID
  readonly block: Uint8Array
}

interface MessageEvent {
  readonly peer: PeerId
  readonly message: ReceivedMessage
}

interface PresenceEvent {
  readonly sender: PeerId
  readonly cid: CID
  readonly has: boolean
  readonly block?: Uint8Array
}

/**
 * Opens the bitswap of a started Helia.
 *
 * @throws BITSWAP_MISSING
 */
export function openBitswapPort(helia: Helia): BitswapPort {
  const { network, wantList } = brokerOf(helia).bitswap
  const ids = new Map<string, PeerId>()
  for (const peer of wantList.peers.keys()) ids.set(peer.toString(), peer)
  network.addEventListener('peer:connected', (event) => {
    const { detail } = event as CustomEvent<PeerId>
    ids.set(detail.toString(), detail)
  })
  network.addEventListener('peer:disconnected', (event) => {
    ids.delete((event as CustomEvent<PeerId>).detail.toString())
  })
  return {
    peers: () => [...ids.keys()],

    circuitLeft(peer) {
      const id = ids.get(peer)
      return id === undefined ? undefined : circuitLeftOf(network.libp2p.getConnections(id))?.bytes
    },

    listen(listener) {
      const subscriptions: [EventTarget, string, (event: Event) => void][] = [
        [network, 'peer:connected', on<PeerId>((peer) => listener.onConnect(peer.toString()))],
        [network, 'peer:disconnected', on<PeerId>((peer) => listener.onDisconnect(peer.toString()))],
        [
          wantList,
          'block',
          on<BlockEvent>(({ sender, cid, block }) =>
            listener.onBlock({ peer: sender.toString(), key: blockKey(cid), bytes: block }),
          ),
        ],
        [
          wantList,
          'presence',
          on<PresenceEvent>(({ sender, cid, has, block }) => {
            if (block === undefined) listener.onPresence(sender.toString(), blockKey(cid), has)
          }),
        ],
        [
          network.libp2p as unknown as EventTarget,
          'connection:close',
          on<Connection>(({ remotePeer, limits }) => {
            const left = network.libp2p.getConnections(remotePeer).filter(({ status }) => status === 'open')
            // beside a direct connection, which carries everything, a circuit ends when it has done its work
            const hasOnlyCircuits = left.length > 0 && left.every((other) => other.limits !== undefined)
            if (limits !== undefined && hasOnlyCircuits) listener.onBroken?.(remotePeer.toString())
          }),
        ],
      ]
      const { onWants } = listener
      if (onWants !== undefined) {
        subscriptions.push([
          network,
          'bitswap:message',
          on<MessageEvent>(({ peer, message }) => {
            const cids = wantedOf(message)
            if (cids.length > 0) onWants(peer.toString(), cids)
          }),
        ])
      }
      for (const [target, type, handler] of subscriptions) target.addEventListener(type, handler)
      return () => {
        for (const [target, type, handler] of subscriptions) target.removeEventListener(type, handler)
      }
    },

    async send(peer, wants, { full = false, signal } = {}) {
      const peerId = ids.get(peer)
      if (peerId === undefined) throw peerGone(peer)
      const message = { ...emptyMessage(), full }
      for (const { cid, kind } of wants) {
        message.wantlist.set(base64.encode(cid.multihash.bytes), {
          cid: cid.bytes,
          priority: 1,
          wantType: kind === 'have' || kind === 'await' ? 'WantHave' : 'WantBlock',
          cancel: kind === 'cancel',
          sendDontHave: kind === 'block' || kind === 'have',
        })
      }
      const limit = AbortSignal.timeout(SEND_MS)
      await sendWhole(
        network,
        peerId,
        message,
        signal === undefined ? limit : AbortSignal.any([signal, limit]),
      )
    },
  }
}

/** Blocks that Helia's own readers ask for come from `retrieve` instead of a broadcast. */
export function retrieveBy(helia: Helia, retrieve: Broker['retrieve']): void {
  brokerOf(helia).retrieve = retrieve
}

function on<T>(handle: (detail: T) => void): (event: Event) => void {
  return (event) => handle((event as CustomEvent<T>).detail)
}

/** What cannot be read is left out: bitswap itself refuses it. */
function wantedOf({ wantlist }: MessageEvent['message']): readonly CID[] {
  const cids: CID[] = []
  for (const { cid, cancel } of wantlist?.entries ?? []) {
    if (cancel === true) continue
    try {
      const wanted = CID.decode(cid)
      if (!isMarker(wanted)) cids.push(wanted)
    } catch {
      return cids
    }
  }
  return cids
}
