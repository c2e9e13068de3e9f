import { type Bytes, concat } from '#core/bytes.ts'
import { keccak256 } from '#core/keccak.ts'
import type { FixedPose } from '#objects/placement-pose.ts'
import { type Hex, hexOf, wordBytes } from '../hex.ts'
import {
  MODEL_ACCEPTED,
  MODEL_DETAILS,
  MODEL_OWNERS,
  MODEL_PLACEMENTS,
  mappingSlot,
} from '../storage-slots.ts'

/** Where a model stands: on a parcel, or on its planet, by the parcel's id on the chain. */
export interface ModelPlace {
  readonly on: 'parcel' | 'planet'
  readonly parcel: number
  readonly pose: FixedPose
}

/** A model as `Model` stores it. */
export interface StoredModel {
  readonly id: number
  /** lower case */
  readonly holder: Hex
  /** did this holder accept or place it? */
  readonly isAccepted: boolean
  readonly author: Hex
  /** of sales, in 1/10,000 */
  readonly royalty: number
  /** who decides who sees it; absent: everybody */
  readonly access?: Hex
  /** of the object that it shows, 32 bytes; absent where none was named */
  readonly objectId?: Bytes
  /** as it was minted: a binary CID, if its author told the truth */
  readonly content: Bytes
  /** where its holder put it, whether or not they may build there still */
  readonly place?: ModelPlace
}

/** A CID takes 72 bytes at most: three words behind the one that tells its length. */
const CONTENT_WORDS = 3n
const WORD_BYTES = 32
const ADDRESS_BITS = (1n << 160n) - 1n

/** Slots of a model, all known beforehand, so that one proof shows it whole. */
export function modelSlots(id: number): readonly bigint[] {
  const details = mappingSlot(BigInt(id), MODEL_DETAILS)
  const text = BigInt(hexOf(keccak256(wordBytes(details + 3n))))
  return [
    ownerSlot(id),
    mappingSlot(BigInt(id), MODEL_ACCEPTED),
    placementSlot(id),
    ...[0n, 1n, 2n, 3n].map((at) => details + at),
    ...Array.from({ length: Number(CONTENT_WORDS) }, (_, at) => text + BigInt(at)),
  ]
}

export function ownerSlot(id: number): bigint {
  return mappingSlot(BigInt(id), MODEL_OWNERS)
}

export function placementSlot(id: number): bigint {
  return mappingSlot(BigInt(id), MODEL_PLACEMENTS)
}

/** A model from the words in its slots; undefined when it was never minted. */
export function readModelWords(id: number, words: readonly bigint[]): StoredModel | undefined {
  const [owner = 0n, accepted, placement = 0n, head = 0n, access = 0n, object = 0n, text = 0n, ...rest] =
    words
  if (owner === 0n) return undefined
  const place = readPlace(placement)
  return {
    id,
    holder: addressOf(owner),
    isAccepted: accepted === owner,
    author: addressOf(head),
    royalty: Number((head >> 160n) & 0xffffn),
    ...(access === 0n ? {} : { access: addressOf(access) }),
    ...(object === 0n ? {} : { objectId: wordBytes(object) }),
    content: readContent(text, rest),
    ...(place === undefined ? {} : { place }),
  }
}

/** Solidity keeps up to 31 bytes beside twice their length; more follow in words of their own, with one added. */
function readContent(head: bigint, rest: readonly bigint[]): Bytes {
  if ((head & 1n) === 0n) return wordBytes(head).slice(0, Number((head & 0xffn) >> 1n))
  const length = Math.min(Number(head >> 1n), WORD_BYTES * rest.length)
  return concat(...rest.map(wordBytes)).slice(0, length)
}

/** Where a word of `_placements` puts a model; undefined: nowhere. */
export function readPlace(word: bigint): ModelPlace | undefined {
  const ground = word & 0xffn
  if (ground !== 1n && ground !== 2n) return undefined
  const unsigned = (shift: bigint) => Number((word >> shift) & 0xffff_ffffn)
  const signed = (shift: bigint) => unsigned(shift) | 0
  return {
    on: ground === 1n ? 'parcel' : 'planet',
    parcel: Number((word >> 8n) & 0xffffn),
    pose: { x: signed(24n), y: signed(56n), z: signed(88n), yaw: unsigned(120n), scale: unsigned(152n) },
  }
}

export function addressOf(word: bigint): Hex {
  return `0x${(word & ADDRESS_BITS).toString(16).padStart(40, '0')}`
}
