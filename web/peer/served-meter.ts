import type { Libp2p, Stream } from '@libp2p/interface'
import { MAX_KNOWN_PEERS } from '#core/limits.ts'

const BITSWAP = '/ipfs/bitswap/1.2.0'
/** A want list of 60 entries stays below this; a message above it carries a block. */
const BLOCK_MESSAGE_BYTES = 4 * 1024

export interface Served {
  /** bytes of messages that carried blocks, since start */
  readonly bytes: number
  /** how many different peers they went to; one that returns after MAX_KNOWN_PEERS others counts again */
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
  const recent = new Set<string>()
  let total = 0
  let forgotten = 0

  function count(peer: string, bytes: number): void {
    total += bytes
    recent.add(peer)
    const [oldest] = recent
    if (recent.size <= MAX_KNOWN_PEERS || oldest === undefined) return
    recent.delete(oldest)
    forgotten += 1
  }

  libp2p.use(BITSWAP, (stream, connection, next) => {
    meterSends(stream, (bytes) => count(connection.remotePeer.toString(), bytes))
    next(stream, connection)
  })
  return {
    read: () => ({ bytes: total, peers: forgotten + recent.size }),
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
