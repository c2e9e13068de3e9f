import type { ChainReader } from '#chain/chain-reader.ts'
import { checksummed } from '#chain/checksummed.ts'
import { createBuildRights } from '#chain/land/build-rights.ts'
import { leastBidWei } from '#chain/land/least-bid.ts'
import { readAuctions } from '#chain/land/read-auctions.ts'
import { type ProvenParcel, readParcelAt } from '#chain/land/read-parcel.ts'
import type { Ask } from '#chain/wallet/chain-calls.ts'
import type { WriteChain } from '#chain/wallet/chain-config.ts'
import { fromHex } from '#core/bytes.ts'
import { MAIN_CHAIN_PARAMETERS } from '#core/chain-parameters.ts'
import type { Cell } from '#core/land.ts'
import { proofOf } from './chain-proof.ts'
import type { ChainProof, ParcelFacts } from './chain-types.ts'

export interface ParcelsComponents {
  readonly chain: WriteChain
  readonly ask: Ask
  readonly reader: ChainReader
  /** this tab's wallet, `0x…`, when it has one */
  readonly own: () => string | undefined
}

/** All chains sell by these terms; a bid below those of another one fails when it is tried out, before it is signed. */
const SALE_TERMS = MAIN_CHAIN_PARAMETERS.landSale

/** What a page shows of a parcel: proved. */
export async function readParcelFacts(
  cell: Cell,
  { chain, reader, own }: Omit<ParcelsComponents, 'ask'>,
): Promise<ParcelFacts | undefined> {
  const { landGrid, landSale, land } = chain.contracts
  if (landGrid === undefined) return undefined
  const contracts = { landGrid, ...(landSale === undefined ? {} : { landSale }) }
  const found = await readParcelAt(cell, reader, contracts)
  if (found === undefined) return undefined
  const me = own()?.toLowerCase()
  const isForSale =
    landSale !== undefined && found.state === 'unminted' && found.share === 'auction' && !found.withheld
  const isNamed =
    me !== undefined &&
    found.owner !== undefined &&
    me !== found.owner &&
    land !== undefined &&
    (await createBuildRights({ reader, contracts: { landGrid, land }, now: Date.now }).check(
      found.id,
      fromHex(me.slice(2)),
    )) === 'yes'
  return toFacts(found, {
    me,
    proof: proofOf(found, reader),
    isNamed,
    ...(isForSale ? { leastBidWei: leastBidWei(found.auction?.bidWei, SALE_TERMS) } : {}),
  })
}

/** Auctions that run or wait to be ended, newest bids first. */
export async function readAuctionFacts({
  chain,
  ask,
  reader,
  own,
}: ParcelsComponents): Promise<readonly ParcelFacts[]> {
  const { landGrid, landSale } = chain.contracts
  if (landGrid === undefined || landSale === undefined) return []
  const found = await readAuctions({ contracts: { landGrid, landSale }, reader, ask })
  const me = own()?.toLowerCase()
  return found.map((parcel) => toFacts(parcel, { me, proof: proofOf(parcel, reader), isNamed: false }))
}

interface Around {
  readonly me: string | undefined
  readonly proof: ChainProof
  /** did the owner let this wallet build? */
  readonly isNamed: boolean
  readonly leastBidWei?: bigint
}

function toFacts(found: ProvenParcel, { me, proof, isNamed, leastBidWei: least }: Around): ParcelFacts {
  const { id, share, state, cell, owner, warnings, aliveUntil, auction, blockTime } = found
  const mine = owner !== undefined && owner === me
  return {
    ...{ id, share, state, mine, warnings, proof },
    ...(cell === undefined ? {} : { cell }),
    ...(owner === undefined ? {} : { owner: checksummed(owner) }),
    mayBuild: state === 'active' && (mine || isNamed),
    aliveUntil: aliveUntil * 1_000,
    // the foundation's land never falls free: it has no such time
    isSilent: state === 'active' && share !== 'public' && aliveUntil < blockTime,
    ...(auction === undefined
      ? {}
      : {
          auction: {
            bidder: checksummed(auction.bidder),
            mine: auction.bidder === me,
            bidWei: auction.bidWei,
            endsAt: auction.end * 1_000,
            isOver: auction.end < blockTime,
          },
        }),
    ...(least === undefined ? {} : { leastBidWei: least }),
  }
}
