import { encodeEventTopics } from 'viem'
import { landSaleAbi } from '#contracts/land-sale.ts'
import { isParcelId } from '#core/land-rule.ts'
import type { ChainReader } from '../chain-reader.ts'
import type { Hex } from '../hex.ts'
import { logsBackwards, numberInTopic } from '../rpc/logs-backwards.ts'
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
  const parcels = await Promise.all([...ids].map((id) => readParcel(id, header, reader, contracts)))
  return parcels.filter(({ auction }) => auction !== undefined)
}

/** Parcels with bids, newest first. */
async function bidOn(landSale: Hex, newest: number, ask: Ask): Promise<ReadonlySet<number>> {
  const topics = encodeEventTopics({ abi: landSaleAbi, eventName: 'Bid' }) as readonly (Hex | null)[]
  const oldest = Math.max(0, newest - BLOCKS_BACK)
  const ids = new Set<number>()
  for await (const log of logsBackwards({ address: landSale, topics, newest, oldest }, ask)) {
    const parcel = numberInTopic(log, 1)
    if (isParcelId(parcel)) ids.add(parcel)
    if (ids.size === MAX_LISTED) break
  }
  return ids
}
