import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import type { Helia } from 'helia'
import { varint } from 'multiformats'
import { base64 } from 'multiformats/bases/base64'
import { CID } from 'multiformats/cid'
import { decode as decodeDigest } from 'multiformats/hashes/digest'
import { toHex } from '#core/bytes.ts'
import { PeerError } from '../errors.ts'
import { isMarker } from './marker.ts'

/** One entry of a want list. */
export interface WantEntry {
  readonly cid: CID
  /** 'have' asks whether the peer has it; 'cancel' takes a want back */
  readonly kind: 'block' | 'have' | 'cancel'
}

export interface ReceivedBlock {
  readonly peer: string
  /** of the hash that the bytes have, whatever was asked for: see `blockKey` */
  readonly key: string
  readonly bytes: Uint8Array
}

export interface OutgoingBlock {
  /** as it was asked for */
  readonly cid: CID
  readonly bytes: number
}

/** Holds blocks back that would be sent now. */
export interface SendGate {
  /** blocks that pass together, in bytes; at least one does */
  groupBytes(): number
  pass(bytes: number, signal: AbortSignal | undefined): Promise<void>
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

export interface SendWantsOptions {
  /** Everything that was asked for before is taken back, by an earlier life of this peer too. @default false */
  readonly full?: boolean
  readonly signal?: AbortSignal
}

/** Bitswap as messages to single peers: what Helia's broadcasts to everybody is left out. */
export interface BitswapPort {
  /** connected peers that speak bitswap */
  peers(): readonly string[]
  listen(listener: BitswapPortListener): () => void
  send(peer: string, wants: readonly WantEntry[], options?: SendWantsOptions): Promise<void>
}

export interface BitswapPortInit {
  /** @default lets all go at once */
  readonly gate?: SendGate
  readonly onSent?: (peer: string, block: OutgoingBlock) => void
}

/** Under which a block is known, whatever its CID's version and codec. */
export function blockKey(cid: CID): string {
  return toHex(cid.multihash.bytes)
}

// What is used of @helia/bitswap 4.0.19 behind its types; `bitswap-port.test.ts` fails when an update changes it.

interface Message {
  full: boolean
  pendingBytes: number
  readonly wantlist: Map<string, WantListEntry>
  readonly blocks: Map<string, { readonly prefix: Uint8Array; readonly data: Uint8Array }>
  readonly blockPresences: Map<string, unknown>
}

interface WantListEntry {
  readonly cid: Uint8Array
  readonly priority: number
  readonly wantType: 'WantBlock' | 'WantHave'
  readonly cancel: boolean
  readonly sendDontHave: boolean
}

interface SendOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (event: { readonly type: string; readonly detail?: unknown }) => void
}

/** A stream that breaks is reported by this progress event and nowhere else. */
const BROKEN_STREAM = 'bitswap:send-wantlist:error'

interface Network extends EventTarget {
  readonly libp2p: Pick<Libp2p, 'getConnections' | 'addEventListener' | 'removeEventListener'>
  sendMessage(peerId: PeerId, message: Message, options?: SendOptions): Promise<void>
}

interface WantList extends EventTarget {
  readonly peers: { keys(): Iterable<PeerId> }
}

interface Broker {
  readonly bitswap: { readonly network: Network; readonly wantList: WantList }
  retrieve(cid: CID, options?: { readonly signal?: AbortSignal }): Promise<Uint8Array>
}

interface BlockEvent {
  readonly sender: PeerId
  readonly cid: CID
  readonly block: Uint8Array
}

interface MessageEvent {
  readonly peer: PeerId
  readonly message: {
    readonly wantlist?: {
      readonly entries: readonly { readonly cid: Uint8Array; readonly cancel?: boolean }[]
    }
  }
}

interface PresenceEvent {
  readonly sender: PeerId
  readonly cid: CID
  readonly has: boolean
  readonly block?: Uint8Array
}

