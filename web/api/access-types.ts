/** The part of the seam about planets, portals and what one pays to enter or to see ([CH5], [CH7]); see types.ts. */
import type { Cell } from '#core/land.ts'
import type { ChainProof } from './chain-types.ts'
import type { ModelPlacement } from './types.ts'

/** What entrances and unlocks are paid for. */
export type AccessThing = 'planet' | 'model'

/** The terms of a thing, and how far this tab's wallet is let in. */
export interface OfferFacts {
  /** 0 is free */
  readonly priceWei: bigint
  /** ms that one payment lets in; 0 for ever */
  readonly durationMs: number
  /** `unpaid`: it takes a payment first */
  readonly entry: 'free' | 'owner' | 'paid' | 'unpaid'
  /** unix ms until which this wallet has paid, Infinity for ever; absent when it never has */
  readonly paidUntil?: number
}

/** A planet has the id of its parcel, and its owner. */
export interface PlanetFacts {
  readonly id: number
  /** `0x…` */
  readonly owner: string
  readonly mine: boolean
  readonly offer: OfferFacts
}

/** Where a parcel leads. */
export interface PortalFacts {
  readonly parcel: number
  readonly mine: boolean
  /** has it a planet of its own? */
  readonly hasPlanet: boolean
  /** another parcel's planet that its owner wants it to lead to; it takes that planet's owner to agree */
  readonly wanted?: { readonly planet: number; readonly agreed: boolean; readonly mine: boolean }
  /** where one enters: absent where it leads nowhere */
  readonly leadsTo?: PlanetFacts
  readonly proof: ChainProof
}

/** A Model token that shows a restricted object, and what seeing it takes. */
export interface SaleFacts {
  /** id of the token */
  readonly model: number
  /** `0x…` */
  readonly holder: string
  readonly mine: boolean
  /** does a payment open it? If not, its holder has yet to say so */
  readonly isForSale: boolean
  readonly offer: OfferFacts
  readonly proof: ChainProof
}

/** A Model token that stands on a planet. */
export interface PlanetModel {
  readonly id: number
  /** CID of the model's file */
  readonly root: string
  /** base58: the file is restricted, and is read as this object, by whoever may */
  readonly object?: string
  /** from the planet's middle */
  readonly placement: ModelPlacement
}

/** A Model token that stands on a parcel, as one block proved it ([CH6]). */
export interface ParcelToken extends Omit<PlanetModel, 'placement'> {
  /** number of the plot that it stands on now: the parcel may have moved there (core/plots.ts) */
  readonly parcel: number
  readonly cell: Cell
  /** from the parcel's centre */
  readonly placement: ModelPlacement
  /** `0x…` */
  readonly holder: string
  readonly mine: boolean
}

/** A portal as the world draws it. */
export interface PortalPlace {
  readonly cell: Cell
  readonly parcel: number
  readonly planet: number
}
