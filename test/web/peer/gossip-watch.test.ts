import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, PeerId, Stream } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HEARTBEAT_MS } from '#core/limits.ts'
import { createGossipWatch, type GossipWatch } from '#peer/gossip-watch.ts'

const GOSSIP = '/meshsub/1.2.0'

let peer: PeerId
let connections: Connection[]
let identified: Connection[]
let watch: GossipWatch

beforeEach(async () => {
  vi.useFakeTimers()
  peer = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  ;[connections, identified] = [[], []]
  watch = createGossipWatch({
    libp2p: { getConnections: () => connections },
    identify: async (connection) => {
      identified.push(connection)
      throw new Error('no answer')
    },
  })
  watch.start()
})
afterEach(() => {
  watch.stop()
  vi.useRealTimers()
})

const looks = (count: number) => vi.advanceTimersByTimeAsync(count * HEARTBEAT_MS)
const stream = (direction: 'inbound' | 'outbound', protocol = GOSSIP) =>
  ({ protocol, direction, status: 'open' }) as Stream
const connection = (...streams: Stream[]) => ({ status: 'open', remotePeer: peer, streams }) as Connection

describe('watch over gossip', () => {
  it('[NE5] opens its stream again to a neighbour that has none, until it stands', async () => {
    connections = [connection(stream('inbound'), stream('outbound', '/ipfs/ping/1.0.0'))]
    await looks(1)
    expect(identified).toEqual([]) // it may be about to open
    await looks(2)
    expect(identified).toEqual([connections[0], connections[0]])
    connections = [connection(stream('outbound'))]
    await looks(3)
    expect(identified).toHaveLength(2)
  })

  it('[NE5] opens it on the connection that stays when the one that carried it is closed', async () => {
    const [first, second] = [connection(stream('outbound')), connection()]
    connections = [first, second]
    await looks(3)
    expect(identified).toEqual([])
    connections = [second]
    await looks(2)
    expect(identified).toEqual([second])
  })

  it('leaves limited circuits and closed connections alone', async () => {
    connections = [
      { ...connection(), limits: { seconds: 60 } } as Connection,
      { ...connection(), status: 'closing' } as Connection,
    ]
    await looks(3)
    expect(identified).toEqual([])
  })

  it('ends with the session', async () => {
    connections = [connection()]
    watch.stop()
    await looks(3)
    expect(identified).toEqual([])
  })
})
