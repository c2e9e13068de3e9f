import type { CID } from 'multiformats/cid'
import { toHex } from '#core/bytes.ts'

/** Under which a block is known, whatever its CID's version and codec. */
export function blockKey(cid: CID): string {
  return toHex(cid.multihash.bytes)
}
