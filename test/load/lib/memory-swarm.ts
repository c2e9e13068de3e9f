import { setFlagsFromString } from 'node:v8'
import { multiaddr } from '@multiformats/multiaddr'
import { MemoryBlockstore } from 'blockstore-core'
import { shuffled } from '#core/shuffle.ts'
import { type Content, createContent } from '#peer/content.ts'
import { createPeerNode } from '#peer/create-peer-node.ts'
import { createServedMeter, type ServedMeter } from '#peer/served-meter.ts'
import type { PeerNode } from '#peer/types.ts'
import { createRandom } from '#test/fakes/network.ts'
import { createFixtures } from '../../relay/fixtures.ts'
import { randomBytes } from './random-bytes.ts'
import { slowClocks } from './slow-clocks.ts'
import type { SwarmRow } from './swarm-row.ts'
import { yieldingMemory } from './yielding-memory.ts'

/** As many as a tab keeps by itself. */
const NEIGHBOURS = 4
/** By slowed clocks. */
const READ_TIMEOUT_MS = 900_000
/** What two hundred peers say while nothing happens would take all of one thread. */
export const TIMES_SLOWER = 4
/**
 * Without it V8 marks the whole heap, here of all peers together, after each 64 MiB of new buffers: half of the time of
 * a swarm of fifty. Buffers then count as other memory does, against a limit that grows with what is in use.
 */
const V8_FLAG = '--external-memory-accounted-in-global-limit'

interface MemoryPeer {
  readonly node: PeerNode
  readonly content: Content
  readonly served: ServedMeter
  readonly address: string
}

export interface MemorySwarmInit {
  /** rounds, each with so many peers, ascending */
  readonly peers: readonly number[]
  readonly bytes: number
  /** Called after each round with all rows so far: a later round may take more time than there is. */
  readonly onRow: (rows: readonly SwarmRow[]) => Promise<void>
}

/** Peers in this process over in-memory connections; a real relay introduces them and hears their gossip. */
export async function runMemorySwarm({
  peers: counts,
  bytes,
  onRow,
}: MemorySwarmInit): Promise<readonly SwarmRow[]> {
  setFlagsFromString(V8_FLAG)
  const restoreClocks = slowClocks(TIMES_SLOWER)
  const fixtures = createFixtures()
  const places = String(Math.max(...counts))
  const limits = ['--connections-per-address', places, '--reservations-per-address', places]
  const { relay } = await fixtures.relay(['--network', 'test', ...limits])
  const random = createRandom(1n)
  const swarm: MemoryPeer[] = []
  const rows: SwarmRow[] = []
  try {
    for (const count of counts) {
      while (swarm.length < count) swarm.push(await join(swarm, relay.addresses, random))
      const before = relay.stats()
      const [origin] = swarm as [MemoryPeer]
      const sentBefore = origin.served.read().bytes
      const { cid } = await origin.content.add(randomBytes(bytes))
      const startedAt = performance.now()
      const read = await Promise.allSettled(swarm.slice(1).map(({ content }) => readAll(content, cid)))
      const after = relay.stats()
      rows.push({
        peers: count,
        whole: 1 + read.filter((result) => result.status === 'fulfilled' && result.value === bytes).length,
        seconds: ((performance.now() - startedAt) * TIMES_SLOWER) / 1_000,
        relayBytes:
          after.circuitBytesToDestinations +
          after.circuitBytesFromDestinations -
          before.circuitBytesToDestinations -
          before.circuitBytesFromDestinations,
        originBytes: origin.served.read().bytes - sentBefore,
      })
      console.log(`in memory: ${JSON.stringify(rows.at(-1))}`)
      await onRow(rows)
      const failed = read.find((result) => result.status === 'rejected')
      if (failed !== undefined) console.log('one failed:', failed.reason)
    }
    return rows
  } finally {
    await Promise.all(swarm.map(({ node }) => node.stop()))
    await fixtures.stop()
    restoreClocks()
  }
}

async function readAll(content: Content, cid: string): Promise<number> {
  let bytes = 0
  for await (const piece of content.read(cid, { signal: AbortSignal.timeout(READ_TIMEOUT_MS) }))
    bytes += piece.length
  return bytes
}

/** A new peer connects to NEIGHBOURS / 2 that are there, so that each has about NEIGHBOURS in the end. */
async function join(
  swarm: readonly MemoryPeer[],
  relays: readonly string[],
  random: () => number,
): Promise<MemoryPeer> {
  const address = `/memory/peer-${swarm.length}`
  const node = await createPeerNode({
    network: 'test',
    kind: 'node',
    blockstore: new MemoryBlockstore(),
    relays,
    stunUrls: [],
    extra: { transport: yieldingMemory(), listen: address },
  })
  const served = createServedMeter(node.blocks)
  const content = createContent({
    helia: node.helia,
    exchange: node.blocks.exchange,
    provide: (cid) => node.provide(cid),
  })
  let met = 0
  for (const other of shuffled([...swarm], random)) {
    if (met === NEIGHBOURS / 2) break
    // one that is too busy to answer is passed over, as a tab does
    met += await node.libp2p.dial(multiaddr(other.address)).then(
      () => 1,
      () => 0,
    )
  }
  await node.start()
  return { node, served, content, address }
}
