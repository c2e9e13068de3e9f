import { type Bytes, equalBytes } from '#core/bytes.ts'
import { formatCid, parseCid, parseDigest, particleOf } from '#core/cid.ts'
import { isAppError } from '#core/errors.ts'
import type { RecordStore } from '#core/record-store.ts'
import type { Timers } from '#core/timers.ts'
import { decodeObject, objectIdOf } from '#objects/object.ts'
import type { ObjectId } from '#objects/object-id.ts'
import { createRecordVerifier, isEnvelope } from '#objects/signed-record.ts'
import { ContextRanker } from './context-ranker.ts'
import { GraphRanker, type GraphRankerComponents, type KernelName, type RankReport } from './graph-ranker.ts'
import {
  linkChains,
  neuronLinks,
  type SearchComponents,
  searchFrom,
  searchInto,
  searchTop,
  shareOf,
} from './graph-search.ts'
import {
  type FoundPage,
  type GraphService,
  type GraphStatus,
  NO_STATUS,
  type PageOptions,
  type SearchContext,
  type SearchPageOptions,
} from './graph-types.ts'
import { IndexKeeper } from './index-keeper.ts'
import { type IngestResult, LinkIntake } from './link-intake.ts'
import { createLinkStore } from './link-store.ts'
import { findNeighbourhood, type NeighbourhoodOptions } from './neighbourhood.ts'
import { digestKey } from './particle-table.ts'
import type { ContextKernel } from './rank-context.ts'
import { createTsKernel } from './rank-reference.ts'
import { findShown, markShown, readMark } from './shown-text.ts'
import { TextIndex } from './text-index.ts'
import { TextQueue } from './text-queue.ts'

export interface GraphServiceComponents {
  /** 32 bytes: records of other machines are refused */
  readonly machine: Bytes
  readonly store: RecordStore
  readonly kernel: GraphRankerComponents['kernel']
  /** kernels that `kernel` dropped so far @default none */
  readonly dropped?: GraphRankerComponents['dropped']
  readonly passes?: GraphRankerComponents['passes']
  readonly timers: Timers
  /** unix ms */
  readonly now: () => number
  /** ranks in contexts @default plain TypeScript */
  readonly contextKernel?: () => ContextKernel | Promise<ContextKernel>
  /** lets other work in while a rank runs @default never */
  readonly pause?: () => Promise<void>
}

const SUGGESTIONS = 8
const TEXT = 'text/'
/** there while the index of searches is off */
const INDEX_OFF = 'index/off'

/** Builds the graph of one profile ([KG1]–[KG4], [KG21], [KG23]) over its record store. */
export function createGraphService(components: GraphServiceComponents): GraphService {
  return new Graph(components)
}

class Graph implements GraphService {
  readonly #store: RecordStore
  readonly #intake: LinkIntake
  readonly #ranker: GraphRanker
  readonly #contexts: ContextRanker
  readonly #index: IndexKeeper
  readonly #texts = new TextIndex()
  readonly #textQueue = new TextQueue()
  /** keys of records that were dropped as damaged and have not come again */
  readonly #damaged = new Set<string>()
  /** code of the failed write that no other has followed */
  #unsaved: string | undefined
  readonly #listeners: ((status: GraphStatus) => void)[] = []
  #status = NO_STATUS

