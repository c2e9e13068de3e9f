import type { SeedItem } from '#api/seed-types.ts'
import type { ParcelBuild } from '#api/types.ts'

/** Which of the kept items are listed, and in which order. Pure. */

export type SeedFilter = 'mine' | 'cached' | 'all'
export type SeedSort = 'used' | 'worth' | 'size' | 'copies' | 'up' | 'name'

export const SEED_FILTERS: readonly SeedFilter[] = ['mine', 'cached', 'all']
export const SEED_SORTS: readonly SeedSort[] = ['used', 'worth', 'size', 'copies', 'up', 'name']

export interface SeedOrder {
  readonly filter: SeedFilter
  readonly sort: SeedSort
  readonly ascending: boolean
}

export function isMine({ reasons }: Pick<SeedItem, 'reasons'>): boolean {
  return reasons.length > 0
}

export function isWhole({ bytes, heldBytes }: Pick<SeedItem, 'bytes' | 'heldBytes'>): boolean {
  return bytes !== undefined && heldBytes >= bytes
}

/** How much of an item is here, 0..1; nothing is known of the size before its root block. */
export function heldShare({ bytes, heldBytes }: Pick<SeedItem, 'bytes' | 'heldBytes'>): number {
  if (bytes === undefined) return 0
  return bytes === 0 ? 1 : Math.min(1, heldBytes / bytes)
}

function passes(item: SeedItem, filter: SeedFilter): boolean {
  return filter === 'all' || (filter === 'mine') === isMine(item)
}

/** What an item is sorted by; pinned items are worth more than any cached one. */
function keyOf(item: SeedItem, sort: Exclude<SeedSort, 'name'>): number {
  switch (sort) {
    case 'used':
      return item.usedAt
    case 'worth':
      return item.worth ?? Number.POSITIVE_INFINITY
    case 'size':
      return item.bytes ?? item.heldBytes
    case 'copies':
      // never asked comes before "asked, nobody"
      return item.copies ?? -1
    case 'up':
      return item.sentBytes
  }
}

/**
 * The items that pass, in order. `nameOf` is what each is shown as. Equal ones stay in the order of their CIDs, so
 * that the list does not jump while numbers change.
 */
export function orderItems(
  items: readonly SeedItem[],
  { filter, sort, ascending }: SeedOrder,
  nameOf: (item: SeedItem) => string,
): readonly SeedItem[] {
  const compare = (a: SeedItem, b: SeedItem): number => {
    if (sort === 'name') return nameOf(a).localeCompare(nameOf(b), 'en', { numeric: true })
    const [keyA, keyB] = [keyOf(a, sort), keyOf(b, sort)]
    return keyA === keyB ? 0 : keyA - keyB
  }
  const sign = ascending ? 1 : -1
  return items
    .filter((item) => passes(item, filter))
    .sort((a, b) => sign * compare(a, b) || (a.cid < b.cid ? -1 : a.cid > b.cid ? 1 : 0))
}

/** At which place (from 1) a cached item is deleted when room is needed, among how many. */
export function evictionPlace(
  items: readonly SeedItem[],
  item: SeedItem,
): { readonly place: number; readonly of: number } | undefined {
  const { worth } = item
  if (worth === undefined) return undefined
  const cached = items.filter((other) => other.worth !== undefined)
  const before = cached.filter((other) => (other.worth ?? 0) < worth).length
  return { place: before + 1, of: cached.length }
}

/** Newest build of each model that stands somewhere, by its CID. */
export function buildsByRoot(builds: ReadonlyMap<number, ParcelBuild>): ReadonlyMap<string, ParcelBuild> {
  const byRoot = new Map<string, ParcelBuild>()
  for (const build of builds.values()) {
    const known = byRoot.get(build.root)
    if (known === undefined || build.time > known.time) byRoot.set(build.root, build)
  }
  return byRoot
}
