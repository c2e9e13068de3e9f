import { computed, type ReadonlySignal, signal } from '@preact/signals'
import type { ParcelPlaces } from '#core/plots.ts'
import { type ChainLandApi, type ChainLandState, NO_CHAIN } from './land-types.ts'
import { requireAddress, requireCell } from './require-cell.ts'
import type { Failure } from './types.ts'

/** The land of a chain, before the code that reads it is here. */
export interface LazyChainLand {
  readonly api: ChainLandApi
  readonly state: ReadonlySignal<ChainLandState>
  /** undefined until the land is known, from the chain or from an earlier visit */
  readonly places: ReadonlySignal<ParcelPlaces | undefined>
}

export interface LoadedChainLand {
  readonly api: Omit<ChainLandApi, 'setEndpoints'>
  readonly state: ReadonlySignal<ChainLandState>
  readonly places: ReadonlySignal<ParcelPlaces | undefined>
}

export interface LazyChainLandInit {
  /** begins to read; absent where no chain is known */
  readonly load?: (() => Promise<LoadedChainLand>) | undefined
  /** stores endpoints for the next start @default nowhere */
  readonly keep?: (urls: readonly string[]) => void
  /** what a relay told of the chain otherwise than this browser knew */
  readonly changed?: Failure | undefined
}

/** Answers at once with what is known, which is nothing before the code has come. */
export function lazyChainLand({ load, keep = () => {}, changed }: LazyChainLandInit = {}): LazyChainLand {
  const loaded = signal<LoadedChainLand | undefined>(undefined)
  const early = signal<ChainLandState>({ ...NO_CHAIN, kind: load === undefined ? 'absent' : 'reading' })
  const loading = load?.().then(
    (found) => {
      loaded.value = found
      return found
    },
    (error: { readonly code?: string; readonly message: string }) => {
      const { code = 'UNKNOWN', message } = error
      early.value = { ...early.peek(), failure: { code, message } }
      return undefined
    },
  )
  const known = computed(() => loaded.value?.state.value ?? early.value)
  const state = changed === undefined ? known : computed(() => ({ ...known.value, changed }))
  return {
    state,
    places: computed(() => loaded.value?.places.value),
    api: {
      // what is asked for wrongly is told before the code is here too
      proven(x, y) {
        const cell = requireCell(x, y)
        return loaded.peek()?.api.proven(...cell)
      },
      owned(address) {
        const owner = requireAddress(address)
        return loaded.peek()?.api.owned(owner) ?? []
      },
      warned: () => loaded.peek()?.api.warned() ?? [],
      chain: () => state.peek(),
      refresh: async () => (await loading)?.api.refresh() ?? state.peek(),
      setEndpoints: keep,
    },
  }
}
