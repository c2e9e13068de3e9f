import type { SeedSettings } from '#core/seeding.ts'
import type { Fetches } from '#seed/fetches.ts'
import type { TrafficHistory } from '#seed/history.ts'
import type { KeptRoot } from '#seed/kept-root.ts'
import { newRoot } from '#seed/kept-root.ts'
import type { KeptStore } from '#seed/kept-store.ts'
import { servingOf } from '#seed/serving.ts'
import { TextList } from '#seed/text-list.ts'
import type { NetworkState } from './network-types.ts'
import type { AddTransfers } from './seed-adding.ts'
import type { ScrubState, SeedItem, SeedState } from './seed-types.ts'
import type { Failure } from './types.ts'

export interface SeedViewComponents {
  readonly kept: KeptStore
  readonly adding: AddTransfers
  readonly fetches: Fetches | undefined
  readonly history: TrafficHistory
  readonly network: NetworkState | undefined
  readonly settings: SeedSettings
  readonly quotaBytes: number
  readonly grantedBytes: number | undefined
  readonly diskBytes: number
  readonly persisted: boolean
  readonly takingPeers: number
  readonly scrub: ScrubState
  readonly notices: readonly Failure[]
  readonly worth: (cid: string) => number | undefined
}

/** What a person sees of the store at this moment. */
export function viewSeed(components: SeedViewComponents): SeedState {
  const { kept, adding, settings, quotaBytes, grantedBytes, diskBytes, persisted, history, scrub, notices } =
    components
  const pinnedBytes = kept.holdings.pinnedBytes()
  const items = viewItems(components)
  return {
    items,
    adding: adding.list(),
    texts: { count: kept.texts.count, bytes: kept.holding(TextList.SET)?.heldBytes ?? 0 },
    pinnedBytes,
    cachedBytes: Math.max(0, kept.holdings.bytes - pinnedBytes),
    diskBytes,
    settings,
    quotaBytes,
    persisted,
    history: history.hours(),
    serving: viewServing(components, items),
    scrub,
    notices,
    ...(grantedBytes === undefined ? {} : { grantedBytes }),
  }
}

export function viewItem(components: SeedViewComponents, root: KeptRoot): SeedItem {
  const { kept, fetches, worth } = components
  const { cid, name, reasons, holders, falseProofs, copiesCheckedAt } = root
  const holding = kept.holding(cid)
  const use = kept.pending(cid)
  const bytes = holding?.contentBytes ?? root.bytes
  const value = reasons.length === 0 ? worth(cid) : undefined
  const transfer = fetches?.transfer(cid)
  return {
    cid,
    reasons,
    // the tree above the content's bytes is not the content's
    heldBytes: holding?.whole
      ? (bytes ?? holding.heldBytes)
      : Math.min(holding?.heldBytes ?? 0, bytes ?? Number.MAX_SAFE_INTEGER),
    usedAt: Math.max(root.usedAt, use?.usedAt ?? 0),
    holders,
    sentBytes: root.sentBytes + (use?.sentBytes ?? 0),
    receivedBytes: root.receivedBytes + (use?.receivedBytes ?? 0),
    ...(name === undefined ? {} : { name }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(value === undefined ? {} : { worth: value }),
    ...(copiesCheckedAt === undefined ? {} : { copies: holders.length, copiesCheckedAt }),
    ...(falseProofs === undefined ? {} : { falseProofs }),
    ...(transfer === undefined ? {} : { transfer }),
  }
}

function viewItems(components: SeedViewComponents): readonly SeedItem[] {
  const { kept } = components
  const pinned: KeptRoot[] = []
  const cached: KeptRoot[] = []
  const seen = new Set<string>()
  for (const root of kept.roots.all()) {
    seen.add(root.cid)
    if (root.reasons.length > 0) pinned.push(root)
    else if ((kept.holding(root.cid)?.heldBytes ?? 0) > 0) cached.push(root)
  }
  // what is read for the first time stands in the list with the next flush
  for (const id of kept.holdings.roots()) {
    if (seen.has(id) || !kept.holdings.isEvictable(id)) continue
    if ((kept.holding(id)?.heldBytes ?? 0) > 0) cached.push(newRoot(id, kept.pending(id)?.usedAt ?? 0))
  }
  pinned.sort((a, b) => b.addedAt - a.addedAt)
  cached.sort((a, b) => b.usedAt - a.usedAt)
  return [...pinned, ...cached].map((root) => viewItem(components, root))
}

function viewServing(
  { kept, network, takingPeers }: SeedViewComponents,
  items: readonly SeedItem[],
): SeedState['serving'] {
  const pinned = items.filter(({ reasons }) => reasons.length > 0)
  const peers = network?.peers ?? []
  return servingOf({
    online: network !== undefined && network.join.phase !== 'offline',
    items: pinned.length,
    wholeItems: pinned.filter(({ cid }) => kept.holding(cid)?.whole === true).length,
    texts: kept.texts.count,
    reachablePeers: peers.filter(({ kind, transport }) => kind !== 'relay' && transport !== 'none').length,
    takingPeers,
  })
}
