import { CID } from 'multiformats/cid'

const DAG_PB = 0x70
const SHA_256 = 0x12

/** A CID from the list of what is kept, or from a command, as the list names it: v0 where that is possible. */
export function rootCid(cid: CID): string {
  const { code, multihash } = cid
  return code === DAG_PB && multihash.code === SHA_256 ? cid.toV0().toString() : cid.toV1().toString()
}

export function isRootCid(text: string): boolean {
  try {
    return rootCid(CID.parse(text)) === text
  } catch {
    return false
  }
}

/** The reverse of `rootCid`. */
export function parseRootCid(text: string): CID {
  return CID.parse(text)
}
