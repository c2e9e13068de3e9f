import { type Bytes, fromHex, toHex } from '#core/bytes.ts'
import { formatCid, parseDigest, particleOf } from '#core/cid.ts'
import { formatAddress, parseAddress } from '#core/delegation.ts'
import { AppError } from '#core/errors.ts'
import type { GraphRanker, RankView } from './graph-ranker.ts'
import type { FoundLink, FoundPage, FoundParticle, NeuronPage, PageOptions } from './graph-types.ts'
import { comparePlaces, type LinkGraph, type PlaceInTime } from './link-graph.ts'

export type SearchErrorCode = 'CURSOR_INVALID' | 'PAGE_LIMIT'

export const DEFAULT_PAGE = 20
/** A page that a person scrolls through; a program turns pages. */
export const MAX_PAGE = 1_000
/** M of [KG7] */
const RANK_MASS = 2 ** 62

/**
 * A place in an order by (rank descending, digest): the rank view that the order is of, and the last result shown.
 * The view is kept for a few ranks, so that pages of one search agree; after that the place still means the same
 * rank and digest, in the newest order. Nothing on the way repeats within one view.
 */
interface Place {
  readonly view: string
  readonly rank: bigint
  readonly digest: Bytes
}

const CURSOR = /^([0-9a-f]{1,16})\.([0-9a-f]{1,16})\.([0-9a-f]{64})$/

/** µs since 1970, the device's key, the place in its feed */
const TIME_CURSOR = /^(\d{1,16})\.([0-9a-f]{64})\.(\d{1,16})$/

export interface SearchComponents {
  readonly graph: LinkGraph
  readonly ranker: Pick<GraphRanker, 'current' | 'view'>
}

/** Particles that `query` links to ([KG21]). */
export function searchFrom(
  { graph, ranker }: SearchComponents,
  query: string,
  options: PageOptions,
): FoundPage {
  const cid = particleOf(query)
  const particle = graph.particles.find(parseDigest(cid))
  const found = new Map<number, number[]>()
  if (particle !== undefined)
    for (const link of graph.index.outOf(particle)) collect(found, graph.to(link), link)
  return pageOf({ graph, ranker, cid, found, options })
}

/** Particles that link to `query`. */
export function searchInto(
  { graph, ranker }: SearchComponents,
  query: string,
  options: PageOptions,
): FoundPage {
  const cid = particleOf(query)
  const particle = graph.particles.find(parseDigest(cid))
  const found = new Map<number, number[]>()
  if (particle !== undefined)
    for (const link of graph.index.into(particle)) collect(found, graph.from(link), link)
  return pageOf({ graph, ranker, cid, found, options })
}

function collect(found: Map<number, number[]>, particle: number, link: number): void {
  const links = found.get(particle)
  if (links === undefined) found.set(particle, [link])
  else links.push(link)
}

interface Query extends SearchComponents {
  readonly cid: string
  /** links by the particle at their other end */
  readonly found: ReadonlyMap<number, readonly number[]>
  readonly options: PageOptions
}

function pageOf({ graph, ranker, cid, found, options }: Query): FoundPage {
  const limit = readLimit(options)
  const place = readCursor(options)
  const view = place === undefined ? ranker.current : ranker.view(place.view)
  const rest = [...found.keys()].filter(
    (particle) => place === undefined || isAfter(graph, view, particle, place),
  )
  rest.sort((a, b) => compareRanked(graph, view, a, b))
  const page = rest.slice(0, limit)
  const results = page.map((particle) => describe(graph, view, particle, found.get(particle) ?? []))
  return {
    particle: cid,
    results,
    total: found.size,
    suggestions: [],
    ...nextCursor(graph, view, page.at(-1), rest.length > limit),
  }
}

/** All particles by rank ([KG21]). */
export function searchTop({ graph, ranker }: SearchComponents, options: PageOptions): FoundPage {
  const limit = readLimit(options)
  const place = readCursor(options)
  const view = place === undefined ? ranker.current : ranker.view(place.view)
  const order = view.top()
  let start = 0
  if (place !== undefined) {
    // first particle after the place, by bisection
    for (let end = order.length; start < end; ) {
      const middle = (start + end) >>> 1
      if (isAfter(graph, view, order[middle]!, place)) end = middle
      else start = middle + 1
    }
  }
  const page = [...order.subarray(start, start + limit)]
  return {
    particle: '',
    results: page.map((particle) => describe(graph, view, particle, [])),
    total: order.length,
    suggestions: [],
    ...nextCursor(graph, view, page.at(-1), start + limit < order.length),
  }
}

/**
 * A neuron's links, oldest first. The cursor is the place of the page's last link in the order of time, so that the
 * next page goes on behind it even when older links came meanwhile.
 */
