import type { Cell } from '#core/land.ts'
import type { Failure } from './types.ts'

/** A parcel as the chain proves it ([CH14]). */
export interface ProvenParcel {
  /** on chain, from 1 on */
  readonly id: number
  /** 0x…, lower case */
  readonly owner: string
  /** an inactive parcel has no place */
  readonly cell: Cell | undefined
  readonly warnings: number
  /** unix seconds; 0 = never */
  readonly lastWarningAt: number
  /** until when its owner has proved life, unix seconds; 0 = never */
  readonly aliveUntil: number
  /** the last block in which it was proved to be so, and its time in unix seconds */
  readonly block: number
  readonly blockTime: number
  /** from an earlier visit, and not confirmed since */
  readonly stale: boolean
}

export interface ChainEndpoint {
  readonly name: string
  /** `liar`: it gave a value that its own proof refutes, and is not asked again */
  readonly status: 'good' | 'waiting' | 'liar'
  readonly failure?: string
}

/** Endpoints that say the same of the newest block. */
export interface ChainCamp {
  readonly hash: string
  readonly number: number
  readonly endpoints: readonly string[]
}

/** What a tab knows of its chain and of the land on it ([CH13] to [CH15]). */
export interface ChainLandState {
  /** `absent`: no chain is configured; `cached`: shown from an earlier visit; `proven`: checked against a header */
  readonly kind: 'absent' | 'reading' | 'cached' | 'proven'
  readonly parcels: number
  /** the last block in which the land was proved to be so; its time in unix seconds */
  readonly block?: number
  readonly blockTime?: number
  /** who gave the land that is shown */
  readonly source?: string
  /** endpoints that a majority is counted of; 1 = all rests on one source */
  readonly sources: number
  /** those of them that tell the accepted header */
  readonly agreeing: number
  /** more than one: endpoints disagree about the newest block */
  readonly camps: readonly ChainCamp[]
  readonly endpoints: readonly ChainEndpoint[]
  /** whose land was refused at the last reading, and why */
  readonly refusals: readonly { readonly source: string; readonly code: string; readonly message: string }[]
  /** why the land is not newer than it is */
  readonly failure?: Failure
  /** what a relay told of the chain otherwise than this browser knew */
  readonly changed?: Failure
}

export interface ChainLandApi {
  /**
   * The parcel that lies on a cell, as the chain proves it; undefined where none lies or nothing is known.
   *
   * @throws CELL_EXPECTED
   */
  proven(x: number, y: number): ProvenParcel | undefined
  /** The parcels of an address (0x…), those without a place too. @throws ADDRESS_INVALID */
  owned(address: string): readonly ProvenParcel[]
  /** The parcels in whose words warnings stand, lapsed or not, last warned first: none is left out, as the whole land is proved. */
  warned(): readonly ProvenParcel[]
  /** where the chain, its endpoints and the land stand */
  chain(): ChainLandState
  /** Looks at the chain now, those too who failed before. */
  refresh(): Promise<ChainLandState>
  /** RPC endpoints of one's own, kept in this browser and used from the next start on; none = what relay and build say. @throws RPC_ENDPOINTS */
  setEndpoints(urls: readonly string[]): void
}

/** Before anything is known of a chain. */
export const NO_CHAIN: ChainLandState = {
  kind: 'absent',
  parcels: 0,
  sources: 0,
  agreeing: 0,
  camps: [],
  endpoints: [],
  refusals: [],
}
