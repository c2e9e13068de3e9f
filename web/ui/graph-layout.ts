import { DirectedGraph } from 'graphology'
import forceAtlas2 from 'graphology-layout-forceatlas2'
import type { Neighbourhood, NeighbourNode } from '#graph/neighbourhood.ts'
import { shorten } from './format.ts'

/** What the renderer reads of a node; x and y in units of the layout. */
export interface DrawnNode {
  x: number
  y: number
  /** CSS pixels, radius */
  size: number
  label: string
  distance: number
}

export type DrawnGraph = DirectedGraph<DrawnNode>

export interface GraphLayout {
  readonly graph: DrawnGraph
  /** Takes a neighbourhood over: nodes that stay keep their places, new ones appear beside what they are linked with. */
  update(neighbourhood: Neighbourhood): void
  /** Moves everything on; false once it has settled. */
  step(): boolean
}

/** Iterations for all nodes anew: positions hardly change after it, for 20 nodes as for 500. */
const SETTLING = 320
/** A frame's share: 500 nodes cost 1 ms each, 60 nodes 0.02 ms. */
const ITERATIONS_PER_STEP = 5
const MIN_SIZE = 3
const MAX_SIZE = 16
/** Whoever is drawn around is never overlooked. */
const MIN_CENTRE_SIZE = 9
/** Dots shrink when there are more than so many, to this part at most: a picture has one size. */
const ROOMY = 40
const MIN_CROWDING = 0.5
const MAX_LABEL = 28
/** Successive angles of a sunflower: no two new nodes stand on one line with the centre. */
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5))

/**
 * Places of nodes by forces (ForceAtlas2). It runs a few iterations a frame on the page's thread: for hundreds of nodes
 * that is a millisecond or two, and unlike a worker it needs no copies and gives the same picture each time.
 */
export function createGraphLayout(): GraphLayout {
  const graph: DrawnGraph = new DirectedGraph()
  let left = 0

  return {
    graph,
    update(neighbourhood) {
      const { nodes } = neighbourhood
      const wanted = new Set(nodes.map(({ cid }) => cid))
      const before = graph.order
      for (const cid of graph.nodes()) if (!wanted.has(cid)) graph.dropNode(cid)
      const kept = graph.order
      addNodes(graph, neighbourhood)
      const changed = mendLinks(graph, neighbourhood)
      if (kept < before || kept < nodes.length || changed) left = SETTLING
    },
    step() {
      if (left === 0 || graph.order < 2) return false
      const settings = { ...forceAtlas2.inferSettings(graph), barnesHutOptimize: graph.order > 250 }
      forceAtlas2.assign(graph, { iterations: ITERATIONS_PER_STEP, settings })
      left = Math.max(0, left - ITERATIONS_PER_STEP)
      return left > 0
    },
  }
}

function addNodes(graph: DrawnGraph, { nodes, links }: Neighbourhood): void {
  const top = nodes.reduce((most, { share }) => Math.max(most, share), 0)
  const crowding = crowdingOf(nodes.length)
  const near = new Map<number, number[]>()
  for (const { from, to } of links) {
    listOf(near, from).push(to)
    listOf(near, to).push(from)
  }
  nodes.forEach((node, place) => {
    const size = sizeOf(node, top) * crowding
    const look = { label: labelOf(node), size, distance: node.distance }
    if (graph.hasNode(node.cid)) graph.mergeNodeAttributes(node.cid, look)
    else graph.addNode(node.cid, { ...look, ...placeBeside(graph, nodes, near.get(place) ?? [], place) })
  })
}

function listOf(lists: Map<number, number[]>, place: number): number[] {
  const known = lists.get(place)
  if (known !== undefined) return known
  const list: number[] = []
  lists.set(place, list)
  return list
}

/** Beside the first of its neighbours that has a place, in a direction of its own. */
function placeBeside(
  graph: DrawnGraph,
  nodes: readonly NeighbourNode[],
  near: readonly number[],
  place: number,
): { readonly x: number; readonly y: number } {
  const anchor = near.map((other) => nodes[other]!.cid).find((cid) => graph.hasNode(cid))
  const { x, y } = anchor === undefined ? { x: 0, y: 0 } : graph.getNodeAttributes(anchor)
  const angle = place * GOLDEN_ANGLE
  const radius = 10 + Math.sqrt(place)
  return { x: x + radius * Math.cos(angle), y: y + radius * Math.sin(angle) }
}

/** Did any link come or go? */
function mendLinks(graph: DrawnGraph, { nodes, links }: Neighbourhood): boolean {
  const wanted = new Set(links.map(({ from, to }) => `${nodes[from]!.cid} ${nodes[to]!.cid}`))
  let changed = false
  for (const key of graph.edges()) {
    if (wanted.has(key)) continue
    graph.dropEdge(key)
    changed = true
  }
  for (const { from, to } of links) {
    const [source, target] = [nodes[from]!.cid, nodes[to]!.cid]
    const key = `${source} ${target}`
    if (graph.hasEdge(key)) continue
    graph.addEdgeWithKey(key, source, target)
    changed = true
  }
  return changed
}

/** The part of its size that everything is drawn in when there are so many nodes. */
export function crowdingOf(nodes: number): number {
  return Math.max(MIN_CROWDING, Math.min(1, Math.sqrt(ROOMY / nodes)))
}

function sizeOf({ share, distance }: NeighbourNode, top: number): number {
  // areas, not radii, are what one compares
  const size = MIN_SIZE + (MAX_SIZE - MIN_SIZE) * Math.sqrt(top === 0 ? 0 : share / top)
  return distance === 0 ? Math.max(size, MIN_CENTRE_SIZE) : size
}

/** A node's name in one short line: its text where it is known. */
export function labelOf({ cid, text }: Pick<NeighbourNode, 'cid' | 'text'>): string {
  const line = [...(text ?? '').replaceAll(/\s+/g, ' ').trim()]
  if (line.length === 0) return shorten(cid)
  return line.length <= MAX_LABEL ? line.join('') : `${line.slice(0, MAX_LABEL - 1).join('')}…`
}