export function neuronLinks(graph: LinkGraph, address: string, options: PageOptions): NeuronPage {
  const links = graph.index.ofNeuron(parseAddress(address))
  const limit = readLimit(options)
  const after = readTimeCursor(options)
  const start = after === undefined ? 0 : firstAfter(graph, links, after)
  const page = links.slice(start, start + limit)
  const last = page.at(-1)
  return {
    links: page.map((link) => ({
      from: formatCid(graph.particles.digest(graph.from(link))),
      to: formatCid(graph.particles.digest(graph.to(link))),
      time: graph.timeUs(link) / 1_000,
    })),
    total: links.length,
    ...(last !== undefined && start + limit < links.length ? { cursor: timeCursor(graph, last) } : {}),
  }
}

/** By bisection. */
function firstAfter(graph: LinkGraph, links: readonly number[], after: PlaceInTime): number {
  let start = 0
  for (let end = links.length; start < end; ) {
    const middle = (start + end) >>> 1
    if (comparePlaces(graph.placeInTime(links[middle]!), after) > 0) end = middle
    else start = middle + 1
  }
  return start
}

function timeCursor(graph: LinkGraph, link: number): string {
  const { timeUs, device, place } = graph.placeInTime(link)
  return `${timeUs}.${device}.${place}`
}

function readTimeCursor({ cursor }: PageOptions): PlaceInTime | undefined {
  if (cursor === undefined) return undefined
  const match = TIME_CURSOR.exec(cursor)
  if (match === null) throw cursorError(cursor)
  return { timeUs: Number(match[1]), device: match[2]!, place: Number(match[3]) }
}

/** [KG4]: a run of one neuron's consecutive links, each beginning where the one before ended; two links at least. */
export function linkChains(graph: LinkGraph, address: string): readonly (readonly string[])[] {
  const chains: number[][] = []
  let last: number[] = []
  for (const link of graph.index.ofNeuron(parseAddress(address))) {
    if (last.at(-1) === graph.from(link)) last.push(graph.to(link))
    else {
      last = [graph.from(link), graph.to(link)]
      chains.push(last)
    }
  }
  return chains
    .filter((chain) => chain.length > 2)
    .map((chain) => chain.map((particle) => formatCid(graph.particles.digest(particle))))
}

export function shareOf(rank: bigint): number {
  return Number(rank) / RANK_MASS
}

function describe(
  graph: LinkGraph,
  view: RankView,
  particle: number,
  links: readonly number[],
): FoundParticle {
  const rank = view.rankOf(particle)
  return {
    cid: formatCid(graph.particles.digest(particle)),
    rank,
    share: shareOf(rank),
    links: links.map((link) => describeLink(graph, link)).sort((a, b) => a.time - b.time),
  }
}

function describeLink(graph: LinkGraph, link: number): FoundLink {
  return { neuron: formatAddress(graph.neuron(link)), time: graph.timeUs(link) / 1_000 }
}

/** By rank descending, then digest. */
export function compareRanked(graph: LinkGraph, view: RankView, a: number, b: number): number {
  const left = view.rankOf(a)
  const right = view.rankOf(b)
  if (left !== right) return left < right ? 1 : -1
  return graph.particles.compare(a, b)
}

function isAfter(graph: LinkGraph, view: RankView, particle: number, { rank, digest }: Place): boolean {
  const own = view.rankOf(particle)
  if (own !== rank) return own < rank
  const bytes = graph.particles.digest(particle)
  for (let i = 0; i < digest.length; i++) {
    if (bytes[i] !== digest[i]) return bytes[i]! > digest[i]!
  }
  return false
}

function nextCursor(
  graph: LinkGraph,
  view: RankView,
  last: number | undefined,
  more: boolean,
): { readonly cursor?: string } {
  if (last === undefined || !more) return {}
  return { cursor: `${view.id}.${view.rankOf(last).toString(16)}.${toHex(graph.particles.digest(last))}` }
}

function readCursor({ cursor }: PageOptions): Place | undefined {
  if (cursor === undefined) return undefined
  const match = CURSOR.exec(cursor)
  if (match === null) throw cursorError(cursor)
  return { view: match[1]!, rank: BigInt(`0x${match[2]}`), digest: fromHex(match[3]!) }
}

function cursorError(cursor: string | undefined): AppError<SearchErrorCode> {
  return new AppError(
    'CURSOR_INVALID',
    `"${String(cursor).slice(0, 120)}" is no cursor. Pass the one of the page before, or none.`,
  )
}

function readLimit({ limit = DEFAULT_PAGE }: PageOptions): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_PAGE) return limit
  throw new AppError<SearchErrorCode>('PAGE_LIMIT', `A page has 1 to ${MAX_PAGE} results, got ${limit}.`)
}
