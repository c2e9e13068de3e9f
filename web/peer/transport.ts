import type { GossipSub } from '@libp2p/gossipsub'
import type { IdentifyResult, Libp2p, PeerId, PeerUpdate } from '@libp2p/interface'
import { type NetworkName, protocolsOf } from '#core/network.ts'
import type { Neighbours, Transport, Verdict } from '#core/transport.ts'
import { createGossip } from './gossip.ts'
import type { GossipAllowance } from './gossip-allowance.ts'
import { createPaths, type Paths } from './paths.ts'
import { createRequests } from './requests.ts'

export interface TransportInit {
  readonly network: NetworkName
  /** chooses among a peer's connections @default direct ones first, circuits at once when there is none */
  readonly paths?: Paths
  /** shared with the node's options, so that neighbours over it are graylisted */
  readonly gossipAllowance?: GossipAllowance
  /** hears of each message of gossip what was made of it */
  readonly onVerdict?: (verdict: Verdict) => void
}

/** The services that Tabland's parts need of a libp2p node, in a tab, a command or a relay. */
export type GossipLibp2p = Libp2p<{ pubsub: GossipSub }>

/** Gives the parts above libp2p their network. Handlers should be registered before the first peer connects. */
export function createTransport(
  libp2p: GossipLibp2p,
  { network, paths = createPaths(libp2p, { webRtc: false }), gossipAllowance, onVerdict }: TransportInit,
): Transport {
  return {
    gossip: createGossip(libp2p.services.pubsub, gossipAllowance, onVerdict),
    requests: createRequests({ libp2p, paths }),
    neighbours: createNeighbours(libp2p, protocolsOf(network).linksSync),
  }
}

/** A neighbour is a connected peer that says it answers `protocol`. */
function createNeighbours(
  libp2p: Pick<Libp2p, 'addEventListener' | 'getConnections'>,
  protocol: string,
): Neighbours {
  const known = new Set<string>()
  const listeners = new Set<(peer: string) => void>()

  function learn(peerId: PeerId, protocols: readonly string[]): void {
    const peer = peerId.toString()
    if (!protocols.includes(protocol) || known.has(peer) || libp2p.getConnections(peerId).length === 0) return
    known.add(peer)
    for (const listener of listeners) listener(peer)
  }

  libp2p.addEventListener('peer:identify', ({ detail }: CustomEvent<IdentifyResult>) => {
    learn(detail.peerId, detail.protocols)
  })
  libp2p.addEventListener('peer:update', ({ detail }: CustomEvent<PeerUpdate>) => {
    learn(detail.peer.id, detail.peer.protocols)
  })
  libp2p.addEventListener('peer:disconnect', ({ detail }: CustomEvent<PeerId>) => {
    known.delete(detail.toString())
  })

  return {
    connected: () => [...known],
    onConnect(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
