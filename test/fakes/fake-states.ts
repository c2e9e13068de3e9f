import { type Signal, signal } from '@preact/signals'
import { type DistrictsState, NO_DISTRICTS } from '#api/governance-types.ts'
import { type ChainLandState, NO_CHAIN } from '#api/land-types.ts'
import type { MachineState } from '#api/machine-types.ts'
import type { NetworkState } from '#api/network-types.ts'
import type { FilesState } from '#api/object-types.ts'
import type { GraphState } from '#api/search-types.ts'
import { EMPTY_SEED_STATE, type SeedState } from '#api/seed-types.ts'
import type { KeysState, LandState, StorageState, WalletState } from '#api/types.ts'
import { EMPTY_PURSE, type PurseState } from '#api/wallet-types.ts'

/** The states of a Tabland, which a test sets. */
export interface FakeStates {
  readonly network: Signal<NetworkState>
  readonly storage: Signal<StorageState>
  readonly seed: Signal<SeedState>
  readonly land: Signal<LandState>
  readonly chain: Signal<ChainLandState>
  readonly districts: Signal<DistrictsState>
  readonly graph: Signal<GraphState>
  readonly wallet: Signal<WalletState | undefined>
  readonly keys: Signal<KeysState>
  readonly purse: Signal<PurseState>
  readonly files: Signal<FilesState>
  readonly machine: Signal<MachineState>
}

/** As they are before anything happened. */
export function createFakeStates(): FakeStates {
  return {
    network: signal({
      network: 'test',
      peerId: '12D3KooWFakePeerOfThisTabAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      mode: 'direct',
      join: { phase: 'starting', progress: 0.1 },
      relays: [],
      peers: [],
    }),
    storage: signal({
      kind: 'opfs',
      blocks: 0,
      bytes: 0,
      servedBytes: 0,
      servedPeers: 0,
      fetchedBytes: 0,
    }),
    seed: signal(EMPTY_SEED_STATE),
    land: signal({ builds: new Map() }),
    graph: signal({
      ...{ particles: 0, links: 0, neurons: 0, sync: undefined, rank: undefined },
      index: { isOn: true, done: 0, total: 0 },
    }),
    wallet: signal(undefined),
    keys: signal({ kind: 'browser' }),
    purse: signal(EMPTY_PURSE),
    files: signal({ published: [], publishing: [], handed: [] }),
    chain: signal<ChainLandState>(NO_CHAIN),
    districts: signal<DistrictsState>(NO_DISTRICTS),
    machine: signal<MachineState>({ isNamed: false, forks: [], falseStakes: [], refused: [] }),
  }
}
