import type { GossipSub } from '@libp2p/gossipsub'
import { MemoryBlockstore } from 'blockstore-core'
import { IDBBlockstore } from 'blockstore-idb'
import type { Blockstore } from 'interface-blockstore'
import type { NetworkState } from '#api/network-types.ts'
import { concat, fromHex, utf8 } from '#core/bytes.ts'
import { protocolsOf } from '#core/network.ts'
import { type Content, createContent } from '#peer/content.ts'
import { createPeerNode } from '#peer/create-peer-node.ts'
import { createServedMeter } from '#peer/served-meter.ts'
import { systemTimers } from '#peer/system-timers.ts'
import { claimBrowserTabKey } from '#peer/tab-key.ts'
import TimerWorker from '#peer/timers.worker.ts?worker'
import type { PeerNode } from '#peer/types.ts'
import { createWorkerTimers } from '#peer/worker-timers.ts'
import { createBlockstore } from '#seed/blockstore/create-blockstore.ts'
import { captures } from './capturing-noise.ts'

/**
 * A peer alone, without records, world and panels. Address: `?relay=…&relay=…&stun=…&store=memory|default|idb&mode=direct|relayed`.
 * It starts at once, as the real page does, so that times from the page's load mean something.
 */
export interface PeerPage {
  state(): NetworkState
  /** State, connections and gossip as JSON, for the message of a test that waited in vain. */
  report(): string
  /** Resolves with the state once the named condition holds: ready, reserved, direct, peers:N and so on. */
  until(condition: string): Promise<NetworkState>
  /** ms after the page began to load when the first reservation, and the first direct connection, stood */
  times(): { readonly reservedMs: number | undefined; readonly directMs: number | undefined }
  /** Adds `bytes` random bytes; resolves with their CID. */
  add(bytes: number): Promise<string>
  /** Reads a content to its end. @returns bytes and ms */
  cat(cid: string): Promise<{ readonly bytes: number; readonly ms: number }>
  say(text: string): Promise<void>
  /** Gossip heard so far. */
  heard(): readonly string[]
  /** Resolves once that many words of gossip came, of those that begin so. */
  untilHeard(count: number, beginning?: string): Promise<number>
  /** bytes of blocks that this peer sent */
  servedBytes(): number
  addRelay(address: string): Promise<void>
  /** How often the needles (hexadecimal bytes) stand in what connections with `part` in their address brought. */
  received(needles: readonly string[], part?: string): number
  receivedBytes(): number
  /** The TCP ports of the loopback address that stand in what was received. */
  receivedPorts(): readonly number[]
  stop(): Promise<void>
}

declare global {
  interface Window {
    peerPage: Promise<PeerPage>
  }
}

const query = new URLSearchParams(location.search)
const mode = query.get('mode') === 'relayed' ? 'relayed' : 'direct'
const TOPIC = protocolsOf('test').linksTopic

async function openStore(): Promise<Blockstore> {
  switch (query.get('store')) {
    case 'default':
      return (await createBlockstore({ name: 'peer-page' })).blockstore
    case 'idb': {
      const store = new IDBBlockstore('peer-page-rival')
      await store.open()
      return store
    }
    default:
      return new MemoryBlockstore()
  }
}

async function start(): Promise<PeerPage> {
  const [{ privateKey }, blockstore] = await Promise.all([claimBrowserTabKey(mode), openStore()])
  const node = await createPeerNode({
    network: 'test',
    kind: 'tab',
    mode,
    blockstore,
    privateKey,
    relays: query.getAll('relay'),
    stunUrls: query.getAll('stun'),
    memory: localStorage,
    timers: createWorkerTimers({ start: () => new TimerWorker(), fallback: systemTimers }),
  })
  const page = createPage(
    node,
    createContent({ helia: node.helia, exchange: node.blocks.exchange, provide: (cid) => node.provide(cid) }),
  )
  await node.start()
  return page
}

