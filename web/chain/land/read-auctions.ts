import { encodeEventTopics } from 'viem'
import { landSaleAbi } from '#contracts/land-sale.ts'
import { isParcelId } from '#core/land-rule.ts'
import type { ChainReader } from '../chain-reader.ts'
import { type Hex, parseList, parseObject, parseQuantity } from '../hex.ts'
import type { Ask } from '../wallet/chain-calls.ts'
import { type ParcelContracts, type ProvenParcel, readParcel } from './read-parcel.ts'

export interface AuctionsInit {
  readonly contracts: ParcelContracts & { readonly landSale: Hex }
  readonly reader: ChainReader
  readonly ask: Ask
}

/** Auctions that are listed: what one looks through. */
const MAX_LISTED = 24
/** Auctions run for three days, of blocks of 2 s; endpoints give logs of so many blocks at once, or of fewer. */
const BLOCKS_BACK = 150_000
/** Logs of one answer that are looked at, newest first. */
const MAX_LOGS = 10_000

/**
 * Auctions that run or wait to be ended, newest bids first. Which ones there are is one endpoint's word, a hint; what
 * is shown of each is proved.
 */
export async function readAuctions({
  contracts,
  reader,
  ask,
}: AuctionsInit): Promise<readonly ProvenParcel[]> {
  const header = await reader.head()
  const from = Math.max(0, header.number - BLOCKS_BACK)
  const filter = {
    address: contracts.landSale,
    topics: encodeEventTopics({ abi: landSaleAbi, eventName: 'Bid' }),
    fromBlock: `0x${from.toString(16)}`,
    toBlock: `0x${header.number.toString(16)}`,
  }
  const logs = parseList(await ask('eth_getLogs', [filter]), 'logs', MAX_LOGS)
  const ids = new Set<number>()
  for (const log of [...logs].reverse()) {
    const [, id] = parseList(parseObject(log, 'log').topics, 'topics', 4)
    const parcel = Number(parseQuantity(toQuantity(id), 'parcel'))
    if (isParcelId(parcel)) ids.add(parcel)
    if (ids.size >= MAX_LISTED) break
  }
  const parcels = await Promise.all([...ids].map((id) => readParcel(id, header, reader, contracts)))
  return parcels.filter(({ auction }) => auction !== undefined)
}

/** A word without its leading zeros. */
function toQuantity(word: unknown): unknown {
  return typeof word === 'string' ? `0x${word.slice(2).replace(/^0+(?=.)/, '')}` : word
}
