import { compareBytes, concat, equalBytes, fromHex } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'
import { keccak256 } from '#core/keccak.ts'
import type { ChainReader } from '../chain-reader.ts'
import { type Hex, hexOf, wordBytes } from '../hex.ts'
import { dataSlot, SALE_GIVEAWAYS } from '../storage-slots.ts'

export type GiveawayErrorCode =
  /** a file that is no list of a giveaway, or one whose hashes do not fit */
  | 'GIVEAWAY_LIST'
  /** the list gives this plot to nobody, or to another wallet */
  | 'GIVEAWAY_OTHER'
  /** the chain knows no giveaway of this list */
  | 'GIVEAWAY_UNKNOWN'

/** 15,000 parcels make a tree of 30,000 hashes of 69 characters, and as many rows of 90: doubled. */
export const MAX_GIVEAWAY_BYTES = 8 * 1024 * 1024
/** A giveaway is added by a vote. */
const MAX_GIVEAWAYS = 1_024
const HASH = /^0x[0-9a-f]{64}$/i
const ADDRESS = /^0x[0-9a-f]{40}$/i

/** Whom a list gives a parcel, proved up to the list's root. */
export interface GivenParcel {
  readonly root: Hex
  /** lower case */
  readonly owner: Hex
  readonly proof: readonly Hex[]
}

/**
 * A parcel of a giveaway's list, which is the tree that OpenZeppelin's `@openzeppelin/merkle-tree` dumps: `standard-v1`
 * of `["uint256", "address"]`, each row a parcel's id and its owner.
 *
 * @throws GIVEAWAY_LIST, GIVEAWAY_OTHER when the parcel is not in it
 */
export function findGivenParcel(text: string, parcel: number): GivenParcel {
  const { tree, rows } = parseList(text)
  const row = rows.find(({ id }) => id === String(parcel))
  if (row === undefined) throw refuse('GIVEAWAY_OTHER', `This list does not give plot No. ${parcel} away.`)
  const proof: Hex[] = []
  let hash = leafOf(parcel, row.owner)
  if (!isHash(tree[row.at], hash)) throw wrongList(`the leaf of plot No. ${parcel} is another one`)
  for (let at = row.at; at > 0; at = (at - 1) >> 1) {
    const beside = tree[at % 2 === 0 ? at - 1 : at + 1]
    if (beside === undefined) throw wrongList('a hash of its tree is missing')
    proof.push(beside)
    hash = pairOf(hash, fromHex(beside.slice(2)))
  }
  if (!isHash(tree[0], hash)) throw wrongList(`its tree does not lead from plot No. ${parcel} to its root`)
  return { root: hexOf(hash), owner: row.owner, proof }
}

/**
 * Which giveaway of the chain has a root, by proof.
 *
 * @param landSale contract of that name
 * @throws GIVEAWAY_UNKNOWN, RPC_UNREACHABLE
 */
export async function findGiveaway(
  root: Hex,
  reader: Pick<ChainReader, 'head' | 'account'>,
  landSale: Hex,
): Promise<number> {
  const header = await reader.head()
  const { slots } = await reader.account(header, landSale, { slots: [SALE_GIVEAWAYS] })
  const count = Math.min(Number(slots[0] ?? 0n), MAX_GIVEAWAYS)
  const first = dataSlot(SALE_GIVEAWAYS)
  const items = Array.from({ length: count }, (_, index) => first + BigInt(index))
  const roots = count === 0 ? [] : (await reader.account(header, landSale, { slots: items })).slots
  const index = roots.lastIndexOf(BigInt(root))
  if (index >= 0) return index
  throw refuse(
    'GIVEAWAY_UNKNOWN',
    `By block ${header.number} the chain has ${count === 0 ? 'no giveaway yet' : 'no giveaway of this list'}. Ask who gave you the file.`,
  )
}

interface Row {
  /** as written */
  readonly id: string
  readonly owner: Hex
  /** place of its leaf in the tree */
  readonly at: number
}

function parseList(text: string): { readonly tree: readonly Hex[]; readonly rows: readonly Row[] } {
  if (text.length > MAX_GIVEAWAY_BYTES)
    throw wrongList(`it is longer than ${MAX_GIVEAWAY_BYTES / 1024 / 1024} MiB`)
  const { format, leafEncoding, tree, values } = parseJson(text)
  const isStandard =
    format === 'standard-v1' &&
    Array.isArray(leafEncoding) &&
    leafEncoding.join() === 'uint256,address' &&
    Array.isArray(tree) &&
    Array.isArray(values)
  if (!isStandard) throw wrongList('it is no standard-v1 tree of uint256 and address')
  if (!tree.every((hash) => typeof hash === 'string' && HASH.test(hash)))
    throw wrongList('its tree holds something else than hashes')
  return { tree: tree as readonly Hex[], rows: values.map(parseRow) }
}

function parseRow(row: unknown): Row {
  const { value, treeIndex } = (row ?? {}) as Readonly<Record<string, unknown>>
  const [id, owner] = Array.isArray(value) ? (value as readonly unknown[]) : []
  const isRow =
    (typeof id === 'string' || typeof id === 'number') &&
    typeof owner === 'string' &&
    ADDRESS.test(owner) &&
    Number.isSafeInteger(treeIndex) &&
    (treeIndex as number) >= 0
  if (!isRow) throw wrongList('a row of it is no plot and address')
  return { id: String(id), owner: owner.toLowerCase() as Hex, at: treeIndex as number }
}

function parseJson(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
  } catch {
    throw wrongList('it is no JSON')
  }
}

function leafOf(parcel: number, owner: Hex): Uint8Array {
  return keccak256(keccak256(concat(wordBytes(BigInt(parcel)), wordBytes(BigInt(owner)))))
}

/** Pairs are hashed in their order as numbers, so that a proof says no sides. */
function pairOf(a: Uint8Array, b: Uint8Array): Uint8Array {
  return keccak256(compareBytes(a, b) < 0 ? concat(a, b) : concat(b, a))
}

function isHash(text: Hex | undefined, hash: Uint8Array): boolean {
  return text !== undefined && equalBytes(fromHex(text.slice(2)), hash)
}

function wrongList(why: string): AppError<GiveawayErrorCode> {
  return refuse('GIVEAWAY_LIST', `This file is no list of a giveaway: ${why}. Nothing was sent.`)
}

function refuse(code: GiveawayErrorCode, message: string): AppError<GiveawayErrorCode> {
  return new AppError(code, message)
}

/** @throws GIVEAWAY_OTHER */
export function assertGivenTo({ owner }: GivenParcel, parcel: number, me: string): void {
  if (owner === me.toLowerCase()) return
  throw refuse(
    'GIVEAWAY_OTHER',
    `The list gives plot No. ${parcel} to ${owner}, and your wallet is ${me}. Only that wallet can claim it.`,
  )
}
