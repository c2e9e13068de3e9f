import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import type { Bytes } from '#core/bytes.ts'
import { sha256 } from '#core/hash.ts'
import type { ObjectId } from './object-id.ts'

const RAW_CODEC = 0x55
const SHA256_CODE = 0x12

/** CIDv1 of the raw block that hashes to `digest`. */
export function rawCid(digest: Bytes): CID {
  return CID.createV1(RAW_CODEC, Digest.create(SHA256_CODE, digest))
}

/**
 * What provider records of an object name: the CID of the raw block that is the id's own 32 bytes. Everybody who knows
 * the id can make it; the desc's CID is known to those alone who have the desc.
 */
export function providerCid(id: ObjectId): CID {
  return rawCid(sha256(id))
}
