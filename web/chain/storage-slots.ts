import { concat } from '#core/bytes.ts'
import { keccak256 } from '#core/keccak.ts'
import { type Hex, hexOf, wordBytes } from './hex.ts'

/** Slot of a mapping's value for a key, as Solidity lays it out: keccak256(key ‖ slot of the mapping). */
export function mappingSlot(key: bigint | Hex, mapping: bigint): bigint {
  const word = typeof key === 'bigint' ? wordBytes(key) : wordBytes(BigInt(key))
  return BigInt(hexOf(keccak256(concat(word, wordBytes(mapping)))))
}

/** Slot of the first element of a dynamic array, or of a long text: keccak256(its own slot). */
export function dataSlot(slot: bigint): bigint {
  return BigInt(hexOf(keccak256(wordBytes(slot))))
}

/** OpenZeppelin's ERC20 comes first in `Cybr`: its balances are slot 0, its allowances slot 1. */
export const CYBR_BALANCES = 0n
export const CYBR_ALLOWANCES = 1n
/** `LandSale` keeps nothing else before them: what it is made with are immutables. */
export const SALE_AUCTIONS = 0n
export const SALE_REFUNDS = 1n
/** `Stake`: checkpoints by account, then what returns to it. */
export const STAKE_CHECKPOINTS = 0n
export const STAKE_RETURNING = 1n

/** Where `Stake` keeps an account's checkpoint, counted from 0, the oldest. */
export function stakeCheckpointSlot(account: Hex, index: bigint): bigint {
  const first = keccak256(concat(wordBytes(mappingSlot(account, STAKE_CHECKPOINTS))))
  return BigInt.asUintN(256, BigInt(hexOf(first)) + index)
}

/** a list: its length is here, its items from keccak256 of this slot on */
export const SALE_GIVEAWAYS = 2n
/** `Planet` and `Access` keep nothing before their mappings either. */
export const PLANET_EXISTS = 0n
export const PLANET_WANTED = 1n
export const PLANET_AGREED = 2n
export const ACCESS_OFFERS = 0n
export const ACCESS_PAID = 1n
export const ACCESS_INCOME = 2n
/** LandGrid: words by id, then cells, then `aliveUntil`. */
export const GRID_CELLS = 65_536n
export const GRID_ALIVE = 65_536n + (1n << 20n)

/** Where LandGrid keeps which parcel lies on a cell: sixteen to a word. */
export function cellSlot(cell: { readonly x: number; readonly y: number }): {
  readonly slot: bigint
  readonly shift: bigint
} {
  const index = BigInt((cell.y + 2_048) * 4_096 + (cell.x + 2_048))
  return { slot: GRID_CELLS + (index >> 4n), shift: 16n * (index & 15n) }
}
/** `Land._builders`, behind what EIP-712, nonces, votes and tokens keep (2, 1, 3 and 3 slots) and the last id. */
export const LAND_BUILDERS = 10n
/** `Cybr`, behind the ERC20's five slots, EIP-712's two and the nonces: whom holders delegate to, votes, all votes. */
export const CYBR_VOTES: VotesSlots = { delegates: 8n, checkpoints: 9n, total: 10n }
/** `Land`, behind EIP-712's two slots and the nonces; then what each owner holds: parcels, and from bit 128 on votes. */
export const LAND_VOTES: VotesSlots = { delegates: 3n, checkpoints: 4n, total: 5n }
export const LAND_HOLDINGS = 6n

/** OpenZeppelin's Votes: mappings by account, and one list of checkpoints. */
export interface VotesSlots {
  readonly delegates: bigint
  readonly checkpoints: bigint
  readonly total: bigint
}

/**
 * `TablandGovernor`: EIP-712's two slots, nonces and name; proposals, two slots for a queue that stays empty, votes, the
 * Timelock, ids of what waits there, kinds. All are mappings by the proposal's id.
 */
export const GOVERNOR_PROPOSALS = 4n
export const GOVERNOR_VOTES = 7n
export const GOVERNOR_TIMELOCK_IDS = 9n
export const GOVERNOR_KINDS = 10n
/** `TimelockController`, behind roles: unix seconds from which an operation may be carried out, by its id. */
export const TIMELOCK_TIMES = 1n
/** `Districts` keeps nothing else. */
export const DISTRICTS_LIST = 0n
/** `Model`: OpenZeppelin's ERC721 keeps six slots, owners in the third and balances in the fourth of them. */
export const MODEL_OWNERS = 2n
export const MODEL_BALANCES = 3n
export const MODEL_COUNT = 6n
export const MODEL_DETAILS = 7n
export const MODEL_PLACEMENTS = 8n
export const MODEL_ACCEPTED = 9n
