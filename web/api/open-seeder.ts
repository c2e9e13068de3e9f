import type { ReadonlySignal } from '@preact/signals'
import type { Cell } from '#core/land.ts'
import type { RecordStore } from '#core/record-store.ts'
import type { Timers } from '#core/timers.ts'
import type { GraphService } from '#graph/graph-types.ts'
import type { BlocksOfProfile } from '#seed/kept-store.ts'
import type { ProfileTabs } from '#seed/profile-tabs.ts'
import { createParcelsAway } from './parcels-away.ts'
import type { Persistence } from './seed-storage.ts'
import { createSeeder } from './seeder.ts'
import type { Seeder } from './seeder-types.ts'
import type { LandState, WalletState } from './types.ts'

/** What seeding asks of parts that are built after the store. */
export interface SeedersWorld {
  readonly graph: Pick<GraphService, 'rankOf'>
  readonly land: ReadonlySignal<LandState>
  readonly wallet: ReadonlySignal<WalletState | undefined>
  /** of the visitor, in cells; undefined where no world is drawn */
  readonly position: () => Cell | undefined
}

export interface OpenSeederInit {
  readonly blocks: BlocksOfProfile
  readonly store: RecordStore
  readonly tabs: ProfileTabs
  readonly timers: Timers
  readonly persistence?: Persistence | undefined
  /** undefined until the other parts are there */
  readonly world: () => SeedersWorld | undefined
  readonly onFailure: (error: unknown) => void
}

const NO_LAND: LandState = { builds: new Map() }

/** The seeder of a real profile: real time, randomness, ranks and places. */
export function openSeeder({ world, ...init }: OpenSeederInit): Seeder {
  return createSeeder({
    ...init,
    now: Date.now,
    random: Math.random,
    newId: () => crypto.randomUUID(),
    rankShare: async (cid) => (await world()?.graph.rankOf(cid))?.share,
    parcelsAway: createParcelsAway({
      land: () => world()?.land.peek() ?? NO_LAND,
      position: () => world()?.position(),
    }),
    ownAddress: () => world()?.wallet.peek()?.address,
  })
}
