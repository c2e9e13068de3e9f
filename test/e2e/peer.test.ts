import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { utf8 } from '#core/bytes.ts'
import { protocolsOf } from '#core/network.ts'
import { createContent } from '#peer/content.ts'
import type { PeerNode } from '#peer/types.ts'
import { freeUdpPort } from '#test/fakes/free-udp-port.ts'
import { addressOf, createPeerFixtures, until } from '#test/web/peer/peer-fixtures.ts'
import { launchProfile, type Profile } from './harness/chromium.ts'
import { relayAddressAt } from './harness/fetcher.ts'
import { type RelayProcess, startRelay } from './harness/relay.ts'
import { openPeerTab, type PeerTab, type PeerTabInit } from './pages/peer/open.ts'
import { type ServedPage, servePage } from './pages/serve-page.ts'

const MIB = 1024 * 1024
const { linksTopic } = protocolsOf('test')

let served: ServedPage
let profile: Profile
const fixtures = createPeerFixtures()

beforeAll(async () => {
  served = await servePage('peer')
})
afterAll(() => served.close())
beforeEach(async () => {
  profile = await launchProfile()
})
afterEach(async () => {
  await profile.close()
  await fixtures.stop()
})

function open(relays: readonly string[], init: Partial<PeerTabInit> = {}): Promise<PeerTab> {
  return openPeerTab({ profile, pageUrl: served.url, relays, ...init })
}

async function openMany(count: number, relays: readonly string[]): Promise<PeerTab[]> {
  const tabs: PeerTab[] = []
  for (let i = 0; i < count; i++) tabs.push(await open(relays))
  return tabs
}

describe('tabs', () => {
  it('[NE1] keep their peer id over a reload, and a duplicated tab gets a new one', async () => {
    const tab = await open([])
    const { peerId } = await tab.state()
    const [copy] = await Promise.all([
      tab.page.waitForEvent('popup'),
      tab.page.evaluate(() => void window.open(location.href)), // a popup starts with a copy of the session
    ])
    await copy.waitForFunction(() => window.peerPage !== undefined)
    const copied = await copy.evaluate(async () => (await window.peerPage).state().peerId)
    expect(copied).not.toBe(peerId)
    await copy.close()
    await tab.page.reload()
    expect((await tab.state()).peerId).toBe(peerId)
  })

  it('[NE4] discover each other fully, and a closed one leaves the lists within 30 s', async () => {
    const { relay } = await fixtures.relay()
    const tabs = await openMany(4, [addressOf(relay)])
    await Promise.all(tabs.map((tab) => tab.until('direct:3')))
    const [closed, ...rest] = tabs as [PeerTab, ...PeerTab[]]
    const closedAt = performance.now()
    await closed.page.close({ runBeforeUnload: false })
    await Promise.all(rest.map((tab) => tab.until('peers:2')))
    expect(performance.now() - closedAt).toBeLessThan(30_000)
  })

  it('[NE5] go on without their relay, and are reserved again within 10 s after it returns', async () => {
    const first = await fixtures.relay()
    const { port } = first.relay
    const [a, b] = (await openMany(2, [addressOf(first.relay)])) as [PeerTab, PeerTab]
    await Promise.all([a.until('direct'), b.until('direct')])
    await first.relay.stop()
    await Promise.all([a.until('unreserved'), b.until('unreserved')])
    const { join } = await a.until('unreachable')
    expect(join).toMatchObject({ phase: 'ready', failure: { code: 'RELAY_UNREACHABLE' } })

    await a.tell(b, 'still here')
    const cid = await a.add(2 * MIB)
    expect((await b.cat(cid)).bytes).toBe(2 * MIB)

    await fixtures.relay(['--port', String(port), '--data', first.dataDir])
    const returnedAt = performance.now()
    await Promise.all([a.until('reserved'), b.until('reserved')])
    expect(performance.now() - returnedAt).toBeLessThan(10_000)
  })

  it('let data wait for WebRTC: the relay carries the signalling and nothing else', async () => {
    const { relay } = await fixtures.relay()
    const a = await open([addressOf(relay)])
    await a.until('ready')
    const cid = await a.add(4 * MIB)
    const b = await open([addressOf(relay)])
    expect((await b.cat(cid)).bytes).toBe(4 * MIB)
    const { circuitBytesToDestinations, circuitBytesFromDestinations } = relay.stats()
    expect(circuitBytesToDestinations + circuitBytesFromDestinations).toBeLessThan(0.05 * 4 * MIB)
  })

  it('without WebRTC say so, and still meet and fetch through the relay', async () => {
    const { relay } = await fixtures.relay()
    const withIt = await open([addressOf(relay)])
    const without = await open([addressOf(relay)], {
      before: () => Reflect.deleteProperty(globalThis, 'RTCPeerConnection'),
    })
    const { join } = await without.until('ready')
    expect(join.failure?.code).toBe('WEBRTC_MISSING')
    expect(join.failure?.message).toMatch(/^This browser has no WebRTC/)
    await without.until('peers:1')
    const cid = await withIt.add(MIB)
    expect((await without.cat(cid)).bytes).toBe(MIB)
    const back = await without.add(MIB)
    expect((await withIt.cat(back)).bytes).toBe(MIB)
  })

  it('[RE2] join a relay without a certificate by WebRTC Direct, whose address outlives a restart', async () => {
    // a process of its own: the native part may hold its port for a while within one
    const udp = await freeUdpPort()
    const relay = await startRelay({ args: ['--network', 'test', '--webrtc-port', String(udp)] })
    try {
      const address = directAddressOf(relay)
      expect(address).toContain(`/ip4/127.0.0.1/udp/${udp}/webrtc-direct/certhash/`)
      const tab = await open([address])
      const { relays } = await tab.until('reserved')
      expect(relays).toMatchObject([{ address, status: 'reserved' }])
      // who came by WebSocket meets it there
      const node = await fixtures.join({ relays: [await relayAddressAt(relay.url)] })
      const content = createContent({ helia: node.helia, provide: node.provide })
      expect(await content.cat(await tab.add(MIB))).toHaveLength(MIB)
      await relay.restart()
      expect(directAddressOf(relay)).toBe(address)
    } finally {
      await relay.stop()
    }
  })

  it('[NE2] say of an address that it does not parse and of another that it does not answer', async () => {
    const gone = await fixtures.relay()
    const address = addressOf(gone.relay)
    await gone.relay.stop()
    const tab = await open(['not an address', address])
    const { relays } = await tab.until('failure')
    expect(relays.map(({ failure }) => failure?.code)).toContain('RELAY_ADDRESS_INVALID')
    const { join } = await tab.until('unreachable')
    expect(join.failure?.message).toContain('does not answer')
    const { relay } = await fixtures.relay()
    await tab.addRelay(addressOf(relay))
    await tab.until('ready')
  })
})

