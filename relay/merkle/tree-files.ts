import { fromHex } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'

export type MerkleFileErrorCode = 'MERKLE_FILE'

/** An object of a file, whose values are not known yet. */
export type Fields = Readonly<Record<string, unknown>>

const KEY_HEX = /^[0-9a-fA-F]{64}$/
/** Longer leaves are contents, which have CIDs. */
const MAX_LEAF_BYTES = 4_096

/** The leaves of a tree, from a list of hexadecimal texts. @throws MERKLE_FILE */
export function parseLeaves(json: unknown): readonly Uint8Array[] {
  return readList(json, 'it').map((leaf, index) => {
    if (typeof leaf === 'string' && leaf.length <= 2 * MAX_LEAF_BYTES && /^([0-9a-fA-F]{2})*$/.test(leaf))
      return fromHex(leaf)
    throw fileError(`leaf ${index}: expected at most ${MAX_LEAF_BYTES} bytes in hex`)
  })
}

/** The entries of a map of 32-byte keys and values. @throws MERKLE_FILE */
export function parseEntries(json: unknown): readonly (readonly [Uint8Array, Uint8Array])[] {
  return Object.entries(readObject(json, 'it')).map(([key, value]) => {
    if (KEY_HEX.test(key) && typeof value === 'string' && KEY_HEX.test(value))
      return [fromHex(key), fromHex(value)] as const
    throw fileError(
      `entry "${key.slice(0, 80)}": expected 64 hexadecimal digits for the key and for its value`,
    )
  })
}

/** @throws MERKLE_FILE */
export function readObject(value: unknown, at: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw fileError(`${at}: expected an object`)
}

/** @throws MERKLE_FILE */
export function readList(value: unknown, at: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw fileError(`${at}: expected a list`)
}

/** The typed error of a file that a command cannot use; `problem` names the place. */
export function fileError(problem: string): AppError<MerkleFileErrorCode> {
  return new AppError<MerkleFileErrorCode>(
    'MERKLE_FILE',
    `This file has not the expected shape: ${problem}. See \`tabland merkle --help\`.`,
  )
}
