import type { SearchOptions, SearchPage, SearchResult } from '#api/search-types.ts'
import type { Snippet } from '#api/types.ts'

const PAGE_SIZE = 12
const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** Looks like a CIDv0 and differs with the content; not a hash. */
export function fakeCid(content: string | Uint8Array): string {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  let state = 0x811c9dc5
  for (const byte of bytes) state = Math.imul(state ^ byte, 0x01000193) >>> 0
  let text = 'Qm'
  for (let i = 0; i < 44; i++) {
    // xorshift32: any state but 0 leads through all others
    state ^= state << 13
    state ^= state >>> 17
    state = (state ^ (state << 5)) >>> 0 || 1
    text += BASE58[state % BASE58.length]
  }
  return text
}

/** Has it the form of a CIDv0? */
export function isCid(text: string): boolean {
  return /^Qm[1-9A-HJ-NP-Za-km-z]{44}$/.test(text)
}

export interface FakeLink {
  readonly from: string
  readonly to: string
  readonly neuron: string
  readonly time: number
}

/** Contents and links that a test gave. */
export interface FakeContents {
  readonly snippets: ReadonlyMap<string, Snippet>
  readonly links: FakeLink[]
  /** Stores a content of any kind and returns its CID. */
  put(content: string | Uint8Array<ArrayBuffer>, kind?: Snippet['kind'], mime?: string): string
  /** The CID of a text, which is stored then, or a CID as it is. */
  idOf(particle: string): string
}

/** What is kept behind the commands. */
export function createFakeContents(): FakeContents {
  const snippets = new Map<string, Snippet>()
  const links: FakeLink[] = []
  const put: FakeContents['put'] = (content, kind = 'text', mime = 'text/plain') => {
    const cid = fakeCid(content)
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
    const text = typeof content === 'string' ? { text: content } : {}
    snippets.set(cid, { kind, bytes, size: bytes.length, mime, ...text })
    return cid
  }
  const idOf = (particle: string): string => (isCid(particle) ? particle : put(particle))
  return { snippets, links, put, idOf }
}

function resultOf(cid: string, links: readonly FakeLink[], share: number): SearchResult {
  return {
    cid,
    rank: BigInt(Math.round(share * 2 ** 40)) << 22n,
    share,
    links: links.map(({ neuron, time }) => ({ neuron, time })),
  }
}

/** Particles at the other ends of links; those with more links first, as a rank would have it. */
export function pageOf(
  ends: ReadonlyMap<string, readonly FakeLink[]>,
  particle: string,
  suggestions: readonly string[],
  { limit = PAGE_SIZE, cursor }: SearchOptions = {},
): SearchPage {
  const all = [...ends].sort(([, a], [, b]) => b.length - a.length)
  const start = cursor === undefined ? 0 : Number(cursor)
  const results = all
    .slice(start, start + limit)
    .map(([cid, links], index) => resultOf(cid, links, 0.012 / (start + index + 1)))
  const end = start + limit
  return {
    particle,
    results,
    total: all.length,
    suggestions: all.length === 0 ? suggestions : [],
    ...(end < all.length ? { cursor: String(end) } : {}),
  }
}

/** Links by one of their ends. */
export function groupByEnd(
  links: readonly FakeLink[],
  end: 'from' | 'to',
): ReadonlyMap<string, readonly FakeLink[]> {
  return Map.groupBy(links, (link) => link[end])
}

/** Texts that something is linked from. */
export function textsOf({ snippets, links }: FakeContents): readonly string[] {
  const queries = [...new Set(links.map(({ from }) => from))]
  return queries.flatMap((cid) => snippets.get(cid)?.text ?? [])
}
