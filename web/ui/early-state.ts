import { computed, type ReadonlySignal, signal } from '@preact/signals'
import { NO_DISTRICTS } from '#api/governance-types.ts'
import { NO_CHAIN } from '#api/land-types.ts'
import type { NetworkMode } from '#api/network-types.ts'
import { EMPTY_SEED_STATE } from '#api/seed-types.ts'
import type { TablandState } from '#api/types.ts'
import { EMPTY_PURSE } from '#api/wallet-types.ts'

/** The states of a tab whose peer is still being loaded: all that is known is that it starts. */
function createEarlyState(mode: NetworkMode): TablandState {
  return {
    network: signal({
      network: 'local',
      peerId: '',
      mode,
      join: { phase: 'starting', progress: 0.02 },
      relays: [],
      peers: [],
    }),
    storage: signal({
      kind: 'memory',
      blocks: 0,
      bytes: 0,
      servedBytes: 0,
      servedPeers: 0,
      fetchedBytes: 0,
    }),
    seed: signal(EMPTY_SEED_STATE),
    land: signal({ builds: new Map() }),
    chain: signal(NO_CHAIN),
    districts: signal(NO_DISTRICTS),
    graph: signal({
      particles: 0,
      links: 0,
      neurons: 0,
      sync: undefined,
      index: { isOn: true, done: 0, total: 0 },
      rank: undefined,
    }),
    wallet: signal(undefined),
    keys: signal({ kind: 'browser' }),
    purse: signal(EMPTY_PURSE),
    files: signal({ published: [], publishing: [], handed: [] }),
    machine: signal({ isNamed: false, forks: [], falseStakes: [], refused: [] }),
  }
}

/** One set of states for the page's whole life: those of a starting tab until `live` holds the real ones. */
export function followState(
  live: ReadonlySignal<TablandState | undefined>,
  mode: NetworkMode = 'direct',
): TablandState {
  const early = createEarlyState(mode)
  const now = (): TablandState => live.value ?? early
  return {
    network: computed(() => now().network.value),
    storage: computed(() => now().storage.value),
    seed: computed(() => now().seed.value),
    land: computed(() => now().land.value),
    chain: computed(() => now().chain.value),
    districts: computed(() => now().districts.value),
    graph: computed(() => now().graph.value),
    wallet: computed(() => now().wallet.value),
    keys: computed(() => now().keys.value),
    purse: computed(() => now().purse.value),
    files: computed(() => now().files.value),
    machine: computed(() => now().machine.value),
  }
}
