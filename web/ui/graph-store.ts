import { type ReadonlySignal, signal } from '@preact/signals'
import type { Failure, Tabland } from '#api/types.ts'
import type { Neighbourhood } from '#graph/neighbourhood.ts'
import { failureOf, isAbort } from './failure.ts'

/** Steps that a picture is drawn for. */
export const DEPTHS = [1, 2, 3] as const
export type Depth = (typeof DEPTHS)[number]

/** Nodes of a picture: what can be read at a glance, then as many as the graph gives. */
export const NODE_LIMITS = [60, 120, 250, 500] as const

export interface GraphView {
  /** CIDv0 that it is drawn around; undefined before it is known */
  readonly cid: string | undefined
  readonly status: 'loading' | 'done' | 'failed' | 'empty'
  /** stays while the next one is on its way */
  readonly neighbourhood?: Neighbourhood
  readonly failure?: Failure
}

export interface GraphStore {
  readonly view: ReadonlySignal<GraphView>
  readonly depth: ReadonlySignal<Depth>
  /** nodes at most */
  readonly limit: ReadonlySignal<number>
  /** Looks around a particle (CIDv0), or around the one of the highest rank. */
  show(cid: string | undefined): Promise<void>
  setDepth(depth: Depth): Promise<void>
  /** Is there more to draw, and room for it? */
  readonly hasMore: () => boolean
  more(): Promise<void>
  /** Looks again, quietly: what is drawn stays until the answer differs, and when there is none. */
  refresh(): Promise<void>
  stop(): void
}

type Commands = Pick<Tabland, 'rank' | 'graph'>

/** The graph panel's state: one particle, how far around it, and what was found. */
export function createGraphStore(tabland: Promise<Commands>): GraphStore {
  const view = signal<GraphView>({ cid: undefined, status: 'loading' })
  const depth = signal<Depth>(2)
  const limit = signal<number>(NODE_LIMITS[0])
  let running = new AbortController()

  const begin = (): AbortSignal => {
    running.abort()
    running = new AbortController()
    return running.signal
  }

  const findTop = async (signal: AbortSignal): Promise<string | undefined> => {
    const { rank } = await tabland
    const { results } = await rank.top({ limit: 1, signal })
    return results[0]?.cid
  }

  const look = async (cid: string, signal: AbortSignal): Promise<Neighbourhood> => {
    const { graph } = await tabland
    return graph.neighbourhood(cid, { depth: depth.value, limit: limit.value, signal })
  }

  const load = async (asked: string | undefined): Promise<void> => {
    const signal = begin()
    const { neighbourhood: before } = view.value
    const kept = before === undefined ? {} : { neighbourhood: before }
    view.value = { cid: asked, status: 'loading', ...kept }
    try {
      const cid = asked ?? (await findTop(signal))
      const neighbourhood = cid === undefined ? undefined : await look(cid, signal)
      if (signal.aborted) return
      view.value =
        neighbourhood === undefined
          ? { cid, status: 'empty' }
          : { cid, status: neighbourhood.nodes.length === 0 ? 'empty' : 'done', neighbourhood }
    } catch (error) {
      if (signal.aborted || isAbort(error)) return
      view.value = { cid: asked, status: 'failed', failure: failureOf(error) }
    }
  }

  const hasMore = (): boolean => {
    const { neighbourhood } = view.value
    return (neighbourhood?.leftOut ?? 0) > 0 && limit.value < NODE_LIMITS.at(-1)!
  }

  return {
    view,
    depth,
    limit,
    hasMore,
    show(cid) {
      limit.value = NODE_LIMITS[0]
      return load(cid)
    },
    async setDepth(next) {
      depth.value = next
      limit.value = NODE_LIMITS[0]
      await load(view.value.cid)
    },
    async more() {
      if (!hasMore()) return
      limit.value = NODE_LIMITS.find((next) => next > limit.value)!
      await load(view.value.cid)
    },
    async refresh() {
      const { cid, status } = view.value
      if (status === 'loading') return
      if (cid === undefined || status === 'failed') return load(cid)
      const { signal } = running
      try {
        const neighbourhood = await look(cid, signal)
        if (signal.aborted || isSame(view.value.neighbourhood, neighbourhood)) return
        view.value = { cid, status: neighbourhood.nodes.length === 0 ? 'empty' : 'done', neighbourhood }
      } catch {
        // what was found before stays
      }
    },
    stop() {
      running.abort()
    },
  }
}

/** Would both be drawn and told alike? */
function isSame(a: Neighbourhood | undefined, b: Neighbourhood): boolean {
  if (a === undefined || a.leftOut !== b.leftOut || a.links.length !== b.links.length) return false
  return (
    a.nodes.length === b.nodes.length &&
    b.nodes.every(({ cid, rank, text, hidden }, place) => {
      const other = a.nodes[place]!
      return other.cid === cid && other.rank === rank && other.text === text && other.hidden === hidden
    }) &&
    b.links.every(({ from, to }, place) => a.links[place]!.from === from && a.links[place]!.to === to)
  )
}

export type Direction = 'to' | 'from' | 'both' | 'none'

/** How each node is linked with the first one: from it, to it, both ways, or only through others. */
export function directionsOf({ nodes, links }: Neighbourhood): readonly Direction[] {
  const to = new Set(links.filter(({ from }) => from === 0).map((link) => link.to))
  const from = new Set(links.filter((link) => link.to === 0).map((link) => link.from))
  return nodes.map((_, place) => {
    if (to.has(place)) return from.has(place) ? 'both' : 'to'
    return from.has(place) ? 'from' : 'none'
  })
}
