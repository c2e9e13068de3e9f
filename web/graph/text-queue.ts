import type { LinkGraph } from './link-graph.ts'
import { digestKey } from './particle-table.ts'

/** A particle that gave no text n times is asked for in every 2ⁿ-th round only, 256 at most: it may be a model. */
const MAX_BACKOFF = 8

/**
 * Which particles to ask a text for: those with links out first, since people search for them. A round costs what it
 * takes out, not what the graph holds: each particle is passed once as it appears, then waits for the rounds that
 * it is due in. Particles are held by key, so that the numbers of the graph may change.
 */
export class TextQueue {
  /** rounds in which a particle was asked for; it waits in `#waiting` or in a line */
  readonly #attempts = new Map<string, number>()
  /** by the round that they are due in */
  readonly #waiting = new Map<number, string[]>()
  readonly #queries = new Line()
  readonly #others = new Line()
  #graph: LinkGraph | undefined
  /** of the graph's beginnings and of its particles: how many were passed */
  #passedBeginnings = 0
  #passedParticles = 0
  #round = 0

  /** The next round: at most `limit` particles of the graph whose text `has` does not know. */
  take(graph: LinkGraph, has: (key: string) => boolean, limit: number): readonly number[] {
    if (graph !== this.#graph) {
      this.#graph = graph
      this.#passedBeginnings = 0
      this.#passedParticles = 0
    }
    const round = this.#round++
    this.#wake(graph, round)
    const taken: number[] = []
    for (const key of this.#candidates(graph)) {
      const particle = graph.particles.findKey(key)
      if (particle === undefined || has(key)) this.#attempts.delete(key)
      else {
        taken.push(particle)
        this.#askAgain(key, round)
      }
      if (taken.length === limit) break
    }
    return taken
  }

  /** What may be asked for in this round, in order; what is not drawn stays. */
  *#candidates(graph: LinkGraph): Generator<string> {
    const { index, particles } = graph
    const { beginnings } = index
    while (this.#passedBeginnings < beginnings.length) {
      yield* this.#unasked(graph, beginnings[this.#passedBeginnings++]!)
    }
    yield* this.#queries.drain()
    while (this.#passedParticles < particles.size) {
      const particle = this.#passedParticles++
      if (!index.hasOut(particle)) yield* this.#unasked(graph, particle)
    }
    yield* this.#others.drain()
  }

  *#unasked(graph: LinkGraph, particle: number): Generator<string> {
    const key = digestKey(graph.particles.digest(particle))
    if (!this.#attempts.has(key)) yield key
  }

  /** Moves what is due to its line. */
  #wake(graph: LinkGraph, round: number): void {
    for (const key of this.#waiting.get(round) ?? []) {
      const particle = graph.particles.findKey(key)
      const line = particle !== undefined && graph.index.hasOut(particle) ? this.#queries : this.#others
      line.push(key)
    }
    this.#waiting.delete(round)
  }

  #askAgain(key: string, round: number): void {
    const attempts = Math.min((this.#attempts.get(key) ?? 0) + 1, MAX_BACKOFF)
    this.#attempts.set(key, attempts)
    const due = (Math.floor(round / 2 ** attempts) + 1) * 2 ** attempts
    const waiting = this.#waiting.get(due)
    if (waiting === undefined) this.#waiting.set(due, [key])
    else waiting.push(key)
  }
}

/** First in, first out. */
class Line {
  #keys: string[] = []
  #head = 0

  push(key: string): void {
    this.#keys.push(key)
  }

  *drain(): Generator<string> {
    while (this.#head < this.#keys.length) {
      const key = this.#keys[this.#head++]!
      if (2 * this.#head > this.#keys.length) {
        this.#keys = this.#keys.slice(this.#head)
        this.#head = 0
      }
      yield key
    }
  }
}
