/** The part of the seam about who owns which parcel; see types.ts. Amounts are bigint, in 10⁻¹⁸; times are unix ms. */
import type { Cell } from '#core/land.ts'
import type { LandShare } from '#core/land-rule.ts'
import type { ModelPlacement } from './types.ts'

/** How far a value may be believed: it was proved against this block's state root. */
export interface ChainProof {
  readonly block: number
  /** time of that block */
  readonly at: number
  /** endpoints that say that it is the newest, of those that are asked */
  readonly agreeing: number
  readonly sources: number
}

export interface AuctionFacts {
  readonly bidder: string
  readonly mine: boolean
  readonly bidWei: bigint
  readonly endsAt: number
  /** its time is over: it waits for somebody to end it */
  readonly isOver: boolean
}

/** A parcel on the chain. */
export interface ParcelFacts {
  /** 1 to 65,534 */
  readonly id: number
  readonly share: LandShare
  /** `inactive`: owned, without a place */
  readonly state: 'unminted' | 'active' | 'inactive'
  /** where it lies, or will be minted */
  readonly cell?: Cell
  /** `0x…`; absent while nobody owns it */
  readonly owner?: string
  readonly mine: boolean
  /** may this tab's wallet build on it? */
  readonly mayBuild: boolean
  readonly warnings: number
  /** until when its owner is taken to be alive; 0 = without end, as the foundation's, or never */
  readonly aliveUntil: number
  /** its owner has shown no life for so long that anybody may free its place */
  readonly isSilent: boolean
  readonly auction?: AuctionFacts
  /** the least next bid, where it is for sale: by the terms of sale, from the proved highest bid */
  readonly leastBidWei?: bigint
  readonly proof: ChainProof
}

/** A token of `Model` ([CH6]). */
export interface ModelFacts {
  readonly id: number
  /** `0x…` */
  readonly holder: string
  readonly mine: boolean
  /** its holder took it or placed it: a gift that nobody wanted is kept by nobody */
  readonly isAccepted: boolean
  readonly author: string
  /** of sales, in 1/10,000 */
  readonly royalty: number
  /** CID of its content; absent when its author named none that is one */
  readonly root?: string
  /** of the object that it shows, base58 */
  readonly object?: string
  /** a contract decides who sees it */
  readonly isRestricted: boolean
  /** where it stands; absent: nowhere */
  readonly place?: {
    readonly on: 'parcel' | 'planet'
    /** id on the chain */
    readonly parcel: number
    readonly placement: ModelPlacement
  }
  readonly proof: ChainProof
}