describe('a tab that starts offline', () => {
  it('[NE2] says so, and joins as soon as the network comes', async () => {
    const first = await fixtures.relay()
    const address = addressOf(first.relay)
    const { port } = first.relay
    await first.relay.stop()
    const tab = await open([address], {
      before: () => Object.defineProperty(navigator, 'onLine', { configurable: true, get: () => false }),
    })
    const { join } = await tab.until('offline')
    expect(join.failure?.code).toBe('NETWORK_OFFLINE')
    await fixtures.relay(['--port', String(port), '--data', first.dataDir])
    await tab.page.evaluate(() => {
      Reflect.deleteProperty(navigator, 'onLine')
      window.dispatchEvent(new Event('online'))
    })
    await tab.until('ready')
  })
})

describe('sixteen peers on one address', () => {
  it('[NE4] 8 tabs and 8 processes all hear gossip within 10 s, and each serves and gets 1 MiB', async () => {
    const { relay } = await fixtures.relay()
    const tabs = await openMany(8, [addressOf(relay)])
    const nodes: { node: PeerNode; heard: () => number; reached(count: number): Promise<void> }[] = []
    for (let i = 0; i < 8; i++) nodes.push(await joinNode(addressOf(relay)))
    await Promise.all(tabs.map((tab) => tab.until('peers:15')))
    await Promise.all(
      nodes.map(({ node }) =>
        until(node.state, ({ peers }) => peers.filter(({ kind }) => kind !== 'relay').length === 15),
      ),
    )

    const saidAt = performance.now()
    await Promise.all([
      ...tabs.map((tab, i) => tab.say(`tab ${i}`)),
      ...nodes.map(({ node }, i) => node.transport.gossip.publish(linksTopic, utf8(`node ${i}`))),
    ])
    await Promise.all([...tabs.map((tab) => tab.untilHeard(15)), ...nodes.map(({ reached }) => reached(15))])
    const gossipMs = performance.now() - saidAt
    expect(gossipMs).toBeLessThan(10_000)

    const contents = nodes.map(({ node }) => createContent({ helia: node.helia, provide: node.provide }))
    const byTabs = await Promise.all(tabs.map((tab) => tab.add(MIB)))
    const byNodes = await Promise.all(
      contents.map(async (content, i) => {
        const { cid } = await content.add(randomBytes(MIB))
        await nodes[i]?.node.provide(cid)
        return cid
      }),
    )
    const cids = [...byTabs, ...byNodes]
    const readAt = performance.now()
    const wantedBy = (index: number) => cids[(index + 5) % cids.length] as string
    for (const [i, tab] of tabs.entries()) expect((await tab.cat(wantedBy(i))).bytes).toBe(MIB)
    for (const [i, content] of contents.entries())
      expect(await content.cat(wantedBy(8 + i))).toHaveLength(MIB)
    console.log(
      `16 peers: gossip to all in ${Math.round(gossipMs)} ms, 16 files of 1 MiB in ${Math.round(performance.now() - readAt)} ms`,
    )
  }, 240_000)
})

async function joinNode(relay: string) {
  let heard = 0
  const waiting: { count: number; resolve: () => void }[] = []
  const node = await fixtures.make({ relays: [relay] })
  node.transport.gossip.subscribe(linksTopic, async () => {
    heard += 1
    for (const { count, resolve } of waiting) if (heard >= count) resolve()
    return 'accept'
  })
  await node.start()
  return {
    node,
    heard: () => heard,
    reached: (count: number) =>
      new Promise<void>((resolve) => {
        if (heard >= count) resolve()
        else waiting.push({ count, resolve })
      }),
  }
}

function directAddressOf({ output }: RelayProcess): string {
  return /Peers connect to (\S+\/webrtc-direct\/\S+)/.exec(output())?.[1] ?? ''
}

function randomBytes(count: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count)
  for (let at = 0; at < count; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536))
  return bytes
}
