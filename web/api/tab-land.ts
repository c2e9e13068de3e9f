import type { ChainReader } from '#chain/chain-reader.ts'
import { changedParcels } from '#chain/land/changed-parcels.ts'
import type { LandService } from '#chain/land/land-service.ts'
import { createBrowserLandStore } from '#chain/land/land-store.ts'
import type { LandTable } from '#chain/land/land-table.ts'
import type { ChainFacts } from '#core/chain-facts.ts'
import { serialOf } from '#core/land-rule.ts'
import { type NetworkName, protocolsOf } from '#core/network.ts'
import type { Timers } from '#core/timers.ts'
import type { Transport } from '#core/transport.ts'
import { describeChainLand } from './chain-land.ts'
import LandWorker from './land.worker.ts?worker'
import { createLandClient } from './land-rpc.ts'
import type { LoadedChainLand } from './lazy-chain-land.ts'
import { openChainLand } from './open-chain-land.ts'

export interface TabLandInit {
  readonly facts: ChainFacts
  /** that of the wallets @default one of its own */
  readonly reader: ChainReader | undefined
  /** where the page came from: a relay, which may have the land in bulk */
  readonly page: { readonly protocol: string; readonly href: string }
  readonly network: NetworkName
  readonly transport: Pick<Transport, 'requests' | 'neighbours'>
  readonly timers: Timers
  /** These parcels (serials) have others' words than before, by the chain; undefined: the land is proven for the first time. */
  readonly onChanged: (parcels: readonly number[] | undefined) => void
}

/** Begins to read the chain of a tab and its land; resolves when what was kept of it is shown. */
export async function startTabLand(init: TabLandInit): Promise<LoadedChainLand> {
  const { facts, reader, page, network, transport, timers } = init
  const chain = openChainLand({
    facts,
    ...(reader === undefined ? {} : { reader }),
    relays: page.protocol.startsWith('http') ? [new URL(page.href)] : [],
    verifier: createLandClient(new LandWorker({ name: 'tabland-land' })),
    store: createBrowserLandStore(`${facts.chainId} ${facts.contracts.landGrid}`),
    timers,
    now: Date.now,
    network: { transport, protocol: protocolsOf(network).land },
  })
  watchParcels(chain.land, init.onChanged)
  await chain.land.start()
  return describeChainLand({
    service: chain.land,
    chain: chain.reader.state,
    retry: chain.reader.retry,
  })
}

function watchParcels({ state }: LandService, onChanged: TabLandInit['onChanged']): void {
  let before: LandTable | undefined
  state.subscribe(({ land }) => {
    if (land.kind !== 'proven' || land.table === before) return
    const changed = before === undefined ? undefined : changedParcels(before, land.table)
    before = land.table
    onChanged(changed?.map(serialOf))
  })
}
