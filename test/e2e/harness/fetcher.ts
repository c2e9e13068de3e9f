import { MemoryBlockstore } from 'blockstore-core'
import { createContent } from '#peer/content.ts'
import { createPeerNode } from '#peer/create-peer-node.ts'
import { type PageRelay, parsePageRelay } from '#peer/page-relay.ts'
import type { PeerNode } from '#peer/types.ts'

/** A peer in this process that asks others for content. */
export interface Fetcher {
  readonly node: PeerNode
  /** Fetches a content that it does not have yet. @returns ms; rejects after `timeoutMs` */
  fetch(cid: string, options: { readonly bytes: number; readonly timeoutMs: number }): Promise<number>
  stop(): Promise<void>
}

/** The multiaddr of the relay that serves the page at `url`. */
export async function relayAddressAt(url: string): Promise<string> {
  const [address] = (await factsAt(url)).addresses
  if (address === undefined) throw new Error(`${url} names no address of its relay.`)
  return address
}

async function factsAt(url: string): Promise<PageRelay> {
  const response = await fetch(`${url}/tabland.json`)
  return parsePageRelay(await response.text(), new URL(url))
}

/** Joins by the relays that serve the pages at `urls`. */
export async function createFetcher(urls: readonly string[]): Promise<Fetcher> {
  const found = await Promise.all(urls.map(factsAt))
  const node = await createPeerNode({
    network: found[0]?.network ?? 'local',
    kind: 'node',
    blockstore: new MemoryBlockstore(),
    relays: found.flatMap(({ addresses }) => addresses),
    stunUrls: [],
  })
  const content = createContent({
    helia: node.helia,
    exchange: node.blocks.exchange,
    provide: node.provide,
  })
  await node.start()
  return {
    node,
    async fetch(cid, { bytes, timeoutMs }) {
      const startedAt = performance.now()
      const got = await content.cat(cid, { signal: AbortSignal.timeout(timeoutMs) })
      const ms = Math.round(performance.now() - startedAt)
      if (got.length !== bytes) throw new Error(`${cid} has ${got.length} bytes, not ${bytes}.`)
      return ms
    },
    stop: () => node.stop(),
  }
}
