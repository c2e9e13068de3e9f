import { MemoryBlockstore } from 'blockstore-core'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { sha256 } from '#core/hash.ts'
import type { BitswapPort, BitswapPortListener } from '#peer/blocks/bitswap-port.ts'
import { createContent } from '#peer/content.ts'
import type { PeerNode } from '#peer/types.ts'
import { createDemandCache } from '#relay/cache/demand-cache.ts'
import {
  CACHE_CONTENTS_PER_CLIENT_MINUTE,
  MAX_CACHE_JOBS_PER_CLIENT,
  MAX_CACHE_WAITING,
} from '#relay/limits.ts'
import { startRecordServices } from '#relay/record-services.ts'
import type { Relay } from '#relay/relay.ts'
import type { ContentStats } from '#relay/stats.ts'
import { createFakeTimers } from '#test/fakes/timers.ts'
import { addressOf, createPeerFixtures, isReserved, until } from '#test/web/peer/peer-fixtures.ts'

const MIB = 1024 * 1024
const POLL_MS = 50

const fixtures = createPeerFixtures()
afterEach(() => fixtures.stop())
vi.setConfig({ testTimeout: 60_000 })

const startRelay = (flags: readonly string[] = []) => fixtures.relay(flags, { services: startRecordServices })

async function join(relay: Relay): Promise<PeerNode> {
  const node = await fixtures.join({ relays: [addressOf(relay)] })
  await until(node.state, isReserved)
  // the first client starts the cache
  while (relay.stats().content === undefined) await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  return node
}

const contentOf = ({ helia, blocks, provide }: PeerNode) =>
  createContent({ helia, exchange: blocks.exchange, provide })

async function* noHolders(): AsyncGenerator<string> {}

const cidOf = (number: number): CID =>
  CID.createV1(0x55, Digest.create(0x12, sha256(new TextEncoder().encode(String(number)))))

function randomBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536))
  return bytes
}

async function publish(node: PeerNode, bytes: Uint8Array): Promise<string> {
  const { cid } = await contentOf(node).add(bytes)
  await node.provide(cid)
  return cid
}

const statsOf = (relay: Relay): ContentStats => {
  const { content } = relay.stats()
  if (content === undefined) throw new Error('the relay serves no blocks')
  return content
}

/** The relay tells of its cache by counters alone. */
async function untilStats(relay: Relay, holds: (stats: ContentStats) => boolean): Promise<ContentStats> {
  for (;;) {
    const stats = statsOf(relay)
    if (holds(stats)) return stats
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

describe('[RE5] what clients ask for', () => {
  it('is kept by their relay, and still served when who had it has left', async () => {
    const { relay } = await startRelay()
    const a = await join(relay)
    const bytes = randomBytes(MIB)
    const cid = await publish(a, bytes)
    const b = await join(relay)
    expect(Buffer.compare(await contentOf(b).cat(cid), bytes)).toBe(0)
    const { fetchedBytes, misses } = await untilStats(relay, ({ fetched }) => fetched > 0)
    expect(misses).toBeGreaterThan(0)
    expect(fetchedBytes).toBeGreaterThanOrEqual(MIB)
    expect(fetchedBytes).toBeLessThan(1.1 * MIB) // each block once
    await a.stop()
    await b.stop()

    const c = await join(relay)
    expect(Buffer.compare(await contentOf(c).cat(cid), bytes)).toBe(0)
    const { hits, servedBytes, cacheBytes } = statsOf(relay)
    expect(hits).toBeGreaterThan(0)
    expect(servedBytes).toBeGreaterThanOrEqual(MIB)
    expect(cacheBytes).toBeGreaterThanOrEqual(MIB)
  })

  it('outlives the relay’s restart', async () => {
    const first = await startRelay()
    const a = await join(first.relay)
    const bytes = randomBytes(300_000)
    const cid = await publish(a, bytes)
    const b = await join(first.relay)
    await contentOf(b).cat(cid)
    await untilStats(first.relay, ({ fetched }) => fetched > 0)
    await Promise.all([a.stop(), b.stop()])
    await first.relay.stop()
    const { relay } = await startRelay(['--data', first.dataDir])
    expect(Buffer.compare(await contentOf(await join(relay)).cat(cid), bytes)).toBe(0)
  })

  it('is not fetched beyond a quarter of the cache', async () => {
    const { relay } = await startRelay(['--cache', '2MiB'])
    const a = await join(relay)
    const cid = await publish(a, randomBytes(MIB))
    const b = await join(relay)
    await contentOf(b).cat(cid)
    await untilStats(relay, ({ failed }) => failed > 0)
    expect(statsOf(relay)).toMatchObject({ fetched: 0 })
    expect(statsOf(relay).cacheBytes).toBeLessThan(MIB)
  })

  it('is fetched once, though its leaves are asked for meanwhile', async () => {
    const { relay } = await startRelay()
    const a = await join(relay)
    const cid = await publish(a, randomBytes(8 * MIB))
    const readers = await Promise.all([join(relay), join(relay), join(relay)])
    await Promise.all(readers.map((reader) => contentOf(reader).cat(cid)))
    const { fetchedBytes, fetched } = await untilStats(relay, (stats) => stats.fetched > 0)
    expect(fetchedBytes).toBeLessThan(8.1 * MIB)
    expect(fetched).toBe(1)
  })

  it('is counted for each client and minute, and bounded in what waits', async () => {
    let asked = 0
    let now = 0
    const listeners: BitswapPortListener[] = []
    const port: BitswapPort = {
      peers: () => [],
      circuitLeft: () => undefined,
      listen: (listener) => {
        listeners.push(listener)
        return () => {}
      },
      send: async () => {},
    }
    const cache = createDemandCache(
      {
        port,
        blockstore: new MemoryBlockstore(),
        holdersOf() {
          asked += 1
          return noHolders()
        },
        timers: createFakeTimers(),
        now: () => now,
      },
      { maxBytes: 64 * MIB },
    )
    const want = async (client: string, from: number, count: number) => {
      for (let i = from; i < from + count; i += 50) {
        listeners[0]?.onWants?.(
          client,
          Array.from({ length: 50 }, (_, at) => cidOf(i + at)),
        )
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    await want('greedy', 0, 400)
    expect(cache.stats()).toMatchObject({ misses: 400, waiting: CACHE_CONTENTS_PER_CLIENT_MINUTE })
    expect(asked).toBe(MAX_CACHE_JOBS_PER_CLIENT)
    await want('other', 1_000, 50)
    expect(asked).toBe(2 * MAX_CACHE_JOBS_PER_CLIENT)
    now += 30_000
    await want('greedy', 2_000, 200)
    expect(cache.stats().waiting).toBe(1.5 * CACHE_CONTENTS_PER_CLIENT_MINUTE + 50)
    for (const client of ['third', 'fourth', 'fifth']) await want(client, 3_000 + client.length, 100)
    expect(cache.stats().waiting).toBe(MAX_CACHE_WAITING)
    listeners[0]?.onWants?.(
      'sixth',
      Array.from({ length: 5_000 }, (_, at) => cidOf(10_000 + at)),
    )
    await new Promise((resolve) => setImmediate(resolve))
    expect(cache.stats().misses).toBeLessThan(1_100)
    cache.stop()
  })

  it('is left alone with --cache 0', async () => {
    const { relay } = await startRelay(['--cache', '0'])
    const client = await fixtures.join({ relays: [addressOf(relay)] })
    await until(client.state, isReserved)
    expect(relay.stats().content).toBeUndefined()
  })
})
