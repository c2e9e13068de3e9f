import { letsIn, type ProvenOffer, readOffer } from '#chain/access/read-offer.ts'
import {
  type OwnedParcel,
  type PlanetOfParcel,
  type ProvenPortal,
  readPortals,
} from '#chain/access/read-portals.ts'
import type { ChainReader } from '#chain/chain-reader.ts'
import { checksummed } from '#chain/checksummed.ts'
import type { Hex } from '#chain/hex.ts'
import { readParcelAt } from '#chain/land/read-parcel.ts'
import type { Header } from '#chain/proofs/header.ts'
import type { WriteChain } from '#chain/wallet/chain-config.ts'
import type { Cell } from '#core/land.ts'
import type { OfferFacts, PlanetFacts, PortalFacts, PortalPlace } from './access-types.ts'
import { proofAt } from './chain-proof.ts'
import type { ProvenParcel } from './land-types.ts'

export interface PortalsComponents {
  readonly chain: WriteChain
  readonly reader: ChainReader
  /** this tab's wallet, `0x…`, when it has one */
  readonly own: () => string | undefined
}

/** Portals are drawn within this many cells of the visitor: they are seen and walked to from there. */
const REACH_CELLS = 4

/** Where the parcel on a cell leads, and what it takes; undefined where none is owned, or nothing can be entered here. */
export async function readPortalFacts(
  cell: Cell,
  { chain, reader, own }: PortalsComponents,
): Promise<PortalFacts | undefined> {
  const { landGrid, planet } = chain.contracts
  if (landGrid === undefined || planet === undefined) return undefined
  const parcel = await readParcelAt(cell, reader, { landGrid })
  if (parcel?.owner === undefined) return undefined
  const header = await reader.head()
  const owned = { id: parcel.id, owner: parcel.owner }
  const [portal] = await readPortals([owned], header, reader, { landGrid, planet })
  const me = own()?.toLowerCase() as Hex | undefined
  const { hasPlanet, wanted, leadsTo } = portal as ProvenPortal
  return {
    parcel: parcel.id,
    mine: parcel.owner === me,
    hasPlanet,
    ...(wanted === undefined
      ? {}
      : { wanted: { planet: wanted.planet, agreed: wanted.agreed, mine: wanted.owner === me } }),
    ...(leadsTo === undefined
      ? {}
      : { leadsTo: await describePlanet(leadsTo, me, { chain, reader, header }) }),
    proof: proofAt(header, reader),
  }
}

interface At {
  readonly chain: WriteChain
  readonly reader: ChainReader
  readonly header: Header
}

async function describePlanet(
  { planet: id, owner }: PlanetOfParcel,
  me: Hex | undefined,
  at: At,
): Promise<PlanetFacts> {
  const mine = owner === me
  const { access, planet } = at.chain.contracts
  const offer =
    access === undefined || planet === undefined
      ? undefined
      : await readOffer({ token: planet, id }, me, { ...at, access })
  return {
    id,
    owner: checksummed(owner),
    mine,
    offer: describeOffer(offer, mine, at.header),
  }
}

/** @param offer undefined where nothing can be paid for */
export function describeOffer(
  offer: ProvenOffer | undefined,
  isOwner: boolean,
  { timestamp }: Pick<Header, 'timestamp'>,
): OfferFacts {
  if (offer === undefined) return { priceWei: 0n, durationMs: 0, entry: isOwner ? 'owner' : 'free' }
  const { priceWei, durationSeconds, paidUntil } = offer
  const entry = isOwner
    ? 'owner'
    : priceWei === 0n
      ? 'free'
      : letsIn(offer, false, timestamp)
        ? 'paid'
        : 'unpaid'
  return {
    priceWei,
    durationMs: durationSeconds * 1_000,
    entry,
    ...(paidUntil === 0 ? {} : { paidUntil: paidUntil * 1_000 }),
  }
}

/**
 * Portals around a place, for the world to draw.
 *
 * @param proven the parcel on a cell, as the land that is known proves it
 */
export async function readPortalsNear(
  { x, y }: Cell,
  proven: (x: number, y: number) => ProvenParcel | undefined,
  { chain, reader }: PortalsComponents,
): Promise<readonly PortalPlace[]> {
  const { landGrid, planet } = chain.contracts
  if (landGrid === undefined || planet === undefined) return []
  const near: (OwnedParcel & { readonly cell: Cell })[] = []
  for (let dy = -REACH_CELLS; dy <= REACH_CELLS; dy++) {
    for (let dx = -REACH_CELLS; dx <= REACH_CELLS; dx++) {
      const parcel = Math.hypot(dx, dy) > REACH_CELLS ? undefined : proven(x + dx, y + dy)
      const cell = parcel?.cell
      if (parcel !== undefined && cell !== undefined)
        near.push({ id: parcel.id, owner: parcel.owner as Hex, cell })
    }
  }
  if (near.length === 0) return []
  const portals = await readPortals(near, await reader.head(), reader, { landGrid, planet })
  return portals.flatMap(({ parcel, leadsTo }, at) =>
    leadsTo === undefined ? [] : [{ cell: near[at]!.cell, parcel, planet: leadsTo.planet }],
  )
}
