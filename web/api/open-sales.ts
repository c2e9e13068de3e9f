import { createPayments, type ProvenSale } from '#chain/access/payments.ts'
import { letsIn } from '#chain/access/read-offer.ts'
import { checksummed } from '#chain/checksummed.ts'
import { fromHex } from '#core/bytes.ts'
import { parseAddress } from '#core/delegation.ts'
import { parseObjectId } from '#objects/object-id.ts'
import type { SaleFacts } from './access-types.ts'
import { proofAt } from './chain-proof.ts'
import type { ParcelsComponents } from './open-parcels.ts'
import { describeOffer } from './open-portals.ts'

/**
 * The Model token by which an object can be seen: one that lets this wallet in, else one of its own, else the cheapest
 * that is for sale; undefined where there is none.
 *
 * @param object base58 @param author address of its owner, who minted it
 * @throws OBJECT_INVALID, ADDRESS_INVALID, RPC_UNREACHABLE
 */
export async function readSaleFacts(
  object: string,
  author: string,
  { chain, reader, ask, own }: ParcelsComponents,
): Promise<SaleFacts | undefined> {
  const { model, access } = chain.contracts
  if (model === undefined || access === undefined) return undefined
  const me = own()?.toLowerCase()
  const payments = createPayments({ contracts: { model, access }, reader, ask })
  const who = me === undefined ? undefined : fromHex(me.slice(2))
  const sales = await payments.salesOf(parseObjectId(object), parseAddress(author), who)
  const isMine = (sale: ProvenSale): boolean => sale.model.holder === me
  const rank = (sale: ProvenSale): number => {
    if (isMine(sale)) return 1
    return letsIn(sale.offer, false, sale.header.timestamp) ? 0 : 2
  }
  const offered = sales.filter((sale) => sale.isForSale || isMine(sale))
  const [best] = offered.toSorted(
    (a, b) => rank(a) - rank(b) || Number(a.offer.priceWei - b.offer.priceWei) || a.model.id - b.model.id,
  )
  if (best === undefined) return undefined
  return {
    model: best.model.id,
    holder: checksummed(best.model.holder),
    mine: isMine(best),
    isForSale: best.isForSale,
    offer: describeOffer(best.offer, isMine(best), best.header),
    proof: proofAt(best.header, reader),
  }
}
