import type { Cell } from '#core/land.ts'
import { bornAt, type LandShare, shareOf } from '#core/land-rule.ts'
import type { ChainReader } from '../chain-reader.ts'
import type { Hex } from '../hex.ts'
import type { Header } from '../proofs/header.ts'
import { cellSlot, GRID_ALIVE, mappingSlot, SALE_AUCTIONS } from '../storage-slots.ts'

/** A parcel as one block has it, every value proved against the block's state root ([CH13]). */
export interface ProvenParcel {
  readonly id: number
  readonly share: LandShare
  readonly state: 'unminted' | 'active' | 'inactive'
  /** lower case; absent while unminted */
  readonly owner?: Hex
  /** where it lies now, or will be minted; absent without a place */
  readonly cell?: Cell
  readonly warnings: number
  /** unix seconds until which its owner is taken to be alive; 0 never */
  readonly aliveUntil: number
  /** the highest bid, while an auction runs or waits to be ended */
  readonly auction?: {
    readonly bidder: Hex
    readonly bidWei: bigint /** unix seconds */
    readonly end: number
  }
  /** the treasury keeps it from sale */
  readonly withheld: boolean
  readonly block: number
  /** unix seconds of that block */
  readonly blockTime: number
}

export interface ParcelContracts {
  readonly landGrid: Hex
  readonly landSale?: Hex
}

const OWNER_BITS = (1n << 160n) - 1n

/** The parcel on a cell now; undefined where none lies nor can be bought. @throws HEADER_DISPUTED, RPC_UNREACHABLE */
export async function readParcelAt(
  cell: Cell,
  reader: ChainReader,
  contracts: ParcelContracts,
  signal?: AbortSignal,
): Promise<ProvenParcel | undefined> {
  const header = await reader.head({ signal })
  const { slot, shift } = cellSlot(cell)
  const { slots } = await reader.account(header, contracts.landGrid, { slots: [slot], signal })
  const lying = Number(((slots[0] ?? 0n) >> shift) & 0xffffn)
  const born = bornAt(cell)
  if (lying !== 0) return readParcel(lying, header, reader, contracts, signal)
  if (born === undefined) return undefined
  const found = await readParcel(born, header, reader, contracts, signal)
  // it was born here and lies elsewhere by now, or nowhere: the cell is empty
  return found.state === 'unminted' ? { ...found, cell } : undefined
}

/** A parcel by its id on the chain, 1 to 65,534. */
export async function readParcel(
  id: number,
  header: Header,
  reader: Pick<ChainReader, 'account'>,
  { landGrid, landSale }: ParcelContracts,
  signal?: AbortSignal,
): Promise<ProvenParcel> {
  const { slots } = await reader.account(header, landGrid, { slots: [BigInt(id)], signal })
  const word = slots[0] ?? 0n
  const share = shareOf(id)
  const isMinted = word !== 0n
  const owner: Hex = `0x${(word & OWNER_BITS).toString(16).padStart(40, '0')}`
  const alive = isMinted
    ? (await reader.account(header, landGrid, { slots: [mappingSlot(owner, GRID_ALIVE)], signal })).slots[0]
    : 0n
  const sale =
    isMinted || landSale === undefined || share !== 'auction'
      ? { withheld: false }
      : await readAuction(id, header, reader, landSale, signal)
  const isActive = ((word >> 184n) & 0xffn) === 1n
  return {
    id,
    share,
    state: !isMinted ? 'unminted' : isActive ? 'active' : 'inactive',
    ...(isMinted ? { owner } : {}),
    ...(isActive ? { cell: cellOfWord(word) } : {}),
    warnings: Number((word >> 192n) & 0xffn),
    aliveUntil: Number(alive ?? 0n),
    ...sale,
    block: header.number,
    blockTime: header.timestamp,
  }
}

async function readAuction(
  id: number,
  header: Header,
  reader: Pick<ChainReader, 'account'>,
  landSale: Hex,
  signal?: AbortSignal,
): Promise<Pick<ProvenParcel, 'auction' | 'withheld'>> {
  const first = mappingSlot(BigInt(id), SALE_AUCTIONS)
  const { slots } = await reader.account(header, landSale, { slots: [first, first + 1n], signal })
  const [head = 0n, rest = 0n] = slots
  const bidder: Hex = `0x${(head & OWNER_BITS).toString(16).padStart(40, '0')}`
  const auction = {
    bidder,
    end: Number((head >> 160n) & 0xffff_ffff_ffff_ffffn),
    bidWei: rest & ((1n << 128n) - 1n),
  }
  const withheld = rest >> 128n !== 0n
  return head === 0n ? { withheld } : { withheld, auction }
}

function cellOfWord(word: bigint): Cell {
  const coordinate = (shift: bigint) => Number((word >> shift) & 0xfffn) - 2_048
  return { x: coordinate(160n), y: coordinate(172n) }
}
