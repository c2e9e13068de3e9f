import * as dagPb from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import * as Digest from 'multiformats/hashes/digest'
import { type BlockKey, keyBytes, toKey } from './blockstore/block-key.ts'

export interface DagChild {
  readonly key: BlockKey
  /** may have children of its own; a raw block has none */
  readonly inner: boolean
}

export interface DagNode {
  readonly children: readonly DagChild[]
  /** of the file below it, as it claims; undefined for folders and what is no file */
  readonly contentBytes?: number
}

const LEAF: DagNode = { children: [] }

/** Children of a dag-pb block of any kind, file or folder; none where it is not readable. */
export function decodeDagNode(block: Uint8Array): DagNode {
  try {
    const { Data, Links } = dagPb.decode(block)
    const children = Links.map(({ Hash }) => childOf(Hash)).filter((child) => child !== undefined)
    const contentBytes = Data === undefined ? undefined : fileBytes(Data)
    return contentBytes === undefined ? { children } : { children, contentBytes }
  } catch {
    return LEAF
  }
}

/** Is a CID's block one that may name others? */
export function isInner(cid: CID): boolean {
  return cid.code === dagPb.code
}

/** A CID by which a store finds an inner node. */
export function innerCid(key: BlockKey): CID {
  return CID.createV1(dagPb.code, Digest.decode(keyBytes(key)))
}

/** A CID by which a store finds a block, whatever it holds. */
export function blockCid(key: BlockKey): CID {
  return CID.createV1(raw.code, Digest.decode(keyBytes(key)))
}

function childOf(cid: CID): DagChild | undefined {
  // an identity CID carries its block: nothing of it is stored
  if (cid.multihash.code === 0) return
  return { key: toKey(cid.multihash.bytes), inner: isInner(cid) }
}

function fileBytes(data: Uint8Array): number | undefined {
  const node = UnixFS.unmarshal(data)
  if (node.type !== 'file' && node.type !== 'raw') return
  const size = Number(node.fileSize())
  return Number.isSafeInteger(size) ? size : undefined
}
