import { computed, signal } from '@preact/signals'
import {
  type DistrictService,
  type DistrictServiceInit,
  type DistrictStore,
  startDistrictService,
} from '#chain/governance/district-service.ts'
import { placeOfCell } from '#chain/land/land-table.ts'
import {
  assertDistrict,
  categoryAt,
  type District,
  type DistrictCategory,
  MAX_DISTRICTS,
  RESTRICTED_CATEGORIES,
  type RestrictedCategory,
} from '#core/districts.ts'
import type { Cell } from '#core/land.ts'
import { apiError } from './errors.ts'
import type { DistrictsState } from './governance-types.ts'
import type { LoadedDistricts } from './lazy-districts.ts'
import { describeTyped } from './typed-input.ts'
import type { LandState, ParcelBuild } from './types.ts'

type Memory = Pick<Storage, 'getItem' | 'setItem'>

const SHOWN_KEY = 'tabland/districts/shown'
/** 64 districts of 64 corners in digits and names, rounded up. */
const MAX_KEPT_CHARS = 128 * 1024

export interface OpenDistrictsInit extends Pick<DistrictServiceInit, 'reader' | 'address'> {
  readonly chainId: number
  /** of the profile; without one, choices last as long as the page */
  readonly memory: Memory | undefined
}

/** Reads the districts of a chain, and keeps to what this visitor wants to see of them ([CH8]). */
export function openDistricts({ reader, address, chainId, memory }: OpenDistrictsInit): LoadedDistricts {
  const store = createDistrictStore(memory, `tabland/districts/${chainId}/${address}`)
  const service = startDistrictService({ reader, address, store })
  return describeDistricts(service, memory)
}

/** What page and world see of the districts. */
export function describeDistricts(
  { state }: Pick<DistrictService, 'state'>,
  memory: Memory | undefined,
): LoadedDistricts {
  const shown = signal(readShown(memory))
  return {
    state: computed<DistrictsState>(() => ({ ...state.value, shown: shown.value })),
    visible: (land) => {
      const { kind, districts } = state.value
      return visibleLand(land, kind === 'reading' ? undefined : districts, shown.value)
    },
    show(category, isShown) {
      if (!RESTRICTED_CATEGORIES.includes(category) || typeof isShown !== 'boolean') {
        throw apiError(
          'CATEGORY_EXPECTED',
          `showDistricts takes one of ${RESTRICTED_CATEGORIES.join(', ')}, and true or false; got ${describeTyped(category)} and ${describeTyped(isShown)}.`,
        )
      }
      const others = shown.peek().filter((each) => each !== category)
      shown.value = isShown ? [...others, category] : others
      try {
        memory?.setItem(SHOWN_KEY, shown.peek().join(','))
      } catch {
        // forbidden or full: the choice holds until the page is closed
      }
    },
  }
}

/**
 * The land as somebody sees it who opted in to these categories. What is one's own is always shown.
 *
 * @param districts undefined while nobody knows them: nothing of others is shown for that moment
 */
export function visibleLand(
  land: LandState,
  districts: readonly District[] | undefined,
  shown: readonly RestrictedCategory[],
): LandState {
  if (districts?.length === 0) return land
  const isShown = ({ cell, mine }: Pick<ParcelBuild, 'cell' | 'mine'>): boolean => {
    if (mine) return true
    if (districts === undefined) return false
    const category = knownCategory(districts, cell)
    return category === 'general' || (category !== 'other' && shown.includes(category))
  }
  const builds = [...land.builds].filter(([, build]) => isShown(build))
  const tokens = land.tokens?.filter(isShown)
  if (builds.length === land.builds.size && tokens?.length === land.tokens?.length) return land
  return { ...land, builds: new Map(builds), ...(tokens === undefined ? {} : { tokens }) }
}

/** Of each cell looked at, until a district changes: builds come by the thousand. */
const categories = new WeakMap<readonly District[], Map<number, DistrictCategory>>()

function knownCategory(districts: readonly District[], cell: Cell): DistrictCategory {
  const known = categories.get(districts) ?? new Map<number, DistrictCategory>()
  categories.set(districts, known)
  const place = placeOfCell(cell)
  const found = known.get(place) ?? categoryAt(districts, cell)
  known.set(place, found)
  return found
}

function readShown(memory: Memory | undefined): readonly RestrictedCategory[] {
  try {
    const words = memory?.getItem(SHOWN_KEY)?.slice(0, 200).split(',') ?? []
    return RESTRICTED_CATEGORIES.filter((category) => words.includes(category))
  } catch {
    return [] // storage is forbidden
  }
}

function createDistrictStore(memory: Memory | undefined, key: string): DistrictStore {
  return {
    get() {
      try {
        const text = memory?.getItem(key) ?? undefined
        return text === undefined || text.length > MAX_KEPT_CHARS
          ? undefined
          : parseDistricts(JSON.parse(text))
      } catch {
        return undefined // none, forbidden, or damaged
      }
    },
    put(districts) {
      try {
        memory?.setItem(key, JSON.stringify(districts))
      } catch {
        // forbidden or full: the next visit waits for the chain
      }
    },
  }
}

/** @throws DISTRICT_INVALID and others for what was not kept by this page */
function parseDistricts(value: unknown): readonly District[] {
  const list = value as readonly District[]
  if (!Array.isArray(list) || list.length > MAX_DISTRICTS) throw new Error('These are no districts.')
  for (const district of list) {
    if (!Number.isInteger(district.number)) throw new Error('A district has no number.')
    // one that this page does not know stays one
    assertDistrict(district.category === 'other' ? { ...district, category: 'general' } : district)
  }
  return list
}
