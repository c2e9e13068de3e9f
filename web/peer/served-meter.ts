import type { Libp2p, Stream } from '@libp2p/interface'

const BITSWAP = '/ipfs/bitswap/1.2.0'
/** A want list of 60 entries stays below this; a message above it carries a block. */
const BLOCK_MESSAGE_BYTES = 4 * 1024

export interface Served {
  /** bytes of messages that carried blocks, since start */
  readonly bytes: number
  /** how many different peers they went to */
  readonly peers: number
}

export interface ServedMeter {
  read(): Served
  stop(): void
}

/**
 * Counts what this peer serves: bitswap tells nobody to whom it sent how much, so its outgoing streams are
 * watched. Messages too small to be told from want lists are left out.
 */
export function createServedMeter(libp2p: Pick<Libp2p, 'use' | 'unuse'>): ServedMeter {
  const byPeer = new Map<string, number>()
  libp2p.use(BITSWAP, (stream, connection, next) => {
    meterSends(stream, (bytes) => {
      const peer = connection.remotePeer.toString()
      byPeer.set(peer, (byPeer.get(peer) ?? 0) + bytes)
    })
    next(stream, connection)
  })
  return {
    read: () => ({ bytes: [...byPeer.values()].reduce((sum, bytes) => sum + bytes, 0), peers: byPeer.size }),
    stop: () => libp2p.unuse(BITSWAP),
  }
}

function meterSends(stream: Stream, onBlocks: (bytes: number) => void): void {
  const send = stream.send.bind(stream)
  stream.send = (data) => {
    if (data.byteLength >= BLOCK_MESSAGE_BYTES) onBlocks(data.byteLength)
    return send(data)
  }
}
