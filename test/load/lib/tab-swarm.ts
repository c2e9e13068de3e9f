import { MemoryBlockstore } from 'blockstore-core'
import { type Content, createContent } from '#peer/content.ts'
import { createPeerNode } from '#peer/create-peer-node.ts'
import type { PeerNode } from '#peer/types.ts'
import { launchProfile } from '../../e2e/harness/chromium.ts'
import { type RelayProcess, startRelay } from '../../e2e/harness/relay.ts'
import { openPeerTab, type PeerTab } from '../../e2e/pages/peer/open.ts'
import { servePage } from '../../e2e/pages/serve-page.ts'
import type { SwarmRow } from './swarm-row.ts'

/** All peers have one address here. */
const PLACES = ['--reservations-per-address', '100']

const PROGRESS_MS = 10_000
/** Half a gigabyte through one relay, and tabs that share the processor with it. */
const READ_MS = 1_800_000

const since = (at: number) => `${((performance.now() - at) / 1_000).toFixed(0)} s`

export interface TabSwarmInit {
  readonly tabs: number
  /** Node.js peers beside the tabs, a round each, ascending */
  readonly nodes: readonly number[]
  readonly bytes: number
}

interface NodePeer {
  readonly node: PeerNode
  readonly content: Content
}

/** Real tabs and Node.js peers at one relay process. */
export async function runTabSwarm({
  tabs: tabCount,
  nodes: counts,
  bytes,
}: TabSwarmInit): Promise<readonly SwarmRow[]> {
  const relay = await startRelay({
    args: ['--network', 'test', '--connections-per-address', '100', ...PLACES],
  })
  const served = await servePage('peer')
  const profile = await launchProfile()
  const nodes: NodePeer[] = []
  const rows: SwarmRow[] = []
  try {
    const relays = await addressesOf(relay)
    const tabs: PeerTab[] = []
    for (let i = 0; i < tabCount; i++)
      tabs.push(await openPeerTab({ profile, pageUrl: served.url, relays, waitMs: READ_MS }))
    await Promise.all(tabs.map((tab) => tab.until('direct')))
    for (const count of counts) {
      const joinedAt = performance.now()
      while (nodes.length < count) nodes.push(await joinNode(relays))
      console.log(`${count} Node.js peers are there after ${since(joinedAt)}`)
      rows.push(await round({ tabs, nodes, relay, bytes }))
      console.log(`at one relay: ${JSON.stringify(rows.at(-1))}`)
    }
    return rows
  } finally {
    await Promise.all(nodes.map(({ node }) => node.stop()))
    await profile.close()
    await served.close()
    await relay.stop()
  }
}

interface Round {
  readonly tabs: readonly PeerTab[]
  readonly nodes: readonly NodePeer[]
  readonly relay: RelayProcess
  readonly bytes: number
}

async function round({ tabs, nodes, relay, bytes }: Round): Promise<SwarmRow> {
  const [origin, ...others] = tabs as [PeerTab, ...PeerTab[]]
  const cid = await origin.add(bytes)
  const relayBefore = await relayBytes(relay)
  const sentBefore = await origin.servedBytes()
  const startedAt = performance.now()
  const progress = { tabs: 0, nodes: 0, bytes: 0 }
  const timer = setInterval(
    () => console.log(`${since(startedAt)}: ${JSON.stringify(progress)}`),
    PROGRESS_MS,
  )
  const read = await Promise.allSettled([
    ...others.map(async (tab) => {
      const { bytes } = await tab.cat(cid)
      progress.tabs++
      return bytes
    }),
    ...nodes.map(async ({ content }) => {
      let got = 0
      for await (const piece of content.read(cid)) {
        got += piece.length
        progress.bytes += piece.length
      }
      progress.nodes++
      return got
    }),
  ])
  clearInterval(timer)
  for (const result of read) if (result.status === 'rejected') console.log('one failed:', result.reason)
  return {
    peers: tabs.length + nodes.length,
    whole: 1 + read.filter((result) => result.status === 'fulfilled' && result.value === bytes).length,
    seconds: (performance.now() - startedAt) / 1_000,
    relayBytes: (await relayBytes(relay)) - relayBefore,
    originBytes: (await origin.servedBytes()) - sentBefore,
  }
}

async function joinNode(relays: readonly string[]): Promise<NodePeer> {
  const node = await createPeerNode({
    network: 'test',
    kind: 'node',
    blockstore: new MemoryBlockstore(),
    relays,
    stunUrls: [],
  })
  await node.start()
  await reserved(node)
  return {
    node,
    content: createContent({
      helia: node.helia,
      exchange: node.blocks.exchange,
      provide: (cid) => node.provide(cid),
    }),
  }
}

function reserved({ state }: PeerNode): Promise<void> {
  return new Promise((resolve) => {
    const unsubscribe = state.subscribe(({ relays }) => {
      if (!relays.some(({ status }) => status === 'reserved')) return
      queueMicrotask(() => unsubscribe())
      resolve()
    })
  })
}

async function addressesOf(relay: RelayProcess): Promise<readonly string[]> {
  const { peerId } = (await (await fetch(`${relay.url}/tabland.json`)).json()) as { readonly peerId: string }
  return [`/ip4/127.0.0.1/tcp/${relay.port}/ws/p2p/${peerId}`]
}

/** What circuits carried, both ways, and what the relay served of its own store. */
async function relayBytes(relay: RelayProcess): Promise<number> {
  const counted = /^tabland_relay_(?:circuit|blocks_served)_bytes_total(?:\{[^}]*\})? (\d+)/gm
  const metrics = await relay.metrics().catch((cause) => {
    throw new Error(`The relay answers no more. It printed:\n${relay.output()}`, { cause })
  })
  return [...metrics.matchAll(counted)].reduce((sum, [, value]) => sum + Number(value), 0)
}
