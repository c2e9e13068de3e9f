import { withBitswap } from '@helia/bitswap'
import type { HeliaWithLibp2p } from '@helia/libp2p'
import { withLibp2pLight } from '@helia/libp2p'
import { type Identify, identify } from '@libp2p/identify'
import type { IdentifyResult } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { MemoryBlockstore } from 'blockstore-core'
import { createHeliaLight, type Helia } from 'helia'
import type { Blockstore } from 'interface-blockstore'
import { CID } from 'multiformats/cid'
import type { BlockMoved } from '#core/seeding.ts'
import { type BlockNetwork, createBlockNetwork } from '#peer/blocks/block-network.ts'
import { type Content, createContent } from '#peer/content.ts'
import type { PeerError } from '#peer/errors.ts'
import { BITSWAP_OPTIONS } from '#peer/options.ts'
import { createShapedLink, type ShapedLink } from './shaped-link.ts'

/** 4 Mbit/s */
export const UPLINK_BYTES = 500_000

export type PlainPeer = HeliaWithLibp2p<{ identify: Identify }>

export interface Source {
  readonly peerId: string
  readonly helia: PlainPeer
  readonly blockstore: Blockstore
  readonly link: ShapedLink
  /** multiaddr through its link */
  readonly address: string
}

export interface SourceFixtures {
  /** A peer with a stock bitswap that listens on loopback behind a link of its own. */
  source(init?: { readonly blockstore?: Blockstore; readonly bytesPerSecond?: number }): Promise<Source>
  /** A peer that fetches by the exchange, connected to the sources and to nobody else. */
  reader(sources: readonly Source[], init?: ReaderInit): Promise<Reader>
  stop(): Promise<void>
}

export interface ReaderInit {
  readonly blockstore?: Blockstore
  readonly onMisbehaviour?: (peer: string, error: PeerError) => void
}

export interface Reader {
  readonly helia: PlainPeer
  readonly blockstore: Blockstore
  readonly blocks: BlockNetwork
  readonly content: Content
  readonly moved: readonly BlockMoved[]
}

export function createSourceFixtures(): SourceFixtures {
  const stops: (() => Promise<void>)[] = []
  return {
    async source({ blockstore = new MemoryBlockstore(), bytesPerSecond = UPLINK_BYTES } = {}) {
      const helia = await createPlainPeer(blockstore, ['/ip4/127.0.0.1/tcp/0/ws'])
      const port = Number(helia.libp2p.getMultiaddrs()[0]?.getComponents()[1]?.value)
      const link = await createShapedLink(port, bytesPerSecond)
      stops.push(async () => {
        await link.close()
        await helia.stop()
      })
      const peerId = helia.libp2p.peerId.toString()
      return { peerId, helia, blockstore, link, address: `/ip4/127.0.0.1/tcp/${link.port}/ws/p2p/${peerId}` }
    },
    async reader(sources, { blockstore = new MemoryBlockstore(), ...init } = {}) {
      const helia = await createPlainPeer(blockstore)
      const blocks = createBlockNetwork(helia, helia.libp2p, init)
      stops.push(async () => {
        blocks.stop()
        await helia.stop()
      })
      const moved: BlockMoved[] = []
      blocks.onBlock((block) => moved.push(block))
      await connectTo(helia, sources)
      const content = createContent({ helia, exchange: blocks.exchange, provide: async () => {} })
      return { helia, blockstore, blocks, content, moved }
    },

    async stop() {
      await Promise.all(stops.splice(0).map((stop) => stop()))
    },
  }
}

/** Helia with its own bitswap and nothing of Tabland: the rival, and what a source runs. */
export async function createPlainPeer(
  blockstore: Blockstore,
  listen: readonly string[] = [],
): Promise<PlainPeer> {
  const helia = withBitswap(
    withLibp2pLight<Helia, { identify: Identify }>(createHeliaLight({ blockstore }), {
      addresses: { listen: [...listen] },
      transports: [webSockets()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionGater: { denyDialMultiaddr: () => false },
      connectionMonitor: { pingTimeout: { minTimeout: 45_000, maxTimeout: 120_000 } },
      services: { identify: identify() },
    } as never),
    BITSWAP_OPTIONS,
  )
  await helia.start()
  return helia
}

/** The blocks of one random file, and its root: every source gets the same. */
export async function createFile(
  bytes: number,
): Promise<{ readonly root: string; readonly bytes: Uint8Array; copyTo(store: Blockstore): Promise<void> }> {
  const content = new Uint8Array(bytes)
  for (let at = 0; at < bytes; at += 65_536)
    crypto.getRandomValues(content.subarray(at, Math.min(bytes, at + 65_536)))
  const store = new MemoryBlockstore()
  const { cid } = await createContent({ helia: { blockstore: store }, provide: async () => {} }).add(content)
  return {
    root: cid,
    bytes: content,
    async copyTo(target) {
      for await (const { cid: key, bytes: block } of store.getAll()) {
        const parts: Uint8Array[] = []
        for await (const part of block as AsyncIterable<Uint8Array>) parts.push(part)
        await target.put(CID.asCID(key) ?? key, Buffer.concat(parts))
      }
    },
  }
}

/** Dials and waits until bitswap knows them. */
export async function connectTo({ libp2p }: PlainPeer, sources: readonly Source[]): Promise<void> {
  const identified = new Set<string>()
  const all = Promise.withResolvers<void>()
  const onIdentify = ({ detail: { peerId } }: CustomEvent<IdentifyResult>) => {
    identified.add(peerId.toString())
    // topologies are told after the listeners of this event
    if (sources.every((source) => identified.has(source.peerId))) setImmediate(all.resolve)
  }
  libp2p.addEventListener('peer:identify', onIdentify)
  if (sources.length === 0) all.resolve()
  await Promise.all(sources.map(({ address }) => libp2p.dial(multiaddr(address))))
  await all.promise
  libp2p.removeEventListener('peer:identify', onIdentify)
}
