import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import type { Bytes } from './bytes.ts'

/** SHA-256 (FIPS 180-4) of `bytes`, 32 bytes. Synchronous, for small inputs; large content is hashed by workers. */
export function sha256(bytes: Uint8Array): Bytes {
  return nobleSha256(bytes) as Bytes
}
