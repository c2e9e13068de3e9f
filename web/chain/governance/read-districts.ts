import { concat } from '#core/bytes.ts'
import {
  DISTRICT_CATEGORIES,
  type District,
  MAX_DISTRICT_CORNERS,
  MAX_DISTRICT_NAME_BYTES,
  MAX_DISTRICTS,
} from '#core/districts.ts'
import type { ChainReader } from '../chain-reader.ts'
import { type Hex, wordBytes } from '../hex.ts'
import type { Header } from '../proofs/header.ts'
import { DISTRICTS_LIST, dataSlot } from '../storage-slots.ts'

/** Slots of a district: category and radii, the count of corners, the name. */
const DISTRICT_SLOTS = 3n
const WORD_BYTES = 32

/** A district's own three words, and where what they lead to is. */
interface Outline {
  readonly number: number
  readonly shape: bigint
  readonly corners: readonly bigint[]
  readonly nameWord: bigint
  readonly nameSlots: readonly bigint[]
}

/**
 * Every district, each word of it proved, so that none can be left out or redrawn by whoever is asked. Removed ones,
 * which cover nothing, are left out.
 *
 * @throws RPC_UNREACHABLE
 */
export async function readDistricts(
  header: Header,
  { account }: Pick<ChainReader, 'account'>,
  address: Hex,
  signal?: AbortSignal,
): Promise<readonly District[]> {
  const read = async (slots: readonly bigint[]): Promise<readonly bigint[]> =>
    slots.length === 0 ? [] : (await account(header, address, { slots, signal })).slots
  const [length = 0n] = await read([DISTRICTS_LIST])
  const count = Number(length < MAX_DISTRICTS ? length : MAX_DISTRICTS)
  const first = dataSlot(DISTRICTS_LIST)
  const words = await read(
    Array.from({ length: count * Number(DISTRICT_SLOTS) }, (_, i) => first + BigInt(i)),
  )
  const outlines = Array.from({ length: count }, (_, number) => outlineOf(number, first, words))
  const inner = await read(outlines.flatMap(({ corners, nameSlots }) => [...corners, ...nameSlots]))
  let at = 0
  return outlines.flatMap((outline) => {
    const corners = inner.slice(at, at + outline.corners.length)
    at += corners.length
    const name = inner.slice(at, at + outline.nameSlots.length)
    at += name.length
    return toDistrict(outline, corners, name) ?? []
  })
}

function outlineOf(number: number, first: bigint, words: readonly bigint[]): Outline {
  const at = number * Number(DISTRICT_SLOTS)
  const [shape = 0n, cornerCount = 0n, nameWord = 0n] = words.slice(at, at + Number(DISTRICT_SLOTS))
  const slot = first + BigInt(at)
  return {
    number,
    shape,
    corners: slotsFrom(dataSlot(slot + 1n), bounded(cornerCount, MAX_DISTRICT_CORNERS)),
    nameWord,
    nameSlots: slotsFrom(dataSlot(slot + 2n), Math.ceil(longLength(nameWord) / WORD_BYTES)),
  }
}

/** Each corner begins a slot of its own: x in the lowest 16 bits, then y. */
function toDistrict(
  { number, shape, nameWord }: Outline,
  corners: readonly bigint[],
  name: readonly bigint[],
): District | undefined {
  const category = DISTRICT_CATEGORIES[Number(shape & 0xffn)] ?? 'other'
  const [inner, outer] = [Number((shape >> 8n) & 0xffffn), Number((shape >> 24n) & 0xffffn)]
  if (corners.length === 0 && outer === 0) return undefined
  const coordinate = (word: bigint) => Number(BigInt.asIntN(16, word))
  const text = new TextDecoder().decode(nameBytes(nameWord, name))
  return corners.length === 0
    ? { number, category, name: text, shape: { kind: 'ring', inner, outer } }
    : {
        number,
        category,
        name: text,
        shape: {
          kind: 'polygon',
          corners: corners.map((word) => ({ x: coordinate(word), y: coordinate(word >> 16n) })),
        },
      }
}

/** Bytes of a text that does not fit beside its own length; 0 of one that does. */
function longLength(word: bigint): number {
  return (word & 1n) === 0n ? 0 : bounded(word >> 1n, MAX_DISTRICT_NAME_BYTES)
}

function nameBytes(word: bigint, data: readonly bigint[]): Uint8Array {
  if ((word & 1n) === 0n) return wordBytes(word).subarray(0, Math.min(31, Number((word & 0xffn) >> 1n)))
  return concat(...data.map(wordBytes)).subarray(0, longLength(word))
}

function slotsFrom(first: bigint, count: number): readonly bigint[] {
  return Array.from({ length: count }, (_, i) => BigInt.asUintN(256, first + BigInt(i)))
}

function bounded(value: bigint, max: number): number {
  return Number(value < BigInt(max) ? value : BigInt(max))
}
