import { type ReadonlySignal, signal } from '@preact/signals'
import { DEFAULT_SEED_SETTINGS } from '#core/seeding.ts'
import { apiError } from './errors.ts'
import type { SeedState, Tabland } from './types.ts'

export const EMPTY_SEED_STATE: SeedState = {
  items: [],
  adding: [],
  texts: { count: 0, bytes: 0 },
  pinnedBytes: 0,
  cachedBytes: 0,
  settings: DEFAULT_SEED_SETTINGS,
  quotaBytes: DEFAULT_SEED_SETTINGS.quotaBytes,
  persisted: false,
  history: [],
  serving: { status: 'nothing', items: 0, wholeItems: 0, reachablePeers: 0, takingPeers: 0 },
  notices: [],
}

/** What this profile keeps: its state and its commands. */
export interface Seeder {
  readonly state: ReadonlySignal<SeedState>
  readonly commands: Omit<Tabland['seed'], 'status'>
}

export function createSeeder(): Seeder {
  const closed = async (): Promise<never> => {
    throw apiError('SEED_NOT_STARTED', 'Seeding has not started yet. Wait a moment and try again.')
  }
  return {
    state: signal(EMPTY_SEED_STATE),
    commands: { pin: closed, unpin: closed, drop: closed, check: closed, set: closed, persist: closed },
  }
}
