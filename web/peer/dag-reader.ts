import * as dagPb from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import type { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import type { Bytes } from '#core/bytes.ts'
import { AppError } from '#core/errors.ts'
import { CHUNK_BYTES, MAX_BLOCK_BYTES, MAX_DAG_DEPTH, MAX_DAG_NODES, MAX_FILE_BYTES } from '#core/limits.ts'

export type ContentErrorCode =
  | 'CONTENT_CID_INVALID'
  | 'CONTENT_NOT_A_FILE'
  | 'CONTENT_TOO_LARGE'
  | 'CONTENT_TOO_MANY_FILES'
  | 'CONTENT_DAG_BOMB'
  | 'CONTENT_DAMAGED'
  | 'CONTENT_NOT_FOUND'

export class ContentError extends AppError<ContentErrorCode> {}

/** Gives the verified bytes of one block, from the own store or from peers. */
export type GetBlock = (cid: CID, options: { signal?: AbortSignal; bytes?: number }) => Promise<Uint8Array>

export interface ReadOptions {
  /** first byte @default 0 */
  readonly offset?: number
  /** how many bytes @default up to the end */
  readonly length?: number
  /** refuses a file that says it is larger @default MAX_FILE_BYTES */
  readonly maxBytes?: number
  readonly signal?: AbortSignal
  /** told once, before the first bytes */
  readonly onSize?: (bytes: number) => void
}

/** Blocks asked for ahead of the reader. Bitswap gathers wants and blocks before it sends: with 16 it idles in between. */
const WINDOW = 64
/** And so many bytes of them: blocks may have eight times the usual size. */
const WINDOW_BYTES = WINDOW * CHUNK_BYTES

interface Leaf {
  readonly cid: CID
  readonly size: number
}

interface Node {
  readonly data: Uint8Array
  readonly children: readonly Leaf[]
  readonly size: number
}

interface Walk {
  readonly getBlock: GetBlock
  readonly signal: AbortSignal | undefined
  readonly from: number
  readonly to: number
  nodes: number
}

/**
 * Streams a UnixFS file in order, reading only the blocks that the range needs and at most WINDOW ahead.
 * Depth, node count and bytes are bounded before they are spent, and every size that a node claims is held
 * against what its blocks give: a DAG that lies or explodes ends in one error.
 *
 * @throws CONTENT_NOT_A_FILE, CONTENT_TOO_LARGE, CONTENT_DAG_BOMB, CONTENT_DAMAGED
 */
export async function* readDag(
  root: CID,
  getBlock: GetBlock,
  options: ReadOptions = {},
): AsyncGenerator<Bytes> {
  const { offset = 0, length, maxBytes = MAX_FILE_BYTES, signal, onSize } = options
  const first = decodeNode(root, await getBlock(root, signal === undefined ? {} : { signal }))
  const wanted = Math.min(first.size, length === undefined ? first.size : offset + length) - offset
  if (wanted > maxBytes) {
    throw new ContentError(
      'CONTENT_TOO_LARGE',
      `This content has ${wanted} bytes, more than the ${maxBytes} that are read here.`,
      { details: { bytes: wanted, maxBytes } },
    )
  }
  onSize?.(first.size)
  if (wanted <= 0) return
  yield* walk(first, 0, 0, { getBlock, signal, from: offset, to: offset + wanted, nodes: 1 })
}

async function* walk(node: Node, start: number, depth: number, state: Walk): AsyncGenerator<Bytes> {
  if (depth > MAX_DAG_DEPTH) throw bomb(`it is nested deeper than ${MAX_DAG_DEPTH} levels`)
  yield* clip(node.data, start, state)
  let at = start + node.data.length
  const needed: { leaf: Leaf; start: number }[] = []
  for (const leaf of node.children) {
    if (at < state.to && at + leaf.size > state.from) needed.push({ leaf, start: at })
    at += leaf.size
  }
  for await (const child of prefetch(needed, state)) {
    const decoded = decodeNode(child.leaf.cid, child.block)
    if (decoded.size !== child.leaf.size) {
      throw new ContentError(
        'CONTENT_DAMAGED',
        `Block ${child.leaf.cid} holds ${decoded.size} bytes; its parent says ${child.leaf.size}.`,
      )
    }
    yield* walk(decoded, child.start, depth + 1, state)
  }
}

/** The part of `data` (which stands at `start` of the file) that lies in the wanted range. */
function* clip(data: Uint8Array, start: number, { from, to }: Walk): Generator<Bytes> {
  const begin = Math.max(0, from - start)
  const end = Math.min(data.length, to - start)
  if (end > begin) yield new Uint8Array(data.subarray(begin, end))
}

interface Fetched {
  readonly leaf: Leaf
  readonly start: number
  readonly block: Uint8Array
}

/** Blocks in order, up to WINDOW of them on their way at once; an early end or error leaves none unheard. */
async function* prefetch(
  wanted: readonly { leaf: Leaf; start: number }[],
  state: Walk,
): AsyncGenerator<Fetched> {
  const stop = new AbortController()
  const signal = state.signal === undefined ? stop.signal : AbortSignal.any([state.signal, stop.signal])
  const pending: Promise<Fetched>[] = []
  let next = 0
  let pendingBytes = 0
  try {
    while (next < wanted.length || pending.length > 0) {
      while (next < wanted.length && pending.length < WINDOW && pendingBytes < WINDOW_BYTES) {
        if (++state.nodes > MAX_DAG_NODES) throw bomb(`it has more than ${MAX_DAG_NODES} blocks`)
        const item = wanted[next++] as { leaf: Leaf; start: number }
        pendingBytes += expectedBytes(item.leaf).bytes ?? 0
        const fetched = state
          .getBlock(item.leaf.cid, { signal, ...expectedBytes(item.leaf) })
          .then((block) => ({ ...item, block }))
        fetched.catch(() => {}) // heard when its turn comes, or dropped with the rest
        pending.push(fetched)
      }
      const fetched = await (pending.shift() as Promise<Fetched>)
      pendingBytes -= expectedBytes(fetched.leaf).bytes ?? 0
      yield fetched
    }
  } finally {
    stop.abort()
  }
}

/** Only of a leaf the size of its block is known from its parent. */
function expectedBytes({ cid, size }: Leaf): { readonly bytes?: number } {
  return cid.code === raw.code ? { bytes: Math.min(size, MAX_BLOCK_BYTES) } : {}
}

function bomb(why: string): ContentError {
  return new ContentError('CONTENT_DAG_BOMB', `This content was refused: ${why}.`)
}

function decodeNode(cid: CID, block: Uint8Array): Node {
  if (block.length > MAX_BLOCK_BYTES) throw bomb(`block ${cid} has ${block.length} bytes`)
  if (cid.code === raw.code) return { data: block, children: [], size: block.length }
  if (cid.code !== dagPb.code) {
    throw new ContentError(
      'CONTENT_NOT_A_FILE',
      `${cid} is no file: expected dag-pb or raw, got codec ${cid.code}.`,
    )
  }
  try {
    return decodeFileNode(cid, block)
  } catch (cause) {
    if (cause instanceof ContentError) throw cause
    throw new ContentError('CONTENT_DAMAGED', `Block ${cid} is no readable UnixFS node.`, { cause })
  }
}

function decodeFileNode(cid: CID, block: Uint8Array): Node {
  const { Data, Links } = dagPb.decode(block)
  if (Data === undefined)
    throw new ContentError('CONTENT_NOT_A_FILE', `${cid} is a bare dag-pb node, not a file.`)
  const file = UnixFS.unmarshal(Data)
  if (file.type !== 'file' && file.type !== 'raw') {
    throw new ContentError('CONTENT_NOT_A_FILE', `${cid} is a ${file.type}, not a file.`)
  }
  if (file.blockSizes.length !== Links.length) {
    throw new ContentError(
      'CONTENT_DAMAGED',
      `Block ${cid} lists ${Links.length} children but ${file.blockSizes.length} sizes.`,
    )
  }
  const data = file.data ?? new Uint8Array()
  const children = Links.map((link, i) => ({
    cid: link.Hash,
    size: safeSize(cid, file.blockSizes[i] as bigint),
  }))
  const size = children.reduce((sum, child) => sum + child.size, data.length)
  if (!Number.isSafeInteger(size)) throw bomb('it claims more bytes than a number holds')
  return { data, children, size }
}

function safeSize(cid: CID, size: bigint): number {
  if (size > 0n && size <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(size)
  if (size === 0n) throw new ContentError('CONTENT_DAMAGED', `Block ${cid} lists a child of no bytes.`)
  throw bomb(`block ${cid} claims a child of ${size} bytes`)
}
