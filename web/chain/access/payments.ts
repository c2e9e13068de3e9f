import { encodeEventTopics } from 'viem'
import { modelAbi } from '#contracts/model.ts'
import { type Bytes, equalBytes, toHex } from '#core/bytes.ts'
import type { Address } from '#core/identity.ts'
import type { ChainReader } from '../chain-reader.ts'
import { type Hex, hexOf } from '../hex.ts'
import { modelSlots, readModelWords, type StoredModel } from '../models/model-words.ts'
import type { Header } from '../proofs/header.ts'
import { readLogsBack } from '../rpc/read-logs-back.ts'
import type { Ask } from '../wallet/chain-calls.ts'
import { letsIn, type ProvenOffer, readOffer } from './read-offer.ts'

export interface PaymentsInit {
  readonly contracts: { readonly model: Hex; readonly access: Hex }
  readonly reader: Pick<ChainReader, 'head' | 'account'>
  readonly ask: Ask
}

/** A Model token that shows an object, and what `Access` asks for it, proved ([CH7]). */
export interface ProvenSale {
  readonly model: StoredModel
  readonly offer: ProvenOffer
  /** does `Access` decide who sees it? Only then anybody is given its key for a payment */
  readonly isForSale: boolean
  readonly header: Header
}

export interface PaymentQuestion {
  /** id of the Model token */
  readonly model: number
  /** of the object, 32 bytes */
  readonly id: Bytes
  /** whose payment it is */
  readonly people: Address
  /** who published the object */
  readonly author: Address
}

export interface Payments {
  /** Does a payment let somebody see an object? `until` in unix seconds, 0 without end. @throws RPC_UNREACHABLE */
  isPaid(
    question: PaymentQuestion,
  ): Promise<
    { readonly kind: 'paid'; readonly until: number } | { readonly kind: 'unpaid'; readonly why: string }
  >
  /**
   * Tokens of an author that show an object of theirs. Which ones there are is a hint of one endpoint; what is told of
   * each is proved.
   */
  salesOf(id: Bytes, author: Address, who: Address | undefined): Promise<readonly ProvenSale[]>
  /** The token by which somebody may see an object; 0 for none. */
  paidModel(id: Bytes, author: Address, who: Address): Promise<number>
}

/** Tokens of one object that are looked at, newest first: an author mints one, or a small edition. */
const MAX_TOKENS = 16

export function createPayments({ contracts, reader, ask }: PaymentsInit): Payments {
  const { model: contract, access } = contracts

  async function readSale(
    id: number,
    who: Address | undefined,
    header: Header,
  ): Promise<ProvenSale | undefined> {
    const { slots } = await reader.account(header, contract, { slots: modelSlots(id) })
    const model = readModelWords(id, slots)
    if (model === undefined) return undefined
    const payer = who && hexOf(who)
    const offer = await readOffer({ token: contract, id }, payer, { header, reader, access })
    return { model, offer, isForSale: model.access === access, header }
  }

  async function salesOf(id: Bytes, author: Address, who: Address | undefined) {
    const header = await reader.head()
    const topics = encodeEventTopics({
      abi: modelAbi,
      eventName: 'Minted',
      args: { author: hexOf(author), objectId: hexOf(id) },
    }) as readonly (Hex | null)[]
    const range = { newest: header.number, oldest: 0, wanted: MAX_TOKENS }
    const { logs } = await readLogsBack(ask, { address: contract, topics, ...range })
    // a token is minted once, but these are words of whoever answered
    const ids = new Set(logs.map((log) => Number(log.topics[1])).filter(Number.isSafeInteger))
    const sales = await Promise.all(
      [...ids].slice(0, MAX_TOKENS).map((token) => readSale(token, who, header)),
    )
    return sales.filter((sale) => sale !== undefined && shows(sale.model, id, author)) as ProvenSale[]
  }

  return {
    salesOf,
    async isPaid({ model, id, people, author }) {
      const sale = await readSale(model, people, await reader.head())
      if (sale === undefined || !sale.isForSale || !shows(sale.model, id, author)) {
        return { kind: 'unpaid', why: `Model No. ${model} does not sell this, by the chain.` }
      }
      const { offer, header } = sale
      const isHolder = sale.model.holder === hexOf(people)
      if (!letsIn(offer, isHolder, header.timestamp)) {
        const why = offer.paidUntil === 0 ? 'has not paid for it' : 'has paid for a time that is over'
        return { kind: 'unpaid', why: `0x${toHex(people)} ${why}, by block ${header.number}.` }
      }
      const isForEver = isHolder || offer.priceWei === 0n || offer.paidUntil === Number.POSITIVE_INFINITY
      return { kind: 'paid', until: isForEver ? 0 : offer.paidUntil }
    },
    async paidModel(id, author, who) {
      const sales = await salesOf(id, author, who)
      const open = sales.find(
        ({ model, offer, isForSale, header }) =>
          isForSale && letsIn(offer, model.holder === hexOf(who), header.timestamp),
      )
      return open?.model.id ?? 0
    },
  }
}

/** Anybody may mint a token that names any object: only one of the object's author speaks for it. */
function shows({ objectId, author }: StoredModel, id: Bytes, of: Address): boolean {
  return objectId !== undefined && equalBytes(objectId, id) && author === hexOf(of)
}