/** @throws BITSWAP_MISSING when Helia was made or started without it */
function brokerOf(helia: Pick<Helia, 'hasBlockBroker'>): Broker {
  const { blockBrokers = [] } = helia as unknown as { readonly blockBrokers?: readonly Partial<Broker>[] }
  const broker = blockBrokers.find(({ bitswap }) => bitswap !== undefined)
  if (broker?.bitswap?.network !== undefined && broker.retrieve !== undefined) return broker as Broker
  throw new PeerError(
    'BITSWAP_MISSING',
    'This Helia has no bitswap, or one of another version: expected @helia/bitswap 4.0.19, started.',
  )
}

/**
 * Opens the bitswap of a started Helia.
 *
 * @throws BITSWAP_MISSING
 */
export function openBitswapPort(helia: Helia, init: BitswapPortInit = {}): BitswapPort {
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
  const sendMessage = network.sendMessage.bind(network)
  network.sendMessage = (peerId, message, options = {}) =>
    message.blocks.size === 0
      ? sendMessage(peerId, message, options)
      : sendBlocks({ ...init, sendMessage }, peerId, message, options)

  return {
    peers: () => [...ids.keys()],

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
      if (peerId === undefined)
        throw new PeerError('PEER_GONE', `Peer …${peer.slice(-6)} is not connected any more.`)
      const message = { ...emptyMessage(), full }
      for (const { cid, kind } of wants) {
        message.wantlist.set(base64.encode(cid.multihash.bytes), {
          cid: cid.bytes,
          priority: 1,
          wantType: kind === 'have' ? 'WantHave' : 'WantBlock',
          cancel: kind === 'cancel',
          sendDontHave: kind !== 'cancel',
        })
      }
      let failure: unknown
      const onProgress: SendOptions['onProgress'] = (event) => {
        if (event.type === BROKEN_STREAM) failure = event.detail
      }
      await sendMessage(peerId, message, { onProgress, ...(signal === undefined ? {} : { signal }) })
      if (failure !== undefined)
        throw new PeerError('PEER_GONE', `The connection to peer …${peer.slice(-6)} broke.`, {
          cause: failure,
        })
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

function emptyMessage(): Message {
  return { full: false, pendingBytes: 0, wantlist: new Map(), blocks: new Map(), blockPresences: new Map() }
}

interface BlockSender extends BitswapPortInit {
  readonly sendMessage: Network['sendMessage']
}

/** Blocks go out in groups, each when the gate opens; presences travel first, as they are small. */
async function sendBlocks(
  { sendMessage, gate, onSent }: BlockSender,
  peerId: PeerId,
  message: Message,
  options: SendOptions,
): Promise<void> {
  const peer = peerId.toString()
  for (const group of groupsOf(message, () => gate?.groupBytes() ?? Number.POSITIVE_INFINITY)) {
    await gate?.pass(sizeOf(group), options.signal)
    let failed = false
    const onProgress: SendOptions['onProgress'] = (event) => {
      if (event.type === BROKEN_STREAM) failed = true
      options.onProgress?.(event)
    }
    await sendMessage(peerId, group, { ...options, onProgress })
    if (failed) return
    for (const [key, { prefix, data }] of group.blocks)
      onSent?.(peer, { cid: cidOf(key, prefix), bytes: data.length })
  }
}

function* groupsOf(message: Message, groupBytes: () => number): Generator<Message> {
  let group: Message = { ...message, blocks: new Map() }
  let bytes = 0
  for (const [key, block] of message.blocks) {
    if (bytes > 0 && bytes + block.data.length > groupBytes()) {
      yield group
      group = emptyMessage()
      bytes = 0
    }
    group.blocks.set(key, block)
    bytes += block.data.length
  }
  yield group
}

function sizeOf({ blocks }: Message): number {
  let bytes = 0
  for (const { data } of blocks.values()) bytes += data.length
  return bytes
}

/** A prefix is the CID without its digest: version, codec, hash code and hash length as varints. */
function cidOf(key: string, prefix: Uint8Array): CID {
  const digest = decodeDigest(base64.decode(key))
  const [version, read] = varint.decode(prefix)
  const [codec] = varint.decode(prefix, read)
  return version === 0 ? CID.createV0(digest as never) : CID.createV1(codec, digest)
}
