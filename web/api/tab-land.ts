import type { ChainReader } from '#chain/chain-reader.ts'
import { createBrowserLandStore } from '#chain/land/land-store.ts'
import type { ChainFacts } from '#core/chain-facts.ts'
import { type NetworkName, protocolsOf } from '#core/network.ts'
import type { Timers } from '#core/timers.ts'
import type { Transport } from '#core/transport.ts'
import { describeChainLand } from './chain-land.ts'
import LandWorker from './land.worker.ts?worker'
import { createLandClient } from './land-rpc.ts'
import { openChain } from './open-chain.ts'

export interface TabLandInit {
  readonly facts: ChainFacts
  /** that of the wallets @default one of its own */
  readonly reader: ChainReader | undefined
  /** where the page came from: a relay, which may have the land in bulk */
  readonly page: { readonly protocol: string; readonly href: string }
  readonly network: NetworkName
  readonly transport: Pick<Transport, 'requests' | 'neighbours'>
  readonly timers: Timers
}

/** Begins to read the chain of a tab and its land; resolves when what was kept of it is shown. */
export async function startTabLand(init: TabLandInit): Promise<ReturnType<typeof describeChainLand>> {
  const { facts, reader, page, network, transport, timers } = init
  const chain = openChain({
    facts,
    ...(reader === undefined ? {} : { reader }),
    relays: page.protocol.startsWith('http') ? [new URL(page.href)] : [],
    verifier: createLandClient(new LandWorker({ name: 'tabland-land' })),
    store: createBrowserLandStore(`${facts.chainId} ${facts.contracts.landGrid}`),
    timers,
    now: Date.now,
    network: { transport, protocol: protocolsOf(network).land },
  })
  await chain.land.start()
  return describeChainLand({
    service: chain.land,
    chain: chain.reader.state,
    retry: chain.reader.retry,
  })
}
