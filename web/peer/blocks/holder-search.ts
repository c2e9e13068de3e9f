import type { CID } from 'multiformats/cid'
import type { WantEntry } from './bitswap-port.ts'
import type { BlockSource } from './block-source.ts'
import { type BlockPeer, isUnasked, LACK_MS, NEXT_SEARCH_MS, type Want, type WantedContent } from './wants.ts'

/** Sources below which more are looked for. */
const ENOUGH_SOURCES = 4
/** A third of what a reader waits for. */
const MAX_SEARCH_MS = 15_000
/** A peer that comes and goes makes no more than one search in this time. */
const LOST_SEARCH_MS = 1_000
const SEARCH_TIMEOUT_MS = 20_000
const STRAYS_PER_TICK = 8

export interface HolderSearchInit {
  readonly peers: ReadonlyMap<string, BlockPeer>
  readonly holdersOf: (want: Want, time: number) => readonly BlockSource[]
  readonly tell: (peer: string, entry: WantEntry) => void
  /** Looks for providers of a content and connects to some of them. */
  readonly search: (root: CID, signal: AbortSignal) => Promise<void>
  readonly signal: AbortSignal
}

/** Finds more peers that have something of a content. */
export interface HolderSearch {
  /** Asks everybody for what none of its sources has, and looks for providers while it has few. */
  further(content: WantedContent, time: number): void
  /** Looks for providers at once when everybody who is connected lacks it. */
  ifDenied(content: WantedContent, time: number): void
  /** Its last source has left: soon another is looked for, or the same one again. */
  lost(content: WantedContent, time: number): void
}

export function createHolderSearch({
  peers,
  holdersOf,
  tell,
  search,
  signal: stopped,
}: HolderSearchInit): HolderSearch {
  function lookFurther(content: WantedContent, time: number): void {
    let strays = 0
    for (const want of content.wants.values()) {
      if (!isUnasked(want) || time < want.strayAt || holdersOf(want, time).length > 0) continue
      if (++strays > STRAYS_PER_TICK) break
      want.strayAt = time + LACK_MS
      for (const peer of peers.keys()) {
        if ((want.lacks.get(peer) ?? 0) <= time) tell(peer, { cid: want.cid, kind: 'have' })
      }
    }
    if (content.holders.size < ENOUGH_SOURCES && time >= content.searchAt) searchFor(content, time)
  }

  function searchFor(content: WantedContent, time: number): void {
    content.searchAt = time + content.searchMs
    content.searchMs = Math.min(MAX_SEARCH_MS, content.searchMs * 2)
    const signal = AbortSignal.any([stopped, AbortSignal.timeout(SEARCH_TIMEOUT_MS)])
    search(content.root, signal).catch(() => {}) // nobody is known: asked again later
  }

  /** Everybody who is connected lacks it: there is nothing to wait for. */
  function searchIfDenied(content: WantedContent, time: number): void {
    const { probed, denied, holders, wants: open, searchMs } = content
    if (open.size > 0 && holders.size === 0 && denied.size >= probed.size && searchMs === NEXT_SEARCH_MS)
      searchFor(content, time)
  }

  return {
    further: lookFurther,
    ifDenied: searchIfDenied,
    lost(content, time) {
      content.searchMs = NEXT_SEARCH_MS
      content.searchAt = Math.min(content.searchAt, time + LOST_SEARCH_MS)
    },
  }
}
