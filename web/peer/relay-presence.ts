import type { Libp2p, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { NetworkName } from '#core/network.ts'
import type { Transport } from '#core/transport.ts'
import { createPresence, type Presence } from './presence.ts'

export interface RelayPresenceComponents {
  readonly libp2p: Pick<Libp2p, 'peerId' | 'addEventListener' | 'getConnections' | 'getMultiaddrs'>
  readonly transport: Pick<Transport, 'gossip' | 'requests'>
}

/**
 * A relay's part in who is here: it checks and forwards heartbeats, and tells newcomers whom it heard, so that
 * they need not wait for the next ones. A client whose connection ended is not told of any more.
 */
export function createRelayPresence(
  { libp2p, transport }: RelayPresenceComponents,
  { network }: { readonly network: NetworkName },
): Presence {
  const presence = createPresence(
    { transport },
    {
      network,
      peerId: libp2p.peerId.toString(),
      kind: 'relay',
      webRtc: false,
      addresses: () => libp2p.getMultiaddrs(),
      directPeers: () => 0,
      isConnected: (peerId) => libp2p.getConnections(peerIdFromString(peerId)).length > 0,
    },
  )
  libp2p.addEventListener('peer:disconnect', ({ detail }: CustomEvent<PeerId>) => {
    presence.lost(detail.toString())
  })
  return presence
}
