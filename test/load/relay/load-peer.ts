import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { type GossipSub, gossipsub } from '@libp2p/gossipsub'
import { type Identify, identify } from '@libp2p/identify'
import { type Connection, FaultTolerance, type Libp2p, type Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { type Ping, ping } from '@libp2p/ping'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { gossipOptions } from '#peer/options.ts'

const ECHO = '/load/echo/1.0.0'
/** This machine is busy with all sides at once, which five and six seconds, the defaults, do not allow for. */
const JOIN_TIMEOUT_MS = 30_000
const LIMITED = { runOnLimitedConnection: true }

export type LoadPeer = Libp2p<{ identify: Identify; ping: Ping; pubsub?: GossipSub }>

export interface LoadPeerInit {
  /** where it reserves; a refusal leaves it without */
  readonly relay: string
  readonly gossip?: boolean
}

/** A light peer: what a reservation and a circuit need, and gossip when it is told to. */
export async function createLoadPeer({ relay, gossip = false }: LoadPeerInit): Promise<LoadPeer> {
  const node = await createLibp2p<{ identify: Identify; ping: Ping; pubsub?: GossipSub }>({
    addresses: { listen: [`${relay}/p2p-circuit`] },
    transports: [webSockets(), circuitRelayTransport({ reservationCompletionTimeout: JOIN_TIMEOUT_MS })],
    transportManager: { faultTolerance: FaultTolerance.NO_FATAL },
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    connectionManager: { reconnectRetries: 0, addressDialTimeout: JOIN_TIMEOUT_MS },
    services: {
      identify: identify(),
      ping: ping(),
      ...(gossip ? { pubsub: gossipsub(gossipOptions('local')) } : {}),
    },
  })
  await node.handle(
    ECHO,
    (stream: Stream) => {
      stream.addEventListener('message', ({ data }) => void stream.send(data))
      // a stream that stays open takes one of the 32 places that libp2p gives a protocol
      stream.addEventListener('remoteCloseWrite', () => void stream.close().catch(() => {}))
    },
    LIMITED,
  )
  return node
}

export function isReserved(peer: LoadPeer): boolean {
  return peer.getMultiaddrs().some((address) => address.toString().includes('/p2p-circuit'))
}

/** Resolves once `bytes` came back. */
export function echo(connection: Connection, bytes: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    connection.newStream(ECHO, { ...LIMITED, signal }).then((stream) => {
      let received = 0
      stream.addEventListener('message', ({ data }) => {
        received += data.byteLength
        if (received < bytes) return
        stream.close().catch(() => {}) // the answer is whole
        resolve()
      })
      stream.addEventListener('close', ({ error }) => reject(error ?? new Error('closed')))
      stream.send(new Uint8Array(bytes))
    }, reject)
  })
}