function createPage(node: PeerNode, content: Content): PeerPage {
  const heard: string[] = []
  const served = createServedMeter(node.blocks)
  const heardListeners = new Set<() => void>()
  const times: { reservedMs: number | undefined; directMs: number | undefined } = {
    reservedMs: undefined,
    directMs: undefined,
  }
  node.state.subscribe(({ relays, peers }) => {
    if (relays.some(({ status }) => status === 'reserved')) times.reservedMs ??= performance.now()
    if (peers.some(({ transport }) => transport === 'webrtc')) times.directMs ??= performance.now()
  })
  node.transport.gossip.subscribe(TOPIC, async ({ data }) => {
    heard.push(new TextDecoder().decode(data))
    for (const listener of heardListeners) listener()
    return 'accept'
  })

  return {
    state: () => node.state.value,
    report: () => JSON.stringify(reportOf(node, heard)),
    times: () => ({ ...times }),
    heard: () => heard,
    servedBytes: () => served.read().bytes,
    addRelay: (address) => node.addRelay(address),
    received: countReceived,
    receivedBytes: () => captures.reduce((sum, { chunks }) => sum + lengthOf(chunks), 0),
    receivedPorts: portsReceived,
    stop: () => node.stop(),
    say: (text) => node.transport.gossip.publish(TOPIC, utf8(text)),

    until(condition) {
      const holds = conditions[condition] ?? (() => false)
      return new Promise((resolve) => {
        const stop = node.state.subscribe((state) => {
          if (!holds(state)) return
          resolve(state)
          queueMicrotask(() => stop())
        })
      })
    },

    async add(bytes) {
      const { cid } = await content.add(randomBytes(bytes))
      await node.provide(cid)
      return cid
    },

    async cat(cid) {
      const startedAt = performance.now()
      let bytes = 0
      for await (const piece of content.read(cid)) bytes += piece.length
      return { bytes, ms: performance.now() - startedAt }
    },

    untilHeard(count, beginning = '') {
      return new Promise((resolve) => {
        const check = () => {
          const found = heard.filter((word) => word.startsWith(beginning)).length
          if (found < count) return
          heardListeners.delete(check)
          resolve(found)
        }
        heardListeners.add(check)
        check()
      })
    },
  }
}

function reportOf({ state, libp2p }: PeerNode, heard: readonly string[]): object {
  const pubsub = libp2p.services.pubsub as GossipSub
  return {
    ...state.value,
    connections: libp2p.getConnections().map(({ remoteAddr, status, limits, streams }) => ({
      address: remoteAddr.toString(),
      status,
      limited: limits !== undefined,
      streams: streams.map(({ protocol, direction }) => `${direction} ${protocol}`),
    })),
    gossip: { heard, listeners: pubsub.getSubscribers(TOPIC).map(String) },
  }
}

/** What tests wait for, by name: the page's policy forbids to evaluate text. */
const conditions: Readonly<Record<string, (state: NetworkState) => boolean>> = {
  offline: ({ join }) => join.phase === 'offline',
  ready: ({ join }) => join.phase === 'ready',
  reserved: ({ relays }) => relays.some(({ status }) => status === 'reserved'),
  unreserved: ({ relays }) => !relays.some(({ status }) => status === 'reserved'),
  direct: ({ peers }) => peers.some(({ transport }) => transport === 'webrtc'),
  unreachable: ({ relays }) => relays.some(({ failure }) => failure?.code === 'RELAY_UNREACHABLE'),
  failure: ({ join, relays }) =>
    join.failure !== undefined || relays.some(({ failure }) => failure !== undefined),
  ...Object.fromEntries(
    Array.from({ length: 16 }, (_, count) => [
      `peers:${count}`,
      ({ peers }: NetworkState) => othersIn(peers).length === count,
    ]),
  ),
  ...Object.fromEntries(
    Array.from({ length: 16 }, (_, count) => [
      `direct:${count}`,
      ({ peers }: NetworkState) =>
        othersIn(peers).filter(({ transport }) => transport === 'webrtc').length === count,
    ]),
  ),
}

function othersIn(peers: NetworkState['peers']): NetworkState['peers'] {
  return peers.filter(({ kind }) => kind !== 'relay')
}

function countReceived(needles: readonly string[], part = ''): number {
  const texts = needles.map((needle) => latin1(fromHex(needle)))
  let found = 0
  for (const { address, chunks } of captures) {
    if (!address.includes(part)) continue
    const haystack = latin1(concat(...chunks))
    for (const text of texts) found += haystack.split(text).length - 1
  }
  return found
}

function portsReceived(): readonly number[] {
  const ports = new Set<number>()
  for (const { chunks } of captures) {
    const bytes = concat(...chunks)
    // a multiaddr's /ip4/127.0.0.1/tcp/
    const pieces = latin1(bytes).split('\u0004\u007f\0\0\u0001\u0006')
    let at = 0
    for (const piece of pieces.slice(0, -1)) {
      at += piece.length + 6
      ports.add(((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0))
    }
    for (const [, port] of latin1(bytes).matchAll(/\/ip4\/127\.0\.0\.1\/tcp\/(\d+)/g)) ports.add(Number(port))
  }
  return [...ports]
}

/** One character for each byte: equal bytes are equal texts. */
function latin1(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes)
}

function lengthOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0)
}

function randomBytes(count: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count)
  for (let at = 0; at < count; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536))
  return bytes
}

window.peerPage = start()
