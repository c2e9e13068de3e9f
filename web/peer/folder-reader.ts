import * as dagPb from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import type { CID } from 'multiformats/cid'
import { MAX_BLOCK_BYTES } from '#core/limits.ts'
import { ContentError, type GetBlock } from './dag-reader.ts'

/** One name in a folder. */
export interface FolderName {
  readonly name: string
  /** CID of the file or folder */
  readonly cid: string
  /** of all its blocks, as the folder claims */
  readonly bytes: number
}

/**
 * The names in a UnixFS directory of one block, which is what folders of up to MAX_FOLDER_FILES files are.
 *
 * @throws CONTENT_NOT_A_FILE for what is no such directory, CONTENT_DAG_BOMB, CONTENT_DAMAGED
 */
export async function readFolder(
  root: CID,
  getBlock: GetBlock,
  options: { readonly signal?: AbortSignal } = {},
): Promise<readonly FolderName[]> {
  const block = root.code === dagPb.code ? await getBlock(root, options) : new Uint8Array()
  if (block.length > MAX_BLOCK_BYTES)
    throw new ContentError(
      'CONTENT_DAG_BOMB',
      `This folder was refused: its block has ${block.length} bytes.`,
    )
  const node = decode(root, block)
  if (node === undefined) throw new ContentError('CONTENT_NOT_A_FILE', `${root} is no file and no folder.`)
  return node.Links.map(({ Name = '', Hash, Tsize = 0 }) => ({
    name: Name,
    cid: Hash.toString(),
    bytes: Number(Tsize),
  }))
}

/** undefined for what is no directory */
function decode(root: CID, block: Uint8Array): dagPb.PBNode | undefined {
  if (root.code !== dagPb.code) return undefined
  try {
    const node = dagPb.decode(block)
    return node.Data !== undefined && UnixFS.unmarshal(node.Data).type === 'directory' ? node : undefined
  } catch (cause) {
    throw new ContentError('CONTENT_DAMAGED', `Block ${root} is no readable UnixFS node.`, { cause })
  }
}
