import { encodeEventTopics } from 'viem'
import { landSaleAbi } from '#contracts/land-sale.ts'
import { isParcelId } from '#core/land-rule.ts'
import type { ChainReader } from '../chain-reader.ts'
import type { Hex } from '../hex.ts'
import { readLogsBack, type ToldLog } from '../rpc/read-logs-back.ts'
import type { Ask } from '../wallet/chain-calls.ts'
import { type ParcelContracts, type ProvenParcel, readParcel } from './read-parcel.ts'

export interface AuctionsInit {
  readonly contracts: ParcelContracts & { readonly landSale: Hex }
  readonly reader: ChainReader
  readonly ask: Ask
}

/** Auctions that are listed: what one looks through. */
const MAX_LISTED = 24
/** Auctions run for three days, of blocks of 2 s. */
const BLOCKS_BACK = 150_000

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
  const ids = await bidOn(contracts.landSale, header.number, ask)
  const parcels = await Promise.all(ids.map((id) => readParcel(id, header, reader, contracts)))
  return parcels.filter(({ auction }) => auction !== undefined)
}

/** Parcels with bids, newest first. */
async function bidOn(landSale: Hex, newest: number, ask: Ask): Promise<readonly number[]> {
  const topics = encodeEventTopics({ abi: landSaleAbi, eventName: 'Bid' }) as readonly (Hex | null)[]
  const oldest = Math.max(0, newest - BLOCKS_BACK)
  const parcelOf = ({ topics: [, parcel] }: ToldLog): number => Number(parcel)
  const range = { newest, oldest, wanted: MAX_LISTED, by: parcelOf }
  const { logs } = await readLogsBack(ask, { address: landSale, topics, ...range })
  return [...new Set(logs.map(parcelOf))].filter(isParcelId).slice(0, MAX_LISTED)
}
