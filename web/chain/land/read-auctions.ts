import { encodeEventTopics } from 'viem'
import { landSaleAbi } from '#contracts/land-sale.ts'
import { isAppError } from '#core/errors.ts'
import { isParcelId } from '#core/land-rule.ts'
import type { ChainReader } from '../chain-reader.ts'
import { type Hex, parseList, parseObject, parseQuantity, quantityOf } from '../hex.ts'
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
/** Endpoints give the logs of all these blocks at once, or of some hundred; what refuses those gives none. */
const MIN_BLOCKS = 100
/** Requests until what lies further back is left out: this is a list to look through. */
const MAX_REQUESTS = 64
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
  const ids = await bidOn(contracts.landSale, header.number, ask)
  const parcels = await Promise.all([...ids].map((id) => readParcel(id, header, reader, contracts)))
  return parcels.filter(({ auction }) => auction !== undefined)
}

/** Parcels with bids, newest first: blocks are asked for from the newest back, in halves when they are too many. */
async function bidOn(landSale: Hex, newest: number, ask: Ask): Promise<ReadonlySet<number>> {
  const topics = encodeEventTopics({ abi: landSaleAbi, eventName: 'Bid' })
  const oldest = Math.max(0, newest - BLOCKS_BACK)
  const ids = new Set<number>()
  let span = newest - oldest + 1
  let to = newest
  for (let asked = 0; to >= oldest && asked < MAX_REQUESTS; asked++) {
    const from = Math.max(oldest, to - span + 1)
    const range = { fromBlock: quantityOf(from), toBlock: quantityOf(to) }
    try {
      const logs = await ask('eth_getLogs', [{ address: landSale, topics, ...range }])
      for (const id of parcelsIn(logs)) if (ids.size < MAX_LISTED) ids.add(id)
      if (ids.size >= MAX_LISTED) break
      to = from - 1
    } catch (error) {
      if (!isAppError(error, 'RPC_REFUSED') || span <= MIN_BLOCKS) throw error
      span = Math.ceil(span / 2)
    }
  }
  return ids
}

/** Newest first. */
function parcelsIn(answer: unknown): readonly number[] {
  const logs = parseList(answer, 'logs', MAX_LOGS)
  return logs.toReversed().flatMap((log) => {
    const [, id] = parseList(parseObject(log, 'log').topics, 'topics', 4)
    const parcel = Number(parseQuantity(toQuantity(id), 'parcel'))
    return isParcelId(parcel) ? [parcel] : []
  })
}

/** A word without its leading zeros. */
function toQuantity(word: unknown): unknown {
  return typeof word === 'string' ? `0x${word.slice(2).replace(/^0+(?=.)/, '')}` : word
}
