import type { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { createRateLimit } from '#core/rate-limit.ts'
import type { Timers } from '#core/timers.ts'
import type { BitswapPort } from '#peer/blocks/bitswap-port.ts'
import { createBlockExchange } from '#peer/blocks/block-exchange.ts'
import { blockKey } from '#peer/blocks/block-key.ts'
import type { BlockAccess } from '#peer/blocks/block-reader.ts'
import { createDagFetcher } from '#peer/dag-fetcher.ts'
import {
  CACHE_BLOCKS_PER_CLIENT_MINUTE,
  CACHE_CONTENTS_PER_CLIENT_MINUTE,
  MAX_CACHE_CLIENTS,
  MAX_CACHE_HOLDERS,
  MAX_CACHE_JOB_MS,
  MAX_CACHE_JOBS,
  MAX_CACHE_JOBS_PER_CLIENT,
  MAX_CACHE_WAITING,
  MAX_CACHE_WANTS_PER_MESSAGE,
} from '../limits.ts'
import { portTo } from './port-to.ts'

const MINUTE_S = 60
/** Of the whole cache, so that one content never drives out all others. */
const MAX_SHARE = 1 / 4

export interface DemandCacheComponents {
  readonly port: BitswapPort
  /** what is served, to which is added */
  readonly blockstore: BlockAccess
  /** connected clients that say by records that they hold a content */
  readonly holdersOf: (root: CID, signal: AbortSignal) => AsyncIterable<string>
  readonly timers: Timers
  /** ms, never set back */
  readonly now: () => number
  /** what is never fetched @default nothing */
  readonly isDenied?: (cid: CID) => boolean
}

export interface DemandCacheInit {
  readonly maxBytes: number
}

export interface DemandCacheStats {
  /** wants of clients for what was here, and for what was not */
  readonly hits: number
  readonly misses: number
  readonly fetchedBytes: number
  /** contents fetched as a whole, and given up: nobody gave them, or they were too much */
  readonly fetched: number
  readonly failed: number
  /** contents that are being fetched, or wait for it */
  readonly waiting: number
}

export interface DemandCache {
  stats(): DemandCacheStats
  stop(): void
}

interface Job {
  readonly root: CID
  /** peer id of who asked first: it is counted for what comes */
  readonly client: string
  /** everybody who asked for it since */
  readonly wantedBy: Set<string>
}

/**
 * What clients ask for is fetched once more and kept ([RE5]): demand makes copies, that stay when the first holder
 * leaves. Only who asked, and connected clients that said by provider records that they hold it, are asked, and not
 * for more than bitswap gives everybody.
 */
export function createDemandCache(components: DemandCacheComponents, init: DemandCacheInit): DemandCache {
  const { port, blockstore, now, isDenied = () => false } = components
  const contents = perMinute(CACHE_CONTENTS_PER_CLIENT_MINUTE, now)
  const blocks = perMinute(CACHE_BLOCKS_PER_CLIENT_MINUTE, now)
  /** by key of their root, those that run first */
  const jobs = new Map<string, Job>()
  const running = new Map<string, Job>()
  const stopping = new AbortController()
  const count = { hits: 0, misses: 0, fetchedBytes: 0, fetched: 0, failed: 0 }

  async function wanted(client: string, cid: CID): Promise<void> {
    if (isDenied(cid)) return
    if (await blockstore.has(cid)) {
      count.hits += 1
      return
    }
    count.misses += 1
    const key = blockKey(cid)
    const job = jobs.get(key)
    if (job !== undefined && job.wantedBy.size < MAX_CACHE_CLIENTS) job.wantedBy.add(client)
    if (job !== undefined || isOnItsWay(client, cid)) return
    if (jobs.size >= MAX_CACHE_WAITING || !contents.take(client)) return
    jobs.set(key, { root: cid, client, wantedBy: new Set([client]) })
    runNext()
  }

  /** A leaf of what this client waits for, as good as surely: it comes with the rest, and would come twice. */
  function isOnItsWay(client: string, { code }: CID): boolean {
    if (code !== raw.code) return false
    return [...running.values()].some(({ root, wantedBy }) => root.code !== raw.code && wantedBy.has(client))
  }

  const runningOf = (client: string) => [...running.values()].filter((job) => job.client === client).length

  function runNext(): void {
    for (const [key, job] of jobs) {
      if (running.size >= MAX_CACHE_JOBS || stopping.signal.aborted) return
      if (running.has(key) || runningOf(job.client) >= MAX_CACHE_JOBS_PER_CLIENT) continue
      running.set(key, job)
      void run(job).finally(() => {
        running.delete(key)
        jobs.delete(key)
        runNext()
      })
    }
  }

  async function run({ root, client }: Job): Promise<void> {
    const stop = new AbortController()
    const signal = AbortSignal.any([stopping.signal, stop.signal, AbortSignal.timeout(MAX_CACHE_JOB_MS)])
    try {
      const holders = await collectHolders(components.holdersOf(root, signal), client)
      const exchange = createBlockExchange(
        { ...components, port: portTo(port, holders), download: FREE, search: async () => {} },
        {
          onReceived: ({ bytes }) => {
            count.fetchedBytes += bytes
            if (!blocks.take(client)) stop.abort()
          },
        },
      )
      try {
        await createDagFetcher({ blockstore, exchange }).fetchAll(root.toString(), {
          signal,
          onProgress: ({ total }) => {
            if (total > init.maxBytes * MAX_SHARE) stop.abort()
          },
        })
        count.fetched += 1
      } finally {
        exchange.stop()
      }
    } catch {
      count.failed += 1 // the holder left, or it was too much: whoever asks again begins anew
    }
  }

  const unlisten = port.listen({
    onConnect() {},
    onDisconnect() {},
    onBlock() {},
    onPresence() {},
    onWants(client, cids) {
      for (const cid of cids.slice(0, MAX_CACHE_WANTS_PER_MESSAGE)) void wanted(client, cid).catch(() => {}) // a store that fails caches nothing
    },
  })

  return {
    stats: () => ({ ...count, waiting: jobs.size }),
    stop() {
      unlisten()
      stopping.abort()
      jobs.clear()
    },
  }
}

/** Besides those whose records say so, whoever asks: soon it has the content from somebody, perhaps unknown here. */
async function collectHolders(found: AsyncIterable<string>, client: string): Promise<ReadonlySet<string>> {
  const holders = new Set([client])
  for await (const peer of found) {
    holders.add(peer)
    if (holders.size >= MAX_CACHE_HOLDERS) break
  }
  return holders
}

function perMinute(times: number, now: () => number) {
  return createRateLimit({ perSecond: times / MINUTE_S, burst: times, maxKeys: MAX_CACHE_CLIENTS, now })
}

/** A cap for each client is enough. */
const FREE = { waitMs: () => 0, charge() {}, take: async () => {}, setRate() {} }
