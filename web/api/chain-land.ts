import { computed, type ReadonlySignal } from '@preact/signals'
import { agreeingOn, type ChainState } from '#chain/chain-reader.ts'
import type { Hex } from '#chain/hex.ts'
import type { LandKnowledge, LandReading, LandService } from '#chain/land/land-service.ts'
import { aliveUntil, type LandTable, parcelIds, placeOfCell, readParcel } from '#chain/land/land-table.ts'
import { bornAt, parcelIdOf, serialOf } from '#core/land-rule.ts'
import { BIRTH_PLACES, type ParcelPlaces } from '#core/plots.ts'
import type { ChainEndpoint, ChainLandState, ProvenParcel } from './land-types.ts'
import type { LoadedChainLand } from './lazy-chain-land.ts'

export interface ChainLandInit {
  readonly service: Pick<LandService, 'state' | 'refresh'>
  readonly chain: ReadonlySignal<ChainState>
  /** whoever failed is asked again at once */
  readonly retry: () => void
}

type KnownLand = Exclude<LandKnowledge, { kind: 'none' }>

/** The land of a chain as page and devtools see it; what is asked was checked before ({@link lazyChainLand}). */
export function describeChainLand({ service, chain, retry }: ChainLandInit): LoadedChainLand {
  const state = computed(() => describeState(service.state.value, chain.value))
  const table = computed(() => {
    const { land } = service.state.value
    return land.kind === 'none' ? undefined : land.table
  })
  const known = (): KnownLand | undefined => {
    const { land } = service.state.peek()
    return land.kind === 'none' ? undefined : land
  }
  return {
    state,
    places: computed(() => (table.value === undefined ? undefined : placesIn(table.value))),
    api: {
      proven(x, y) {
        const land = known()
        const id = land && idsByPlace(land.table).get(placeOfCell({ x, y }))
        return land === undefined || id === undefined ? undefined : describeParcel(land, id)
      },
      owned(address) {
        const owner = address.toLowerCase()
        const land = known()
        if (land === undefined) return []
        const ids = [...parcelIds(land.table)].filter((id) => readParcel(land.table, id)?.owner === owner)
        return ids.map((id) => describeParcel(land, id))
      },
      warned() {
        const land = known()
        if (land === undefined) return []
        const ids = [...parcelIds(land.table)].filter((id) => (readParcel(land.table, id)?.warnings ?? 0) > 0)
        return ids.map((id) => describeParcel(land, id)).sort((a, b) => b.lastWarningAt - a.lastWarningAt)
      },
      chain: () => state.peek(),
      async refresh() {
        retry()
        await service.refresh()
        return state.peek()
      },
    },
  }
}

/** Which parcel lies where, made once for each table. */
const places = new WeakMap<LandTable, ReadonlyMap<number, number>>()

function idsByPlace(table: LandTable): ReadonlyMap<number, number> {
  const made = places.get(table)
  if (made !== undefined) return made
  const ids = new Map<number, number>()
  for (const id of parcelIds(table)) {
    const cell = readParcel(table, id)?.cell
    if (cell !== undefined) ids.set(placeOfCell(cell), id)
  }
  places.set(table, ids)
  return ids
}

/** Where parcels lie in a land; those that were never minted will be born by the rule. */
function placesIn(table: LandTable): ParcelPlaces {
  return {
    cellOf(serial) {
      const parcel = readParcel(table, parcelIdOf(serial))
      return parcel === undefined ? BIRTH_PLACES.cellOf(serial) : parcel.cell
    },
    parcelOn(cell) {
      const id = idsByPlace(table).get(placeOfCell(cell))
      if (id !== undefined) return serialOf(id)
      const born = bornAt(cell)
      return born === undefined || readParcel(table, born) !== undefined ? undefined : serialOf(born)
    },
  }
}

function describeParcel(land: KnownLand, id: number): ProvenParcel {
  const parcel = readParcel(land.table, id)!
  const { block, blockTime } = land
  return {
    ...parcel,
    aliveUntil: aliveUntil(land.table, parcel.owner as Hex),
    block,
    blockTime,
    stale: land.kind === 'cached',
  }
}

function describeState({ land, source, refusals, failure }: LandReading, chain: ChainState): ChainLandState {
  const { head, sources } = chain
  return {
    kind: land.kind === 'none' ? 'reading' : land.kind,
    parcels: land.kind === 'none' ? 0 : idsByPlace(land.table).size,
    ...(land.kind === 'none' ? {} : { block: land.block, blockTime: land.blockTime }),
    ...(source === undefined ? {} : { source }),
    sources,
    agreeing: agreeingOn(head),
    camps: head.kind === 'accepted' || head.kind === 'disputed' ? head.camps : [],
    endpoints: chain.endpoints.map(describeEndpoint),
    refusals,
    ...(failure === undefined ? {} : { failure }),
  }
}

function describeEndpoint({ name, status }: ChainState['endpoints'][number]): ChainEndpoint {
  return status.kind === 'good'
    ? { name, status: 'good' }
    : { name, status: status.kind, failure: status.failure }
}
