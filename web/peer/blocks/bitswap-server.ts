import type { PeerId } from '@libp2p/interface'
import type { Helia } from 'helia'
import { varint } from 'multiformats'
import { base64 } from 'multiformats/bases/base64'
import { CID } from 'multiformats/cid'
import { BITSWAP_OPTIONS } from '../options.ts'
import {
  brokerOf,
  emptyMessage,
  type Message,
  peerGone,
  type ReceivedMessage,
  sendWhole,
  type WantListEntry,
} from './bitswap-internals.ts'
import {
  createWantServer,
  type OutgoingBlock,
  type ReceiveOptions,
  type SendGate,
  type ServedWant,
} from './want-server.ts'
import { watchStored } from './watch-stored.ts'

export interface BitswapServerInit {
  readonly gate: SendGate
  /** A block has left. */
  readonly onSent: (peer: string, block: OutgoingBlock) => void
}

/**
 * Answers the wants of peers of a started Helia, instead of its own ledgers.
 *
 * @returns a function that ends it
 * @throws BITSWAP_MISSING
 */
export function serveBitswap(helia: Helia, { gate, onSent }: BitswapServerInit): () => void {
  const { network, peerWantLists } = brokerOf(helia).bitswap
  const ids = new Map<string, PeerId>()

  async function send(peer: string, message: Message): Promise<void> {
    const id = ids.get(peer)
    if (id === undefined) throw peerGone(peer)
    await sendWhole(network, id, message, AbortSignal.timeout(BITSWAP_OPTIONS.messageSendTimeout))
  }

  const server = createWantServer({
    blockstore: peerWantLists.blockstore,
    gate,
    sendPresences(peer, presences) {
      const message = emptyMessage()
      for (const { cid, has } of presences)
        message.blockPresences.set(nameOf(cid), {
          cid: cid.bytes,
          type: has ? 'HaveBlock' : 'DoNotHaveBlock',
        })
      return send(peer, message)
    },
    async sendBlocks(peer, blocks) {
      const message = emptyMessage()
      for (const { cid, bytes } of blocks)
        message.blocks.set(nameOf(cid), { prefix: prefixOf(cid), data: bytes })
      await send(peer, message)
      for (const block of blocks) onSent(peer, block)
    },
  })

  peerWantLists.receiveMessage = (id, { wantlist }) => {
    // a message that was still on its way when its connection closed
    if (wantlist === undefined || network.libp2p.getConnections(id).length === 0) return
    const peer = id.toString()
    ids.set(peer, id)
    server.receive(peer, ...read(wantlist))
  }
  // Helia tells of a block before it stores it: who is told then and asks for it would hear that it is not here
  peerWantLists.receivedBlock = async () => {}
  const unwatch = watchStored(helia.blockstore, (cid) => server.arrived(cid))
  peerWantLists.peerDisconnected = (id) => {
    ids.delete(id.toString())
    server.disconnect(id.toString())
  }
  return () => {
    unwatch()
    server.stop()
  }
}

type Received = NonNullable<ReceivedMessage['wantlist']>

/** Entries as far as they can be read: bitswap has no way to refuse one. */
function read({ full = false, entries }: Received): readonly [ServedWant[], ReceiveOptions] {
  const wants: ServedWant[] = []
  const cancelled: CID[] = []
  for (const entry of entries) {
    const cid = cidOf(entry)
    if (cid === undefined) break
    if (entry.cancel === true) cancelled.push(cid)
    else wants.push({ cid, kind: kindOf(entry), tellAbsent: entry.sendDontHave === true })
  }
  return [wants, { full, cancelled }]
}

const kindOf = ({ wantType }: WantListEntry) => (wantType === 'WantHave' ? 'have' : 'block')

function cidOf({ cid }: WantListEntry): CID | undefined {
  try {
    return CID.decode(cid)
  } catch {
    return undefined
  }
}

const nameOf = (cid: CID) => base64.encode(cid.multihash.bytes)

/** A CID without its digest: version, codec, hash code and hash length as varints. */
function prefixOf({ version, code, multihash }: CID): Uint8Array {
  const values = [version, code, multihash.code, multihash.digest.length]
  const prefix = new Uint8Array(values.reduce((bytes, value) => bytes + varint.encodingLength(value), 0))
  let at = 0
  for (const value of values) {
    varint.encodeTo(value, prefix, at)
    at += varint.encodingLength(value)
  }
  return prefix
}
