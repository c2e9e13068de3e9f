import { toHex } from '#core/bytes.ts'
import { parseDigest, particleOf } from '#core/cid.ts'
import { parseAddress } from '#core/delegation.ts'
import { MAX_CONTEXT_PARTICLES } from '#core/limits.ts'
import { createView, hashRanksOf, type RankView } from './graph-ranker.ts'
import type { SearchComponents } from './graph-search.ts'
import type { SearchContext } from './graph-types.ts'
import type { LinkGraph } from './link-graph.ts'
import type { LinkPasses } from './link-passes.ts'
import { type ContextKernel, contextOf } from './rank-context.ts'
import { rankError } from './rank-errors.ts'

export interface ContextRankerComponents {
  readonly kernel: () => ContextKernel | Promise<ContextKernel>
  /** what graphs are built by @default plain TypeScript */
  readonly passes?: (() => Promise<LinkPasses>) | undefined
  readonly graph: () => LinkGraph
  /** lets other work in while a rank runs @default never */
  readonly pause?: () => Promise<void>
}

/** Contexts whose rank is at hand: what a person or an agent changes between. Each takes 8 bytes a particle. */
const MAX_VIEWS = 8

interface Kept {
  /** what was asked for */
  readonly key: string
  readonly graph: LinkGraph
  /** how many links it had */
  readonly links: number
  readonly view: RankView
}

/** Ranks the graph as seen from a context ([KG15]), when asked and never for others; the last few are kept. */
export class ContextRanker {
  readonly #components: ContextRankerComponents
  /** newest first */
  #kept: readonly Kept[] = []
  /** one after the other: each takes the memory of a whole graph */
  #queue: Promise<unknown> = Promise.resolve()

  constructor(components: ContextRankerComponents) {
    this.#components = components
  }

  /**
   * What searches take: the graph as it is now and its rank in a context. Cursors lead to the view that they are of.
   *
   * @throws RANK_CONTEXT when nothing of it is in the graph, or it is too large; CID_INVALID, ADDRESS_INVALID
   */
  async rank(context: SearchContext): Promise<SearchComponents> {
    const { graph, view: current } = await this.#next(() => this.#find(context))
    const find = (id: string) => this.#kept.find((kept) => kept.view.id === id && kept.graph === graph)
    return { graph, ranker: { current, view: (id) => find(id)?.view ?? current } }
  }

  #next<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(task)
    this.#queue = result.catch(() => {})
    return result
  }

  async #find(context: SearchContext): Promise<Kept> {
    const graph = this.#components.graph()
    const { links } = graph
    const particles = particlesOf(graph, context)
    const key =
      'neuron' in context ? toHex(parseAddress(context.neuron)) : particles.sort((a, b) => a - b).join()
    const same = this.#kept.find((kept) => kept.key === key && kept.graph === graph && kept.links === links)
    if (same !== undefined) return same
    const kept = { key, graph, links, view: await this.#compute(graph, particles) }
    this.#kept = [kept, ...this.#kept].slice(0, MAX_VIEWS)
    return kept
  }

  async #compute(graph: LinkGraph, particles: readonly number[]): Promise<RankView> {
    const { kernel: load, passes, pause } = this.#components
    const rankGraph = graph.rankGraph(await passes?.())
    const context = contextOf(particles, rankGraph.particles)
    const kernel = await load()
    const { ranks } = await kernel.rankContext(rankGraph, context, pause === undefined ? {} : { pause })
    return createView(graph, ranks, await hashRanksOf(graph, ranks))
  }
}

/** Local numbers, with repetition: those of the CIDs that are known, or both ends of each of the neuron's links. */
function particlesOf(graph: LinkGraph, context: SearchContext): number[] {
  const particles =
    'neuron' in context
      ? graph.index
          .ofNeuron(parseAddress(context.neuron))
          .flatMap((link) => [graph.from(link), graph.to(link)])
      : knownOf(graph, context.cids)
  if (particles.length > 0) return particles
  throw rankError(
    'RANK_CONTEXT',
    'neuron' in context
      ? `No link of ${context.neuron.slice(0, 80)} is known here, so nothing is near to it. Choose another neuron, or particles.`
      : 'No particle of this context has a link. Choose others, or link one of them first.',
  )
}

function knownOf(graph: LinkGraph, cids: readonly string[]): number[] {
  if (cids.length > MAX_CONTEXT_PARTICLES) {
    throw rankError(
      'RANK_CONTEXT',
      `A context takes up to ${MAX_CONTEXT_PARTICLES} particles, got ${cids.length}.`,
    )
  }
  return cids
    .map((cid) => graph.particles.find(parseDigest(particleOf(cid))))
    .filter((particle) => particle !== undefined)
}
