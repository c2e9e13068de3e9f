import { join } from 'node:path'
import { MemoryBlockstore } from 'blockstore-core'
import type { CID } from 'multiformats/cid'
import type { GraphService } from '#graph/graph-types.ts'
import { systemTimers } from '#peer/system-timers.ts'
import { createBlockServer } from './block-server.ts'
import { createDemandCache } from './cache/demand-cache.ts'
import { LayeredBlockstore } from './cache/layered-blockstore.ts'
import { openLruBlockstore } from './cache/lru-blockstore.ts'
import { withoutDenied } from './deny-list.ts'
import { createFsBlockstore } from './fs-blockstore.ts'
import { CACHE_SEARCH_MS, MAX_CACHE_BLOCKS } from './limits.ts'
import type { RelayLibp2p } from './relay-node.ts'
import type { RelayServicesContext } from './relay-services.ts'
import type { ContentStats } from './stats.ts'

/** The blocks that a relay serves: its own, and those that its clients asked for. */
export interface ContentServices {
  /** held for good, in memory */
  readonly own: MemoryBlockstore
  stats(): ContentStats
  stop(): Promise<void>
}

type Context = Pick<
  RelayServicesContext,
  'transport' | 'libp2p' | 'dataDir' | 'network' | 'cacheBytes' | 'denyList'
>

/** @throws STORE_FOLDER_LOCKED, STORE_IO_FAILED */
export async function startContentServices(
  context: Context,
  texts: Pick<GraphService, 'text'>,
): Promise<ContentServices> {
  const { transport, libp2p, dataDir, network, cacheBytes, denyList } = context
  const own = new MemoryBlockstore()
  const store = cacheBytes > 0 ? await createFsBlockstore({ folder: join(dataDir, 'cache') }) : undefined
  const cache =
    store && (await openLruBlockstore(store, { maxBytes: cacheBytes, maxBlocks: MAX_CACHE_BLOCKS }))
  const blockstore = withoutDenied(new LayeredBlockstore(own, cache, texts), denyList)
  const server = await createBlockServer(libp2p, blockstore, { transport, network })
  let servedBytes = 0
  server.blocks.onBlock(({ direction, bytes }) => {
    if (direction === 'sent') servedBytes += bytes
  })
  const demand =
    cache &&
    createDemandCache(
      {
        port: server.blocks.port,
        blockstore: server.helia.blockstore,
        holdersOf: (root, signal) => connectedHolders(libp2p, root, signal),
        timers: systemTimers,
        now: () => performance.now(),
        isDenied: denyList.isDenied,
      },
      { maxBytes: cacheBytes },
    )
  const none = { hits: 0, misses: 0, fetchedBytes: 0, fetched: 0, failed: 0, waiting: 0 }

  return {
    own,
    stats() {
      const { blocks, bytes, evicted } = cache?.stats() ?? { blocks: 0, bytes: 0, evicted: 0 }
      return {
        ...(demand?.stats() ?? none),
        cacheBlocks: blocks,
        cacheBytes: bytes,
        cacheEvicted: evicted,
        servedBytes,
      }
    },
    async stop() {
      demand?.stop()
      await server.stop()
      await store?.close()
    },
  }
}

/** Clients that told this relay that they hold a content. It dials nobody, and no circuit leads through itself. */
async function* connectedHolders(
  libp2p: Pick<RelayLibp2p, 'contentRouting' | 'getConnections' | 'peerId'>,
  root: CID,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(CACHE_SEARCH_MS)])
  try {
    for await (const { id } of libp2p.contentRouting.findProviders(root, { signal: limited })) {
      if (!id.equals(libp2p.peerId) && libp2p.getConnections(id).length > 0) yield id.toString()
    }
  } catch {
    signal.throwIfAborted() // no more records than those that came
  }
}
