import type { RankReport } from '#graph/graph-ranker.ts'
import type { CallOptions, Failure } from './types.ts'

export interface GraphState {
  readonly particles: number
  readonly links: number
  readonly neurons: number
  /** batches of links that are here, of those that are known of: while the profile's are read, or others' come */
  readonly sync:
    | { readonly source: 'profile' | 'peers'; readonly done: number; readonly total: number }
    | undefined
  /** of searches ([KG22]): links in it, of those that the graph holds */
  readonly index: { readonly isOn: boolean; readonly done: number; readonly total: number }
  readonly rank: RankSummary | undefined
  readonly failure?: Failure
}

/** What a finished rank was and took. */
export type RankSummary = RankReport

export interface SearchResult {
  /** CIDv0 */
  readonly cid: string
  /** in units of 2⁻⁶² */
  readonly rank: bigint
  /** rank / 2⁶² */
  readonly share: number
  readonly links: readonly { readonly neuron: string; readonly time: number }[]
}

export interface SearchPage {
  /** the query's own particle, or that of `shown` */
  readonly particle: string
  readonly results: readonly SearchResult[]
  readonly cursor?: string
  readonly total: number
  /** nearest known texts, when nothing is linked from the query */
  readonly suggestions: readonly string[]
  /** the text whose links these are: the query's has none, and this one differs from it in upper and lower case alone */
  readonly shown?: string
}

/** Particles by rank. */
export type RankPage = Pick<SearchPage, 'results' | 'total' | 'cursor'>

export interface NeuronPage {
  /** oldest first; times in unix ms */
  readonly links: readonly { readonly from: string; readonly to: string; readonly time: number }[]
  /** of the neuron */
  readonly total: number
  readonly cursor?: string
}

export interface SearchOptions extends CallOptions {
  readonly limit?: number
  readonly cursor?: string
}

/** What is to be near ([KG15]): CIDs or texts, or all that a neuron (0x…) linked. */
export type SearchContext = { readonly cids: readonly string[] } | { readonly neuron: string }

export interface ContextSearchOptions extends SearchOptions {
  /** ranks are those as seen from there @default none: the rank that all share */
  readonly context?: SearchContext
}
