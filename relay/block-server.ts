import { withBitswap } from '@helia/bitswap'
import type { HeliaWithLibp2p } from '@helia/libp2p'
import { createHeliaLight } from 'helia'
import type { Blockstore } from 'interface-blockstore'
import type { NetworkName } from '#core/network.ts'
import type { Transport } from '#core/transport.ts'
import { serveCopies } from '#peer/copies-server.ts'
import { BITSWAP_OPTIONS } from '#peer/options.ts'
import type { RelayLibp2p } from './relay-node.ts'

export interface BlockServerInit {
  readonly transport: Transport
  readonly network: NetworkName
}

/**
 * Serves the blocks of `blockstore` by bitswap on a node that runs already, and proves that it has them ([SE6]).
 * `stop` leaves the node running.
 */
export async function createBlockServer(
  libp2p: RelayLibp2p,
  blockstore: Blockstore,
  { transport, network }: BlockServerInit,
): Promise<{ readonly helia: HeliaWithLibp2p; stop(): Promise<void> }> {
  // Helia starts a libp2p of its own unless it finds one: it is given the relay's.
  const light = Object.defineProperty(createHeliaLight({ blockstore }), 'libp2p', { value: libp2p })
  const helia = withBitswap(light as unknown as HeliaWithLibp2p, BITSWAP_OPTIONS)
  await helia.start()
  const unserve = serveCopies(
    { requests: transport.requests, blockstore: helia.blockstore },
    { network, peerId: libp2p.peerId.toString() },
  )
  return {
    helia,
    async stop() {
      unserve()
      await helia.stop()
    },
  }
}
