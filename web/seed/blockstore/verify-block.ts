import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { type Bytes, equalBytes } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'
import { type BlockKey, keyBytes } from './block-key.ts'
import type { StoreErrorCode } from './errors.ts'

/** Multihash codes (github.com/multiformats/multicodec, table.csv) whose blocks can be checked, and so kept. */
export const HASH_CODES = { identity: 0x00, sha256: 0x12, sha512: 0x13 } as const

interface Hash {
  readonly webName: 'SHA-256' | 'SHA-512'
  readonly digestBytes: number
  readonly digest: (bytes: Uint8Array) => Uint8Array
}

/** By the first two bytes of a multihash: code and digest length, each a varint of one byte here. */
const HASHES: ReadonlyMap<number, Hash> = new Map([
  [HASH_CODES.sha256, { webName: 'SHA-256', digestBytes: 32, digest: sha256 }],
  [HASH_CODES.sha512, { webName: 'SHA-512', digestBytes: 64, digest: sha512 }],
])

/** Below this a WebCrypto call (about 20 µs) costs more than hashing right here. */
const SMALL_BYTES = 2_048

/** @throws STORE_HASH_UNSUPPORTED when blocks of this hash could not be checked */
export function assertHashSupported(multihash: { code: number; digest: Uint8Array }): void {
  if (HASHES.get(multihash.code)?.digestBytes === multihash.digest.length) return
  throw new AppError<StoreErrorCode>(
    'STORE_HASH_UNSUPPORTED',
    `Expected a block named by its whole SHA-256, SHA-512 or identity hash, got hash 0x${multihash.code.toString(16)} with ${multihash.digest.length} bytes; name the content by SHA-256.`,
  )
}

/** Do `bytes` hash to `key`? False for hashes that are not supported. */
export async function matchesKey(key: BlockKey, bytes: Bytes): Promise<boolean> {
  const multihash = keyBytes(key)
  const hash = HASHES.get(multihash[0] as number)
  if (hash === undefined || multihash[1] !== hash.digestBytes) return false
  return equalBytes(multihash.subarray(2), await digestOf(hash, bytes))
}

/** @throws STORE_BLOCK_MISMATCH [SE2] */
export async function assertMatchesKey(key: BlockKey, bytes: Bytes): Promise<void> {
  if (await matchesKey(key, bytes)) return
  throw new AppError<StoreErrorCode>(
    'STORE_BLOCK_MISMATCH',
    `The block's ${bytes.length} bytes do not hash to its CID; it was not stored. Fetch it from another peer.`,
  )
}

/** WebCrypto works off this thread, but pages that are not a secure context have none. */
async function digestOf(hash: Hash, bytes: Bytes): Promise<Uint8Array> {
  const subtle = globalThis.crypto?.subtle
  if (subtle === undefined || bytes.length < SMALL_BYTES) return hash.digest(bytes)
  return new Uint8Array(await subtle.digest(hash.webName, bytes))
}
