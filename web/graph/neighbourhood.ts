import { formatCid, parseDigest, particleOf } from '#core/cid.ts'
import { AppError } from '#core/errors.ts'
import type { RankView } from './graph-ranker.ts'
import { compareRanked, type SearchComponents, shareOf } from './graph-search.ts'
import type { LinkGraph } from './link-graph.ts'
import { digestKey } from './particle-table.ts'

export type NeighbourhoodErrorCode = 'NEIGHBOURHOOD_BOUNDS'

export const DEFAULT_DEPTH = 2
/** Four steps lead from almost any word to almost any other. */
export const MAX_DEPTH = 3
export const DEFAULT_NEIGHBOURS = 120
/** More nodes are a ball of yarn: nobody reads them, and the forces between them cost their square. */
export const MAX_NEIGHBOURS = 500
/** Links looked at for one answer: some 30 ms of the worker. Hubs of a million links must not stop searches. */
const MAX_SCANNED_LINKS = 131_072
/** A label in a picture; whole texts are asked for by themselves. */
const MAX_LABEL_CHARACTERS = 80

export interface NeighbourhoodOptions {
  /** steps from the particle, 1..MAX_DEPTH @default DEFAULT_DEPTH */
  readonly depth?: number
  /** nodes, 1..MAX_NEIGHBOURS @default DEFAULT_NEIGHBOURS */
  readonly limit?: number
}

export interface NeighbourNode {
  /** CIDv0 */
  readonly cid: string
  /** in units of 2⁻⁶² */
  readonly rank: bigint
  /** rank / 2⁶² */
  readonly share: number
  /** links between it and the particle, whichever way they lead */
  readonly distance: number
  /** its neighbours that are no nodes */
  readonly hidden: number
  /** its beginning, when it is known here */
  readonly text?: string
}

export interface Neighbourhood {
  /** CIDv0 of what was asked for */
  readonly particle: string
  /** the particle itself first, then by distance and rank; empty when nothing is linked with it */
  readonly nodes: readonly NeighbourNode[]
  /** places in `nodes`, each pair once a direction */
  readonly links: readonly { readonly from: number; readonly to: number }[]
  /** neighbours of nodes nearer than `depth` that the limit left no room for */
  readonly leftOut: number
  /** false when MAX_SCANNED_LINKS ended it: `leftOut` and `hidden` are at least what they say */
  readonly isComplete: boolean
}

export interface NeighbourhoodComponents extends SearchComponents {
  /** text of the particle of this {@link digestKey}, when it is known */
  readonly textOf: (key: string) => string | undefined
}

/**
 * The part of the graph around a text or CID: step by step, in each step those of the highest rank first, until
 * `limit` nodes are found.
 *
 * @throws NEIGHBOURHOOD_BOUNDS; what `particleOf` throws
 */
export function findNeighbourhood(
  { graph, ranker, textOf }: NeighbourhoodComponents,
  query: string,
  options: NeighbourhoodOptions = {},
): Neighbourhood {
  const depth = readBound('depth', options.depth ?? DEFAULT_DEPTH, MAX_DEPTH)
  const limit = readBound('limit', options.limit ?? DEFAULT_NEIGHBOURS, MAX_NEIGHBOURS)
  const particle = particleOf(query)
  const start = graph.particles.find(parseDigest(particle))
  if (start === undefined) return { particle, nodes: [], links: [], leftOut: 0, isComplete: true }
  const scan: Scan = { graph, left: MAX_SCANNED_LINKS }
  const { distances, leftOut } = expand(scan, ranker.current, { start, depth, limit })
  const order = [...distances.keys()]
  const { links, hidden } = connect(scan, order)
  const nodes = order.map((node, place) => ({
    ...describeNode(graph, ranker.current, node),
    distance: distances.get(node)!,
    hidden: hidden[place]!,
    ...labelOf(textOf(digestKey(graph.particles.digest(node)))),
  }))
  return { particle, nodes, links, leftOut, isComplete: scan.left > 0 }
}

/** A graph, and how many of its links may still be looked at. */
interface Scan {
  readonly graph: LinkGraph
  left: number
}

function* targets(scan: Scan, particle: number): Generator<number> {
  for (const link of scan.graph.index.outOf(particle)) {
    if (scan.left === 0) return
    scan.left--
    yield scan.graph.to(link)
  }
}

function* sources(scan: Scan, particle: number): Generator<number> {
  for (const link of scan.graph.index.into(particle)) {
    if (scan.left === 0) return
    scan.left--
    yield scan.graph.from(link)
  }
}

interface Bounds {
  readonly start: number
  readonly depth: number
  readonly limit: number
}

/** Nodes with their distances, in the order in which they were taken. */
function expand(scan: Scan, view: RankView, { start, depth, limit }: Bounds) {
  const distances = new Map([[start, 0]])
  const leftOut = new Set<number>()
  let ring: readonly number[] = [start]
  for (let distance = 1; distance <= depth; distance++) {
    const found = new Set<number>()
    for (const node of ring) {
      for (const next of targets(scan, node)) if (!distances.has(next)) found.add(next)
      for (const next of sources(scan, node)) if (!distances.has(next)) found.add(next)
    }
    const ranked = [...found].sort((a, b) => compareRanked(scan.graph, view, a, b))
    const room = limit - distances.size
    ring = ranked.slice(0, room)
    for (const node of ring) distances.set(node, distance)
    for (const node of ranked.slice(room)) leftOut.add(node)
  }
  return { distances, leftOut: [...leftOut].filter((node) => !distances.has(node)).length }
}

/** Links among the nodes, and how many neighbours of each are none. */
function connect(scan: Scan, order: readonly number[]) {
  const places = new Map(order.map((node, place) => [node, place]))
  const links: { readonly from: number; readonly to: number }[] = []
  const hidden = order.map((node, from) => {
    const outside = new Set<number>()
    const linked = new Set<number>()
    for (const target of targets(scan, node)) {
      const to = places.get(target)
      if (to === undefined) outside.add(target)
      // several neurons may have made the same link
      else if (!linked.has(to) && linked.add(to)) links.push({ from, to })
    }
    for (const source of sources(scan, node)) if (!places.has(source)) outside.add(source)
    return outside.size
  })
  return { links, hidden }
}

function describeNode(graph: LinkGraph, view: RankView, particle: number) {
  const rank = view.rankOf(particle)
  return { cid: formatCid(graph.particles.digest(particle)), rank, share: shareOf(rank) }
}

function labelOf(text: string | undefined): { readonly text?: string } {
  if (text === undefined) return {}
  if (text.length <= MAX_LABEL_CHARACTERS) return { text }
  // by code points: half an emoji is none
  return {
    text: `${[...text.slice(0, 2 * MAX_LABEL_CHARACTERS)].slice(0, MAX_LABEL_CHARACTERS - 1).join('')}…`,
  }
}

function readBound(name: 'depth' | 'limit', value: number, max: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= max) return value
  throw new AppError<NeighbourhoodErrorCode>(
    'NEIGHBOURHOOD_BOUNDS',
    `The ${name} of a neighbourhood is a whole number from 1 to ${max}, got ${value}.`,
  )
}