  constructor(components: GraphServiceComponents) {
    const { machine, store, kernel, dropped = [], contextKernel = createTsKernel, timers, now } = components
    const { passes } = components
    const pause = components.pause === undefined ? {} : { pause: components.pause }
    this.#store = store
    this.#intake = new LinkIntake({
      verifier: createRecordVerifier({ machine, now }),
      store: createLinkStore(
        store,
        (error) => this.#notSaved(error),
        (keys) => this.#saved(keys),
      ),
    })
    this.#index = new IndexKeeper({ ...pause, onProgress: (index) => this.#set({ index }) })
    this.#ranker = new GraphRanker({
      kernel,
      dropped,
      ...(passes === undefined ? {} : { passes }),
      ...pause,
      timers,
      now,
      graph: () => this.#intake.graph,
      onRank: (rank) => this.#ranked(rank),
      onFailure: (error) => this.#fail(error, 'RANK_FAILED'),
    })
    this.#contexts = new ContextRanker({
      kernel: contextKernel,
      passes,
      ...pause,
      graph: () => this.#intake.graph,
    })
  }

  async load(): Promise<void> {
    if ((await this.#store.get(INDEX_OFF)) !== undefined) await this.#index.set(false)
    for await (const { key, value } of this.#store.entries(TEXT)) await this.#loadText(key, value)
    this.#set({ texts: this.#texts.size })
    await this.#intake.load({
      onProgress: (done, total) => this.#set({ loading: { done, total }, ...this.#counts() }),
      onDamaged: (key, error) => {
        this.#damaged.add(key)
        this.#fail(new Error(`${key} was damaged and is fetched again`, { cause: error }), 'RECORD_DAMAGED')
      },
    })
    const { loading: _, ...status } = this.#status
    this.#status = status
    this.#set(this.#counts())
    if (this.#intake.graph.links > 0) this.#ranker.schedule()
  }

  async #loadText(key: string, value: Bytes): Promise<void> {
    try {
      this.#texts.add(parseCid(key.slice(TEXT.length)), value)
    } catch {
      // derived data: whatever is wrong with it, it is fetched again
      await this.#store.delete([key])
    }
  }

  async watch(listener: (status: GraphStatus) => void): Promise<void> {
    this.#listeners.push(listener)
    listener(this.#status)
  }

  async ingest(envelopes: readonly Bytes[]): Promise<readonly IngestResult[]> {
    const before = this.#intake.graph
    const links = before.links
    const results = await this.#intake.ingest(envelopes)
    const { graph } = this.#intake
    if (graph !== before) this.#ranker.renumber(before, graph)
    if (graph !== before || graph.links !== links) {
      this.#set(this.#counts())
      this.#ranker.schedule()
    }
    return results
  }

  async heads() {
    return this.#intake.log.heads()
  }

  async missingFrom(heads: Parameters<GraphService['missingFrom']>[0]) {
    return this.#intake.log.missingFrom(heads)
  }

  async readBatches(range: Parameters<GraphService['readBatches']>[0], maxBytes: number) {
    return this.#intake.readRange(range, maxBytes)
  }

  async findObject(id: ObjectId) {
    const place = this.#intake.log.find(id)
    const bytes = place && (await this.#intake.readBatch(place.device, place.seq))
    if (bytes === undefined || isEnvelope(bytes)) return undefined
    // the log knows the hash alone: the head of the id is for the object to say
    return equalBytes(objectIdOf(decodeObject(bytes)), id) ? bytes : undefined
  }

  async search(query: string, options: SearchPageOptions = {}): Promise<FoundPage> {
    const components = await this.#components(options.context)
    const { particle, ...marked } = readMark(options)
    const shown = particle === undefined ? this.#shownFor(query, options) : await this.text(particle)
    const page = searchFrom(components, shown ?? particle ?? query, marked.options)
    return shown === undefined ? this.#withSuggestions(query, page) : markShown(page, shown)
  }

  async backlinks(query: string, options: SearchPageOptions = {}): Promise<FoundPage> {
    const components = await this.#components(options.context)
    return this.#withSuggestions(query, searchInto(components, query, options))
  }

  async top(options: PageOptions = {}): Promise<FoundPage> {
    return searchTop(await this.#byRank(), options)
  }

  async context(context: SearchContext, options: PageOptions = {}): Promise<FoundPage> {
    return searchTop(await this.#components(context), options)
  }

  async rankOf(query: string) {
    const particle = this.#intake.graph.particles.find(parseDigest(particleOf(query)))
    if (particle === undefined) return undefined
    const rank = this.#ranker.current.rankOf(particle)
    return { rank, share: shareOf(rank) }
  }

  async neuron(address: string, options: PageOptions = {}) {
    return neuronLinks((await this.#components()).graph, address, options)
  }

  async chains(address: string) {
    return linkChains((await this.#components()).graph, address)
  }

  async neighbourhood(query: string, options: NeighbourhoodOptions = {}) {
    const textOf = (key: string) => this.#texts.get(key)
    return findNeighbourhood({ ...(await this.#components()), textOf }, query, options)
  }

  async suggest(prefix: string, limit = SUGGESTIONS): Promise<readonly string[]> {
    const { graph } = await this.#components()
    const { current } = this.#ranker
    return this.#texts.suggest(prefix, {
      limit,
      rankOf: (key) => {
        const particle = graph.particles.findKey(key)
        return particle === undefined || !graph.index.hasOut(particle) ? undefined : current.rankOf(particle)
      },
    })
  }

  async setIndex(isOn: boolean): Promise<void> {
    if (isOn) await this.#store.delete([INDEX_OFF])
    else await this.#store.put([{ key: INDEX_OFF, value: new Uint8Array(1) }])
    await this.#index.set(isOn)
  }

  compute(kernel?: KernelName): Promise<RankReport> {
    return this.#ranker.compute(kernel)
  }

  bench() {
    return this.#ranker.bench()
  }

  async text(cid: string): Promise<string | undefined> {
    return this.#texts.get(digestKey(parseDigest(cid)))
  }

  async texts(cids: readonly string[]): Promise<readonly Bytes[]> {
    return cids
      .map((cid) => this.#texts.bytes(digestKey(parseDigest(cid))))
      .filter((bytes) => bytes !== undefined)
  }

  async addText(cid: string, bytes: Bytes): Promise<void> {
    const parsed = parseCid(cid)
    if (!this.#texts.add(parsed, bytes)) return
    this.#set({ texts: this.#texts.size })
    try {
      const key = `${TEXT}${parsed}`
      await this.#store.put([{ key, value: bytes }])
      this.#saved([key])
    } catch (error) {
      this.#notSaved(error)
    }
  }

  async missingTexts(limit: number): Promise<readonly string[]> {
    const { graph } = this.#intake
    const particles = this.#textQueue.take(graph, (key) => this.#texts.has(key), limit)
    return particles.map((particle) => formatCid(graph.particles.digest(particle)))
  }

  async stop(): Promise<void> {
    this.#ranker.stop()
    this.#listeners.length = 0
  }

  #shownFor(query: string, { cursor }: PageOptions): string | undefined {
    if (cursor !== undefined) return undefined
    return findShown({ graph: this.#intake.graph, texts: this.#texts, view: this.#ranker.current }, query)
  }

  #byRank(): SearchComponents {
    return { graph: this.#intake.graph, ranker: this.#ranker }
  }

  /** What searches read. @throws SEARCH_OFF */
  async #components(context?: SearchContext): Promise<SearchComponents> {
    this.#index.assertOn()
    return context === undefined ? this.#byRank() : this.#contexts.rank(context)
  }

  async #withSuggestions(query: string, page: FoundPage): Promise<FoundPage> {
    return page.total > 0 ? page : { ...page, suggestions: await this.suggest(query) }
  }

  #ranked(rank: RankReport): void {
    if (this.#status.failure?.code.startsWith('RANK_') === true) this.#clearFailure()
    this.#set({ rank })
  }

  #notSaved(error: unknown): void {
    this.#fail(error, 'RECORDS_NOT_SAVED')
    this.#unsaved = this.#status.failure?.code
  }

  /** A write that succeeds ends what the one before it failed of; a damaged record is whole when it was written again. */
  #saved(keys: readonly string[]): void {
    for (const key of keys) this.#damaged.delete(key)
    const code = this.#status.failure?.code
    const mended = code === this.#unsaved || (code === 'RECORD_DAMAGED' && this.#damaged.size === 0)
    this.#unsaved = undefined
    if (code === undefined || !mended) return
    this.#clearFailure()
    this.#set({})
  }

  #clearFailure(): void {
    const { failure: _, ...status } = this.#status
    this.#status = status
  }

  /** What the graph holds now; the index follows it. */
  #counts(): Pick<GraphStatus, 'particles' | 'links' | 'neurons' | 'index'> {
    const { graph } = this.#intake
    const { particles, links, neurons } = graph
    this.#index.follow(graph)
    return { particles: particles.size, links, neurons, index: this.#index.state }
  }

  #set(change: Partial<GraphStatus>): void {
    this.#status = { ...this.#status, ...change }
    for (const listener of this.#listeners) listener(this.#status)
  }

  #fail(error: unknown, fallback: string): void {
    const code = isAppError(error) ? error.code : fallback
    this.#set({ failure: { code, message: error instanceof Error ? error.message : String(error) } })
  }
}
