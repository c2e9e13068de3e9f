import type { PublishedItem } from '#api/object-types.ts'
import type { SeedState } from '#api/seed-types.ts'
import { filesTexts as words } from './files-texts.ts'
import { formatBytes } from './format.ts'
import { reasonsShort } from './seed-lines.ts'
import { seedTexts } from './seed-texts.ts'

/** What is published in one line: `12 MB · 3 files · published · 2 of 3 copies`. Pure. */
export function publishedFacts(
  { bytes, kind, files, readers, root }: PublishedItem,
  { items, settings, serving }: Pick<SeedState, 'items' | 'settings' | 'serving'>,
): string {
  const kept = items.find(({ cid }) => cid === root)
  const facts = [formatBytes(bytes)]
  if (kind === 'dir') facts.push(words.mine.files(files))
  if (readers !== undefined) facts.push(words.mine.forWallets(readers.length))
  facts.push(kept === undefined ? words.mine.notPinned : reasonsShort(kept.reasons))
  // nobody else was ever found to have it, and nobody is here who could
  const isOnlyHere = kept !== undefined && !kept.copies && serving.reachablePeers === 0
  if (isOnlyHere) facts.push(words.mine.onlyHere)
  else if (kept?.copies !== undefined) facts.push(seedTexts.item.copiesOf(kept.copies, settings.wantedCopies))
  return facts.join(' · ')
}
