import { isCidText, parseDigest, textCid } from '#core/cid.ts'
import type { RankView } from './graph-ranker.ts'
import type { FoundPage, PageOptions } from './graph-types.ts'
import type { LinkGraph } from './link-graph.ts'
import { digestKey } from './particle-table.ts'
import type { TextIndex } from './text-index.ts'

/**
 * [KG2] makes "Moon" and "moon" two particles; people who type one mean what is known by either. A text that nothing
 * is linked from is answered by the one of the highest rank that differs from it in upper and lower case alone, and
 * the page says so. Whoever gives a CID means that one.
 */
export interface ShownComponents {
  readonly graph: LinkGraph
  readonly texts: TextIndex
  readonly view: RankView
}

/** The text to look up in the query's place; undefined for the query itself. */
export function findShown({ graph, texts, view }: ShownComponents, query: string): string | undefined {
  if (isCidText(query.trim())) return undefined
  const linked = (text: string): number | undefined => {
    const particle = graph.particles.findKey(digestKey(parseDigest(textCid(text))))
    return particle !== undefined && graph.index.hasOut(particle) ? particle : undefined
  }
  if (linked(query) !== undefined) return undefined
  let best: { readonly text: string; readonly rank: bigint } | undefined
  for (const text of texts.sameLetters(query)) {
    const particle = linked(text)
    if (particle === undefined) continue
    const rank = view.rankOf(particle)
    if (best === undefined || rank > best.rank || (rank === best.rank && text < best.text))
      best = { text, rank }
  }
  return best?.text
}

/** A cursor, and behind it the particle whose links its pages show. */
const MARKED = /^([^~]*)~(Qm[1-9A-HJ-NP-Za-km-z]{44})$/

/** The page with a cursor that keeps to the text that was shown, whatever is linked meanwhile. */
export function markShown(page: FoundPage, shown: string): FoundPage {
  const { cursor } = page
  return { ...page, shown, ...(cursor === undefined ? {} : { cursor: `${cursor}~${page.particle}` }) }
}

/** The options without the mark, and the CID that the cursor keeps to. */
export function readMark(options: PageOptions): {
  readonly options: PageOptions
  readonly particle?: string
} {
  const match = MARKED.exec(options.cursor ?? '')
  if (match === null) return { options }
  return { options: { ...options, cursor: match[1]! }, particle: match[2]! }
}
