import {
  assertGivenTo,
  findGiveaway,
  findGivenParcel,
  MAX_GIVEAWAY_BYTES,
} from '#chain/land/giveaway-list.ts'
import { apiError } from './errors.ts'
import type { ParcelsComponents } from './open-parcels.ts'
import type { ClaimIntent } from './wallet-types.ts'

/**
 * The claim of a parcel by the list of its giveaway, checked before anybody is asked to sign.
 *
 * @throws GIVEAWAY_LIST, GIVEAWAY_OTHER, GIVEAWAY_UNKNOWN, CHAIN_NONE, RPC_UNREACHABLE
 */
export async function readClaim(
  list: Blob,
  { parcel, owner }: { readonly parcel: number; readonly owner: string },
  { chain, reader }: Pick<ParcelsComponents, 'chain' | 'reader'>,
): Promise<ClaimIntent> {
  const { landSale } = chain.contracts
  if (landSale === undefined) throw apiError('CHAIN_NONE', 'This chain sells no land and gives none away.')
  // one byte more than may be is enough to be refused
  const found = findGivenParcel(await list.slice(0, MAX_GIVEAWAY_BYTES + 1).text(), parcel)
  assertGivenTo(found, parcel, owner)
  const giveaway = await findGiveaway(found.root, reader, landSale)
  return { kind: 'claim-parcel', giveaway, parcel, owner, proof: found.proof }
}
