import type { BlockKey } from './blockstore/block-key.ts'
import { blockCid } from './dag-node.ts'
import { isForgettable } from './kept-root.ts'
import type { KeptStore } from './kept-store.ts'
import type { LooseMarks } from './loose-marks.ts'
import type { ProfileTabs } from './profile-tabs.ts'
import type { RootChanges } from './root-list.ts'
import { DAY_MS, worthOf } from './worth.ts'

/** Blocks deleted under one hold of the profile's lock: a quarter of a second on a slow disk. */
const SLICE_BLOCKS = 64

export interface EvictorInit {
  readonly kept: KeptStore
  readonly loose: LooseMarks
  readonly tabs: ProfileTabs
  readonly now: () => number
  /** 0..1 */
  readonly rankShare: (cid: string) => Promise<number>
  /** between the visitor and the nearest build that shows it; undefined when there is none */
  readonly parcelsAway: (cid: string) => number | undefined
}

/**
 * [SE4] Deletes blocks that nobody is worse off without: first what has belonged to no root for an hour, then cached
 * contents from the least worth on. What is reachable from a pin, being added or in use by some tab stays.
 */
export class Evictor {
  readonly #init: EvictorInit

  constructor(init: EvictorInit) {
    this.#init = init
  }

  /**
   * Deletes until `bytes` are free or a slice is full, whichever is first; returns the bytes freed, 0 when nothing
   * may be deleted. Each slice reads the profile's state anew: another tab may have pinned something since the last.
   */
  async slice(bytes: number): Promise<number> {
    const { kept } = this.#init
    return kept.roots.exclusive(async (changes) => {
      await kept.reload(changes.reload)
      return this.#slice(bytes, changes)
    })
  }

  /** Deletes a cached content at once, as far as nothing else needs its blocks. */
  async drop(cid: string): Promise<void> {
    const { kept } = this.#init
    for (let done = false; !done; ) {
      done = await kept.roots.exclusive(async (changes) => {
        await kept.reload(changes.reload)
        const keys = isCached(kept, cid) ? kept.holdings.ownBlocks(cid) : []
        for (const key of keys.slice(0, SLICE_BLOCKS)) await kept.blockstore.delete(blockCid(key))
        if (keys.length > SLICE_BLOCKS) return false
        await this.#forget(cid, changes)
        return true
      })
    }
  }

  /** Its worth at a share of rank. */
  worthAt(cid: string, rankShare: number): number {
    const { kept, now, parcelsAway } = this.#init
    const usedAt = Math.max(kept.roots.get(cid)?.usedAt ?? 0, kept.pending(cid)?.usedAt ?? 0)
    return worthOf({
      rankShare,
      bytes: wholeBytes(kept, cid),
      parcelsAway: parcelsAway(cid),
      daysSinceUse: (now() - usedAt) / DAY_MS,
    })
  }

  async #slice(bytes: number, changes: RootChanges): Promise<number> {
    const { kept } = this.#init
    let freed = 0
    let deleted = 0
    const remove = async (keys: readonly BlockKey[]): Promise<void> => {
      for (const key of keys) {
        if (freed >= bytes || deleted >= SLICE_BLOCKS) return
        // an adding of this tab's own may have come to need it
        if (kept.holdings.isPinned(key)) continue
        const size = kept.holdings.bytesOf(key)
        await kept.blockstore.delete(blockCid(key))
        freed += size
        deleted += 1
      }
    }
    await remove(await this.#oldLoose())
    for (const cid of await this.#leastWorthFirst()) {
      if (freed >= bytes || deleted >= SLICE_BLOCKS) break
      await remove(kept.holdings.ownBlocks(cid))
      if (kept.holdings.ownBlocks(cid).length === 0) await this.#forget(cid, changes)
    }
    return freed
  }

  /** A pin of which a node was lost may own blocks that look loose: then none is touched. */
  async #oldLoose(): Promise<readonly BlockKey[]> {
    const { kept, loose } = this.#init
    const old = await loose.old(kept.holdings.looseBlocks())
    for (const { cid, reasons, whole } of kept.roots.all()) {
      if (reasons.length > 0 && whole && (kept.holding(cid)?.hasGaps ?? true)) return []
    }
    return old
  }

  async #leastWorthFirst(): Promise<readonly string[]> {
    const { kept, tabs, rankShare } = this.#init
    const living = await tabs.living()
    const cached = [...kept.holdings.roots()].filter((id) => isCached(kept, id) && !kept.isBusy(id, living))
    const worths = new Map(
      await Promise.all(cached.map(async (cid) => [cid, this.worthAt(cid, await rankShare(cid))] as const)),
    )
    return cached.sort((a, b) => (worths.get(a) as number) - (worths.get(b) as number))
  }

  async #forget(cid: string, { change }: RootChanges): Promise<void> {
    const { kept } = this.#init
    kept.drop(cid)
    await change(cid, (root) => (root === undefined || isForgettable(root) ? undefined : root))
  }
}

/**
 * Of the whole content, not of what is left of it here: a part of it is worth its part. Otherwise each block that
 * goes would make the rest worth more, and pieces of everything would be left.
 */
function wholeBytes(kept: KeptStore, cid: string): number {
  const holding = kept.holding(cid)
  return holding?.contentBytes ?? kept.roots.get(cid)?.bytes ?? holding?.heldBytes ?? 0
}

function isCached(kept: KeptStore, id: string): boolean {
  return kept.holdings.isEvictable(id) && (kept.roots.get(id)?.reasons.length ?? 0) === 0
}
