import type { Bytes } from '#core/bytes.ts'

/** A block's key: its multihash, one character (U+0000 to U+00FF) per byte. Strings compare by value in a Map. */
export type BlockKey = string

export function toKey(multihash: Uint8Array): BlockKey {
  return String.fromCharCode(...multihash)
}

export function keyBytes(key: BlockKey): Bytes {
  return Uint8Array.from(key, (character) => character.charCodeAt(0))
}
