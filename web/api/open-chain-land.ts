import { chainError } from '#chain/chain-errors.ts'
import { type ChainReader, createChainReader } from '#chain/chain-reader.ts'
import type { Hex } from '#chain/hex.ts'
import { peerLandSource, serveLand } from '#chain/land/land-exchange.ts'
import { createLandService, type LandService } from '#chain/land/land-service.ts'
import { type LandSource, relayLandSource, rpcLandSource } from '#chain/land/land-sources.ts'
import type { LandStore } from '#chain/land/land-store.ts'
import type { LandVerifier } from '#chain/land/land-verifier.ts'
import { createSnapshots, type Snapshots } from '#chain/land/snapshots.ts'
import { createEndpoints } from '#chain/rpc/endpoint-pool.ts'
import { ofChain } from '#chain/rpc/of-chain.ts'
import type { ChainFacts } from '#core/chain-facts.ts'
import { createTsKeccak } from '#core/keccak.ts'
import type { Timers } from '#core/timers.ts'
import type { Transport } from '#core/transport.ts'

export interface OpenChainLandInit {
  readonly facts: ChainFacts
  /** who tells headers and proofs @default one over the endpoints of the facts */
  readonly reader?: ChainReader
  /** pages of relays that may have the land in bulk */
  readonly relays: readonly URL[]
  readonly verifier: LandVerifier
  readonly store?: LandStore
  readonly timers: Timers
  readonly now: () => number
  /** peers that may have the land too, and to whom it is handed on */
  readonly network?: {
    readonly transport: Pick<Transport, 'requests' | 'neighbours'>
    readonly protocol: string
  }
}

export interface OpenChainLand {
  readonly reader: ChainReader
  readonly land: LandService
  readonly snapshots: Snapshots
  stop(): void
}

/** Peers that are asked for the land before the chain itself is read word by word. */
const MAX_ASKED_PEERS = 3

/** Begins to read a chain and its land. @throws RPC_ENDPOINTS when none is configured, or one that is none */
export function openChainLand(init: OpenChainLandInit): OpenChainLand {
  const { facts, relays, verifier, store, timers, now, network } = init
  const grid = gridOf(facts)
  const { land, landSale } = facts.contracts
  const watched = [grid, land, landSale].filter((address) => address !== undefined)
  const endpoints = createEndpoints(facts.rpc, undefined, facts.told).map((endpoint) =>
    ofChain(endpoint, facts.chainId),
  )
  const reader = init.reader ?? createChainReader({ endpoints, timers, now })
  const snapshots = createSnapshots({ chainId: facts.chainId, grid })
  const keccak = createTsKeccak()

  function sources(): readonly LandSource[] {
    const peers = network?.transport.neighbours.connected().slice(0, MAX_ASKED_PEERS) ?? []
    return [
      ...relays.map((page) => relayLandSource(page)),
      ...peers.map((peer) =>
        peerLandSource({ requests: network!.transport.requests, protocol: network!.protocol, peer }),
      ),
      ...endpoints.map((endpoint) => rpcLandSource({ endpoint, grid, watched, keccak })),
    ]
  }

  const service = createLandService({
    reader,
    grid,
    sources,
    verifier,
    timers,
    ...(store === undefined ? {} : { store }),
  })
  const forget = service.state.subscribe(({ land: known }) => {
    if (known.kind === 'proven') snapshots.add(known)
  })
  const unserve = network && serveLand(network.transport.requests, network.protocol, snapshots)
  return {
    reader,
    land: service,
    snapshots,
    stop() {
      unserve?.()
      forget()
      service.stop()
    },
  }
}

function gridOf({ contracts }: ChainFacts): Hex {
  const { landGrid } = contracts
  if (landGrid !== undefined) return landGrid
  throw chainError('LAND_UNAVAILABLE', 'The addresses of the chain name no landGrid.')
}
