import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { create as createDigest } from 'multiformats/hashes/digest'
import { concat, equalBytes, utf8 } from '#core/bytes.ts'

const SHA2_256 = 0x12
const PREFIX = utf8('tabland marker\n')

/** A CID that nobody has: a peer's word that it lacks it comes after all that it owed before. */
export function createMarker(): CID {
  const random = crypto.getRandomValues(new Uint8Array(32 - PREFIX.length))
  return CID.createV1(raw.code, createDigest(SHA2_256, concat(PREFIX, random)))
}

/** Is nobody to be asked for this one? */
export function isMarker(cid: CID): boolean {
  return equalBytes(cid.multihash.digest.subarray(0, PREFIX.length), PREFIX)
}
