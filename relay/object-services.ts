import { join } from 'node:path'
import { peerIdFromString } from '@libp2p/peer-id'
import { openObjectStore } from '#api/open-object-store.ts'
import type { RecordServices } from '#api/record-objects.ts'
import type { RecordStore } from '#core/record-store.ts'
import { providerCid } from '#objects/object-cid.ts'
import type { ObjectBlockStore } from '#objects/object-store.ts'
import { createObjectExchange } from '#peer/object-exchange.ts'
import { systemTimers } from '#peer/system-timers.ts'
import { type LruBlockstore, openLruBlockstore } from './cache/lru-blockstore.ts'
import { createFsBlockstore } from './fs-blockstore.ts'
import { MAX_RELAY_OBJECTS, MAX_RELAY_OBJECTS_SEEN } from './limits.ts'
import { createObjectIntake } from './object-intake.ts'
import type { RelayServicesContext } from './relay-services.ts'
import { connectionGroup } from './reservation-limit.ts'
import type { ObjectStats } from './stats.ts'

/** The named objects that a relay keeps for its clients. */
export interface ObjectServices {
  stats(): ObjectStats
  stop(): Promise<void>
}

type Context = Pick<
  RelayServicesContext,
  'transport' | 'libp2p' | 'dataDir' | 'network' | 'objectBytes' | 'denyList' | 'log'
>

/** desc, body and seal */
const BLOCKS_PER_OBJECT = 3

/**
 * Takes the objects that clients offer, each checked like everybody checks them, and gives them to who asks: what was
 * published is found after the tab of its owner closed.
 *
 * @throws STORE_FOLDER_LOCKED, STORE_IO_FAILED
 */
export async function startObjectServices(
  context: Context,
  records: RecordStore,
  services: RecordServices,
): Promise<ObjectServices> {
  const { transport, libp2p, dataDir, network, objectBytes, denyList, log } = context
  const files = await createFsBlockstore({ folder: join(dataDir, 'objects') })
  const blocks = await openLruBlockstore(files, {
    maxBytes: objectBytes,
    maxBlocks: BLOCKS_PER_OBJECT * MAX_RELAY_OBJECTS,
  })
  const store = openObjectStore({
    network,
    records,
    services,
    blocks: blocksOf(blocks),
    bounds: { maxObjects: MAX_RELAY_OBJECTS, maxBytes: objectBytes, maxSeen: MAX_RELAY_OBJECTS_SEEN },
  })
  const intake = createObjectIntake({
    addressOf: (peer) => connectionGroup(libp2p.getConnections(peerIdFromString(peer))[0]),
    now: () => performance.now(),
  })
  let taken = 0
  const exchange = createObjectExchange(
    {
      transport,
      store: {
        get: (id) => store.get(id),
        head: (id) => store.head(id),
        own: async () => [], // it publishes nothing: no client need hear of anything when it comes
        async put(bytes, options) {
          const result = await store.put(bytes, options)
          if (result.status === 'new' || result.status === 'newer') taken++
          return result
        },
      },
      async *findProviders() {}, // it asks nobody but who offers
      provide: async () => {},
      roundTripOf: () => undefined,
      timers: systemTimers,
    },
    {
      network,
      wants: (offer, peer) => intake.wants(offer, peer),
      isDenied: (id) => denyList.isDenied(providerCid(id)),
      onMisbehaviour: (_, error) => log(error.message),
    },
  )
  return {
    stats: () => ({ bytes: blocks.stats().bytes, taken, refused: intake.refused }),
    async stop() {
      exchange.stop()
      await files.close()
    },
  }
}

/** What is let go makes room when there is none: two objects may share a block. */
function blocksOf(blocks: LruBlockstore): ObjectBlockStore {
  return {
    get: (cid) => blocks.get(cid),
    has: (cid) => blocks.has(cid),
    async keep(_, all) {
      for (const { cid, bytes } of all) await blocks.put(cid, bytes)
    },
    async release() {},
    async *list() {}, // without an index nothing is known to be anybody's newest
  }
}
