/** What the graph tells others, as plain values: they cross workers. */
import type { Bytes } from '#core/bytes.ts'
import type { ObjectId } from '#objects/object-id.ts'
import type { KernelName, RankReport } from './graph-ranker.ts'
import type { IndexState } from './index-keeper.ts'
import type { IngestResult } from './link-intake.ts'
import type { BatchRange, FeedHead } from './link-log.ts'
import type { Neighbourhood, NeighbourhoodOptions } from './neighbourhood.ts'
import type { KernelTiming } from './rank-bench.ts'

export interface FoundLink {
  /** 0x… */
  readonly neuron: string
  /** unix ms */
  readonly time: number
}

export interface FoundParticle {
  /** CIDv0 */
  readonly cid: string
  /** in units of 2⁻⁶² */
  readonly rank: bigint
  /** rank / 2⁶² */
  readonly share: number
  readonly links: readonly FoundLink[]
}

export interface FoundPage {
  /** the particle whose links these are: that of the query, or of `shown` */
  readonly particle: string
  readonly results: readonly FoundParticle[]
  /** where the next page begins */
  readonly cursor?: string
  readonly total: number
  /** nearest known texts, when nothing was found */
  readonly suggestions: readonly string[]
  /** the text whose links these are: the query's has none, and this one differs from it in upper and lower case alone */
  readonly shown?: string
}

export interface NeuronLink {
  readonly from: string
  readonly to: string
  /** unix ms */
  readonly time: number
}

export interface NeuronPage {
  /** oldest first */
  readonly links: readonly NeuronLink[]
  /** of the neuron */
  readonly total: number
  /** where the next page begins */
  readonly cursor?: string
}

export interface PageOptions {
  /** 1..MAX_PAGE @default 20 */
  readonly limit?: number
  readonly cursor?: string
}

/** What ranks are to be relative to ([KG15]): CIDs or texts, or all that a neuron (0x…) linked. */
export type SearchContext = { readonly cids: readonly string[] } | { readonly neuron: string }

export interface SearchPageOptions extends PageOptions {
  /** @default none: the rank that all share */
  readonly context?: SearchContext
}

export interface GraphStatus {
  readonly particles: number
  readonly links: number
  readonly neurons: number
  readonly texts: number
  /** records read from the profile's store, while they are */
  readonly loading?: { readonly done: number; readonly total: number }
  /** of searches ([KG22]) */
  readonly index: IndexState
  readonly rank?: RankReport
  readonly failure?: { readonly code: string; readonly message: string }
}

/** Before anything is known. */
export const NO_STATUS: GraphStatus = {
  particles: 0,
  links: 0,
  neurons: 0,
  texts: 0,
  index: { isOn: true, done: 0, total: 0 },
}

/**
 * The knowledge graph of one tab or process. All methods are asynchronous and speak in plain values, so that it
 * runs in a worker as it does in place.
 */
export interface GraphService {
  /** Reads what the profile kept. Everything else may be called before it ends. */
  load(): Promise<void>
  /** Hears every change of the status, at once with the present one. */
  watch(listener: (status: GraphStatus) => void): Promise<void>

  ingest(envelopes: readonly Bytes[]): Promise<readonly IngestResult[]>
  heads(): Promise<readonly FeedHead[]>
  missingFrom(heads: readonly FeedHead[]): Promise<readonly BatchRange[]>
  readBatches(range: BatchRange, maxBytes: number): Promise<readonly Bytes[]>
  /** The encoded LinkBatch object of this id, when it is part of the graph. */
  findObject(id: ObjectId): Promise<Bytes | undefined>

  /** Particles that a text or CID links to, by rank ([KG21]). */
  search(query: string, options?: SearchPageOptions): Promise<FoundPage>
  /** Particles that link to it, by rank. */
  backlinks(query: string, options?: SearchPageOptions): Promise<FoundPage>
  /** All particles by rank. */
  top(options?: PageOptions): Promise<FoundPage>
  /**
   * Particles that can be reached from a context, by their rank in it ([KG15]); computed when the graph or the
   * context is another one than before. @throws RANK_CONTEXT when nothing of it is known
   */
  context(context: SearchContext, options?: PageOptions): Promise<FoundPage>
  rankOf(query: string): Promise<{ readonly rank: bigint; readonly share: number } | undefined>
  /** A neuron's links, oldest first. */
  neuron(address: string, options?: PageOptions): Promise<NeuronPage>
  /** Runs of consecutive links of a neuron whose ends meet ([KG4]): CIDs along each. */
  chains(address: string): Promise<readonly (readonly string[])[]>
  /** What a text or CID is linked with, step by step around it, for a picture of it. */
  neighbourhood(query: string, options?: NeighbourhoodOptions): Promise<Neighbourhood>
  suggest(prefix: string, limit?: number): Promise<readonly string[]>
  /** Switches the index of searches on or off, for good; resolves when it holds all links. What needs it throws SEARCH_OFF. */
  setIndex(isOn: boolean): Promise<void>
  compute(kernel?: KernelName): Promise<RankReport>
  /** Times each kernel on the graph as it is. */
  bench(): Promise<readonly KernelTiming[]>

  text(cid: string): Promise<string | undefined>
  /** Texts (bytes) of some CIDs, as far as they are known. */
  texts(cids: readonly string[]): Promise<readonly Bytes[]>
  addText(cid: string, bytes: Bytes): Promise<void>
  /** Particles whose text is not known: those with links out first, and those that gave none before less often. */
  missingTexts(limit: number): Promise<readonly string[]>
  stop(): Promise<void>
}
