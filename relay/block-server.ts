import { withBitswap } from '@helia/bitswap'
import type { HeliaWithLibp2p } from '@helia/libp2p'
import { createHeliaLight } from 'helia'
import type { Blockstore } from 'interface-blockstore'
import type { NetworkName } from '#core/network.ts'
import type { Transport } from '#core/transport.ts'
import { type BlockNetwork, createBlockNetwork } from '#peer/blocks/block-network.ts'
import { serveCopies } from '#peer/copies-server.ts'
import { BITSWAP_OPTIONS } from '#peer/options.ts'
import type { RelayLibp2p } from './relay-node.ts'

export interface BlockServerInit {
  readonly transport: Transport
  readonly network: NetworkName
}

export interface BlockServer {
  readonly helia: HeliaWithLibp2p
  /** what moves, caps, and the exchange that fetches what is not here */
  readonly blocks: BlockNetwork
  stop(): Promise<void>
}

/**
 * Serves the blocks of `blockstore` by bitswap on a node that runs already, and proves that it has them ([SE6]).
 * `stop` leaves the node running.
 */
export async function createBlockServer(
  libp2p: RelayLibp2p,
  blockstore: Blockstore,
  { transport, network }: BlockServerInit,
): Promise<BlockServer> {
  // Helia starts a libp2p of its own unless it finds one: it is given the relay's.
  const light = Object.defineProperty(createHeliaLight({ blockstore }), 'libp2p', { value: libp2p })
  const helia = withBitswap(light as unknown as HeliaWithLibp2p, BITSWAP_OPTIONS)
  await helia.start()
  const blocks = createBlockNetwork(helia, libp2p)
  const unserve = serveCopies(
    { requests: transport.requests, blockstore: helia.blockstore },
    { network, peerId: libp2p.peerId.toString() },
  )
  return {
    helia,
    blocks,
    async stop() {
      unserve()
      blocks.stop()
      await helia.stop()
    },
  }
}
