import * as dagPb from '@ipld/dag-pb'
import type { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { CHUNK_BYTES, MAX_BLOCK_BYTES, MAX_DAG_NODES, MAX_FILE_BYTES } from '#core/limits.ts'
import type { DagFetcher, FetchProgress } from '#core/seeding.ts'
import { shuffled } from '#core/shuffle.ts'
import { type BlockReader, type BlockReaderComponents, openBlockReader } from './blocks/block-reader.ts'
import { orNotFound, parseContentCid } from './content.ts'
import { ContentError } from './dag-reader.ts'

/** Blocks asked for at once: enough for eight sources, little enough for memory (32 MiB of the usual size). */
const MAX_AT_ONCE = 128

export interface DagFetcherInit {
  /** 0 ≤ x < 1 @default Math.random */
  readonly random?: () => number
}

interface Leaf {
  readonly cid: CID
  /** as its parent says, within bounds */
  readonly bytes: number
}

interface Walk {
  readonly reader: BlockReader
  readonly signal: AbortSignal
  readonly leaves: Map<string, Leaf>
  readonly seen: Set<string>
  readonly report: (bytes: number) => void
  /** of all nodes that came */
  nodeBytes: number
  total: number
}

/**
 * Fetches contents as a whole. Nodes come first, then leaves in random order, so that peers that fetch the same
 * content at the same time soon have different parts of it for one another.
 */
export function createDagFetcher(
  components: BlockReaderComponents,
  { random = Math.random }: DagFetcherInit = {},
): DagFetcher {
  return {
    async fetchAll(text, { signal, onProgress } = {}) {
      signal?.throwIfAborted()
      const root = parseContentCid(text)
      const reader = openBlockReader(components, root)
      const stop = new AbortController()
      let bytes = 0
      const walk: Walk = {
        reader,
        signal: signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]),
        leaves: new Map(),
        seen: new Set(),
        nodeBytes: 0,
        total: 0,
        report(more) {
          bytes = Math.min(walk.total, bytes + more)
          onProgress?.(progressOf(bytes, walk.total, reader))
        },
      }
      try {
        await fetchNodes(root, walk)
        assertTotal(walk)
        await fetchLeaves(walk, random)
        onProgress?.(progressOf(walk.total, walk.total, reader))
      } finally {
        stop.abort()
        reader.close()
      }
    },
  }
}

function progressOf(bytes: number, total: number, reader: BlockReader): FetchProgress {
  return { bytes, total, sources: reader.sources() }
}

/** The nodes of a DAG, level by level; repeated ones once. @throws CONTENT_DAG_BOMB, CONTENT_TOO_LARGE, CONTENT_NOT_A_FILE */
async function fetchNodes(root: CID, walk: Walk): Promise<void> {
  let level: readonly CID[] = [root]
  walk.seen.add(root.toString())
  while (level.length > 0) {
    const next: CID[] = []
    await forEachAtOnce(level, async (cid) => {
      const block = await orNotFound(walk.reader.get(cid, { signal: walk.signal }), cid, walk.signal)
      const links = cid.code === raw.code ? [] : linksOf(cid, block)
      if (cid === root) setTotal(walk, block.length, links)
      walk.nodeBytes += block.length
      walk.report(block.length)
      for (const link of links) if (isNew(walk, link)) next.push(link.Hash)
    })
    level = next
  }
}

/** A cumulative size stands at each link of the root; it only ever serves to show progress and to refuse. */
function setTotal(walk: Walk, rootBytes: number, links: readonly dagPb.PBLink[]): void {
  walk.total = links.reduce((sum, { Tsize = 0 }) => sum + Math.max(0, Tsize), rootBytes)
  // nodes add 9 KiB to each 43.5 MiB
  if (walk.total <= MAX_FILE_BYTES * 1.01) return
  throw new ContentError(
    'CONTENT_TOO_LARGE',
    `This content says it has ${walk.total} bytes, more than the ${MAX_FILE_BYTES} that are kept as a whole.`,
    { details: { bytes: walk.total, maxBytes: MAX_FILE_BYTES } },
  )
}

/** The root's word is held against its leaves' sizes, which bound what each may bring, before any leaf is fetched. */
function assertTotal({ nodeBytes, leaves, total }: Walk): void {
  const bytes = [...leaves.values()].reduce((sum, leaf) => sum + leaf.bytes, nodeBytes)
  if (bytes <= total * 1.01 + CHUNK_BYTES) return
  throw new ContentError(
    'CONTENT_DAMAGED',
    `This content says it has ${total} bytes, and its parts add up to ${bytes}. It is not fetched.`,
  )
}

/** Is this a node not seen yet? A new leaf is put on its list. */
function isNew({ seen, leaves }: Walk, { Hash: cid, Tsize = CHUNK_BYTES }: dagPb.PBLink): boolean {
  const key = cid.toString()
  if (seen.has(key)) return false
  seen.add(key)
  if (seen.size > MAX_DAG_NODES) {
    throw new ContentError(
      'CONTENT_DAG_BOMB',
      `This content was refused: it has more than ${MAX_DAG_NODES} blocks.`,
    )
  }
  if (cid.code !== raw.code) return true
  leaves.set(key, { cid, bytes: Math.min(MAX_BLOCK_BYTES, Math.max(1, Tsize)) })
  return false
}

async function fetchLeaves(walk: Walk, random: () => number): Promise<void> {
  const { reader, signal, leaves } = walk
  await forEachAtOnce(shuffled([...leaves.values()], random), async ({ cid, bytes }) => {
    const came = await orNotFound(reader.fetch(cid, { bytes, signal }), cid, signal)
    if (came > bytes) {
      throw new ContentError('CONTENT_DAMAGED', `Block ${cid} has ${came} bytes; its parent says ${bytes}.`)
    }
    walk.report(came === 0 ? bytes : came)
  })
}

function linksOf(cid: CID, block: Uint8Array): readonly dagPb.PBLink[] {
  if (cid.code !== dagPb.code) {
    throw new ContentError(
      'CONTENT_NOT_A_FILE',
      `${cid} is no part of a file or folder: expected dag-pb or raw, got codec ${cid.code}.`,
    )
  }
  try {
    return dagPb.decode(block).Links
  } catch (cause) {
    throw new ContentError('CONTENT_DAMAGED', `Block ${cid} is no readable dag-pb node.`, { cause })
  }
}

/** Runs `work` for each, MAX_AT_ONCE at a time; the first failure ends it. */
async function forEachAtOnce<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0
  let failed = false
  const worker = async () => {
    while (next < items.length && !failed) {
      try {
        await work(items[next++] as T)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(MAX_AT_ONCE, items.length) }, worker))
}
