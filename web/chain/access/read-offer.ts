import type { ChainReader } from '../chain-reader.ts'
import type { Hex } from '../hex.ts'
import type { Header } from '../proofs/header.ts'
import { ACCESS_OFFERS, ACCESS_PAID, mappingSlot } from '../storage-slots.ts'

/** A token that one may have to pay for: a planet, or a model. */
export interface PaidThing {
  /** contract of the token, lower case */
  readonly token: Hex
  readonly id: number
}

/** What `Access` asks for a thing, and until when somebody has paid, proved ([CH7]). */
export interface ProvenOffer {
  /** 0 is free */
  readonly priceWei: bigint
  /** that one payment lets in; 0 for ever */
  readonly durationSeconds: number
  /** unix seconds; 0 never, Infinity for ever */
  readonly paidUntil: number
}

/** What was never asked for is free. */
export const FREE_OFFER: ProvenOffer = { priceWei: 0n, durationSeconds: 0, paidUntil: 0 }

const PRICE_BITS = (1n << 128n) - 1n
const DURATION_BITS = (1n << 64n) - 1n
const FOR_EVER = (1n << 256n) - 1n

/**
 * @param access contract of that name
 * @param who whose payment is looked for, `0x…`; nobody's where nobody is here
 * @throws RPC_UNREACHABLE
 */
export async function readOffer(
  { token, id }: PaidThing,
  who: Hex | undefined,
  { header, reader, access, signal }: OfferQuestion,
): Promise<ProvenOffer> {
  const slotOf = (mapping: bigint) => mappingSlot(BigInt(id), mappingSlot(token, mapping))
  const paid = who === undefined ? [] : [mappingSlot(who, slotOf(ACCESS_PAID))]
  const { slots } = await reader.account(header, access, { slots: [slotOf(ACCESS_OFFERS), ...paid], signal })
  const [offer = 0n, until = 0n] = slots
  return {
    priceWei: offer & PRICE_BITS,
    durationSeconds: Number((offer >> 128n) & DURATION_BITS),
    paidUntil: until === FOR_EVER ? Number.POSITIVE_INFINITY : Number(until),
  }
}

export interface OfferQuestion {
  readonly header: Header
  readonly reader: Pick<ChainReader, 'account'>
  readonly access: Hex
  readonly signal?: AbortSignal | undefined
}

/** By the rule of `Access.hasAccess`, at a time in unix seconds. */
export function letsIn({ priceWei, paidUntil }: ProvenOffer, isOwner: boolean, now: number): boolean {
  return priceWei === 0n || isOwner || now < paidUntil
}
