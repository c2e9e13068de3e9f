import { MAX_CACHED_ROOTS } from '#core/limits.ts'
import { isForgettable } from './kept-root.ts'
import type { KeptStore } from './kept-store.ts'
import type { LivingTabs } from './profile-tabs.ts'

/** The list of cached contents is bounded: the least used are not followed any more, nor those that are gone. */
export async function pruneRoots(kept: KeptStore, living: LivingTabs): Promise<void> {
  const cached = [...kept.roots.all()].filter(
    ({ cid, reasons }) =>
      reasons.length === 0 && kept.pending(cid) === undefined && !kept.isBusy(cid, living),
  )
  const isHere = ({ cid }: { readonly cid: string }) => (kept.holding(cid)?.heldBytes ?? 0) > 0
  const here = cached.filter(isHere).sort((a, b) => b.usedAt - a.usedAt)
  const over = [...here.slice(MAX_CACHED_ROOTS), ...cached.filter((root) => !isHere(root))]
  for (const { cid } of over) {
    await kept.roots.change(cid, (root) => (root === undefined || isForgettable(root) ? undefined : root))
  }
}
