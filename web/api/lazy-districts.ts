import { computed, type ReadonlySignal, signal } from '@preact/signals'
import type { RestrictedCategory } from '#core/districts.ts'
import { type DistrictsState, NO_DISTRICTS } from './governance-types.ts'
import type { LandState } from './types.ts'

export interface LoadedDistricts {
  readonly state: ReadonlySignal<DistrictsState>
  /** the land without what its visitor did not opt in to */
  readonly visible: (land: LandState) => LandState
  readonly show: (category: RestrictedCategory, isShown: boolean) => void
}

/** The districts of a chain, before the code that reads them is here. */
export interface LazyDistricts {
  readonly state: ReadonlySignal<DistrictsState>
  /** what this visitor is shown ([CH8]) */
  readonly land: ReadonlySignal<LandState>
  readonly show: LoadedDistricts['show']
}

const NOTHING: Pick<LandState, 'builds' | 'tokens'> = { builds: new Map(), tokens: [] }

/** @param load begins to read; absent where the chain has no districts, and nothing is hidden */
export function lazyDistricts(
  land: ReadonlySignal<LandState>,
  load?: () => Promise<LoadedDistricts>,
): LazyDistricts {
  const loaded = signal<LoadedDistricts | undefined>(undefined)
  const early = signal<DistrictsState>(
    load === undefined ? NO_DISTRICTS : { ...NO_DISTRICTS, kind: 'reading' },
  )
  load?.().then(
    (found) => {
      loaded.value = found
    },
    (error: { readonly code?: string; readonly message: string }) => {
      const { code = 'UNKNOWN', message } = error
      early.value = { ...NO_DISTRICTS, kind: 'unknown', failure: { code, message } }
    },
  )
  return {
    state: computed(() => loaded.value?.state.value ?? early.value),
    land: computed(() => {
      const view = loaded.value
      if (view !== undefined) return view.visible(land.value)
      // what may be restricted is not shown for the moment in which nobody knows
      return early.value.kind === 'reading' ? { ...land.value, ...NOTHING } : land.value
    }),
    show: (category, isShown) => loaded.peek()?.show(category, isShown),
  }
}
