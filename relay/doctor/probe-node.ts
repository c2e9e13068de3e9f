import { type Identify, identify } from '@libp2p/identify'
import type { Connection, IdentifyResult, Libp2p } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { type Ping, ping } from '@libp2p/ping'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { createCircuitTransport, type Reservations } from '#peer/reservations.ts'

/** for a dial with its handshake, and for an answer */
export const DIAL_TIMEOUT_MS = 8_000

/** A bare libp2p peer that asks questions: no gossip, no records, nothing that others would hear. */
export interface ProbeNode {
  readonly libp2p: Libp2p<{ identify: Identify; ping: Ping }>
  readonly reservations: Reservations
  /** Dials an address whoever answers there. */
  dial(address: Multiaddr): Promise<Connection>
  /** What the other side says of itself, and of us. */
  ask(connection: Connection): Promise<IdentifyResult>
  stop(): Promise<void>
}

export async function createProbeNode(): Promise<ProbeNode> {
  const circuit = createCircuitTransport()
  const libp2p = await createLibp2p({
    addresses: { listen: ['/p2p-circuit'] },
    transports: [webSockets(), circuit.transport],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { reconnectRetries: 0 },
    services: { identify: identify({ runOnConnectionOpen: false }), ping: ping() }, // asked by `ask`, and once only,
  })
  return {
    libp2p,
    reservations: circuit.reservations,
    dial: (address) => libp2p.dial(address, { signal: AbortSignal.timeout(DIAL_TIMEOUT_MS) }),
    ask: (connection) =>
      libp2p.services.identify.identify(connection, { signal: AbortSignal.timeout(DIAL_TIMEOUT_MS) }),
    stop: async () => libp2p.stop(),
  }
}

/** The same address without the peer id at its end: whoever answers is met, and named. */
export function withoutPeer(address: Multiaddr): Multiaddr {
  const text = address.toString()
  const at = text.lastIndexOf('/p2p/')
  return at === -1 ? address : multiaddr(text.slice(0, at))
}
