import { AppError } from '#core/errors.ts'
import type { LinkGraph } from './link-graph.ts'

export type IndexErrorCode = 'SEARCH_OFF'

/** How far the index of searches is ([KG22]). */
export interface IndexState {
  readonly isOn: boolean
  /** links in it, of those that the graph holds */
  readonly done: number
  readonly total: number
}

/** Links indexed between two looks at the clock: some milliseconds. */
const SLICE_LINKS = 16_384

export interface IndexKeeperInit {
  /** lets other work in while many links are indexed @default never */
  readonly pause?: (() => Promise<void>) | undefined
  readonly onProgress: (state: IndexState) => void
}

/**
 * Keeps the index of the graph up with its links, or off ([KG22]). The few links of a message are indexed at once; a
 * graph that was loaded, or made anew after a fork, is indexed in the background, and searches find what is there.
 */
export class IndexKeeper {
  readonly #init: IndexKeeperInit
  #graph: LinkGraph | undefined
  #isOn = true
  #running: Promise<void> | undefined

  constructor(init: IndexKeeperInit) {
    this.#init = init
  }

  get state(): IndexState {
    const graph = this.#graph
    return { isOn: this.#isOn, done: graph?.index.done ?? 0, total: graph?.links ?? 0 }
  }

  /** The graph grew, or this one took its place. */
  follow(graph: LinkGraph): void {
    this.#graph = graph
    if (!this.#isOn || this.#running !== undefined) return
    if (!graph.index.advance(SLICE_LINKS)) return
    this.#running = this.#catchUp().finally(() => {
      this.#running = undefined
    })
  }

  /** Resolves when the index holds all links, or is off. */
  async set(isOn: boolean): Promise<void> {
    this.#isOn = isOn
    if (!isOn) this.#graph?.dropIndex()
    else if (this.#graph !== undefined) this.follow(this.#graph)
    await this.#running
    this.#init.onProgress(this.state)
  }

  /** @throws SEARCH_OFF */
  assertOn(): void {
    if (this.#isOn) return
    throw new AppError<IndexErrorCode>(
      'SEARCH_OFF',
      'The index of searches is switched off here; links are kept and ranked all the same. Switch it on with tabland.graph.setIndex(true).',
    )
  }

  async #catchUp(): Promise<void> {
    const { pause, onProgress } = this.#init
    // the graph may be another one after each pause, or the index off
    while (this.#isOn && this.#graph?.index.advance(SLICE_LINKS) === true) {
      onProgress(this.state)
      await pause?.()
    }
    onProgress(this.state)
  }
}
