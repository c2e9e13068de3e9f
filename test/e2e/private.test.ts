import { networkInterfaces } from 'node:os'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Tabland } from '#api/types.ts'
import { launchProfile, openPage, type Profile } from './harness/chromium.ts'
import { createNatLab, type NatLab, natLabObstacle, PUBLIC_ADDRESS } from './harness/nat.ts'
import { type RelayProcess, startRelay } from './harness/relay.ts'
import { openPeerTab, type PeerTab } from './pages/peer/open.ts'
import { type ServedPage, servePage } from './pages/serve-page.ts'

const MIB = 1024 * 1024

/** What the lab gives each home: its own address, and that of the router in front of it. */
const HOMES = [
  ['10.0.1.2', '198.51.100.11'],
  ['10.0.2.2', '198.51.100.12'],
] as const

/** As an address stands in a text, and in a multiaddr's bytes (code 4, RFC 791's four bytes). */
function formsOf(ip: string): string[] {
  return [toHex(new TextEncoder().encode(ip)), toHex([4, ...ip.split('.').map(Number)])]
}

function toHex(bytes: Iterable<number>): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

const textForm = (text: string) => toHex(new TextEncoder().encode(text))
/** What every session description or candidate holds. */
const SDP = ['v=0\r\n', 'a=candidate', 'candidate:', 'm=application', 'ice-ufrag'].map(textForm)
/** As text, and as the bytes of a multiaddr's /p2p-circuit/webrtc, which chance makes in one content of 4 GiB. */
const WEBRTC = [textForm('/webrtc'), 'a2029902']

/** Runs in the page before its scripts: self-contained, because it travels as text. */
function countPeerConnections(): void {
  const Native = RTCPeerConnection
  Object.assign(globalThis, { peerConnections: 0 })
  globalThis.RTCPeerConnection = class extends Native {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      ;(globalThis as unknown as { peerConnections: number }).peerConnections += 1
    }
  }
}

const peerConnections = (page: Page): Promise<number> =>
  page.evaluate(() => (globalThis as unknown as { peerConnections: number }).peerConnections)

describe('[NE6] bytes that private tabs and their partners receive', () => {
  const cleanups: (() => unknown)[] = []
  let served: ServedPage

  beforeAll(async () => {
    served = await servePage('peer', { captureReceived: true })
  })
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  })
  afterAll(() => served.close())

  async function startPageRelay(lab?: NatLab): Promise<RelayProcess> {
    const args = ['--network', 'test', '--page', served.dir]
    const relay = await (lab === undefined
      ? startRelay({ args })
      : startRelay({
          command: [...lab.publicCommand, process.execPath],
          args: ['--host', PUBLIC_ADDRESS, ...args],
        }))
    cleanups.push(() => relay.stop())
    return relay
  }

  function buildLab(): NatLab {
    const lab = createNatLab()
    cleanups.push(() => lab.destroy())
    return lab
  }

  /** The page comes from the relay, the one machine that a home reaches. */
  async function open(relay: RelayProcess, mode: 'direct' | 'relayed', home?: string): Promise<PeerTab> {
    const profile = await launchProfile(undefined, {
      ...(home === undefined ? {} : { executablePath: home }),
      // http on an address other than loopback has no WebCrypto unless the browser is told otherwise.
      args: [`--unsafely-treat-insecure-origin-as-secure=${relay.url}`],
    })
    cleanups.push(() => profile.close())
    profile.context.setDefaultTimeout(60_000)
    const [address = ''] = /\/ip4\/\S+\/p2p\/\w+/.exec(relay.output()) ?? []
    const tab = await openPeerTab({
      profile,
      pageUrl: `${relay.url}${new URL(served.url).pathname}`,
      relays: [address],
      stun: [`stun:${new URL(relay.url).host}`],
      mode,
      before: countPeerConnections,
    })
    await tab.until('reserved')
    return tab
  }

  /** 1 MiB both ways, besides heartbeats, provider records and all that libp2p says by itself. */
  async function exchange(a: PeerTab, b: PeerTab): Promise<void> {
    await Promise.all([a.until('peers:1'), b.until('peers:1')])
    const [byA, byB] = [await a.add(MIB), await b.add(MIB)]
    expect((await b.cat(byA)).bytes).toBe(MIB)
    expect((await a.cat(byB)).bytes).toBe(MIB)
    for (const tab of [a, b]) {
      const { peers } = await tab.state()
      expect(peers.map(({ transport }) => transport).sort()).toEqual(['circuit', 'websocket'])
      expect(await tab.receivedBytes()).toBeGreaterThan(MIB) // once more where it comes out of the circuit
    }
  }

  async function expectNoWebRtc(tabs: readonly PeerTab[]): Promise<void> {
    for (const tab of tabs) {
      expect(await tab.received(SDP)).toBe(0)
      expect(await peerConnections(tab.page)).toBe(0)
    }
    const metrics = await tabs[0]?.page.evaluate(async () => (await fetch('/metrics')).text())
    expect(metrics).toMatch(/^tabland_relay_stun_answers_total 0$/m)
  }

  it('hold no address but the relay’s and no session description, between two of them', async (context) => {
    const obstacle = natLabObstacle()
    if (obstacle !== undefined) return context.skip(obstacle)
    const lab = buildLab()
    const relay = await startPageRelay(lab)
    const tabs = [await open(relay, 'relayed', lab.homes[0]), await open(relay, 'relayed', lab.homes[1])]
    await exchange(...(tabs as [PeerTab, PeerTab]))
    for (const [i, tab] of tabs.entries()) {
      expect((await tab.state()).mode).toBe('relayed')
      // that the search finds what is there: the relay's address, and a tab's own, of which its relay tells it
      for (const ip of [PUBLIC_ADDRESS, HOMES[i]?.[1] ?? '']) {
        expect(await tab.received(formsOf(ip))).toBeGreaterThan(0)
      }
      for (const ip of HOMES[1 - i] ?? []) expect(await tab.received(formsOf(ip))).toBe(0)
      expect(await tab.received(WEBRTC)).toBe(0)
    }
    await expectNoWebRtc(tabs)
  })

  it('hold none either between a direct and a private one', async (context) => {
    const obstacle = natLabObstacle()
    if (obstacle !== undefined) return context.skip(obstacle)
    const lab = buildLab()
    const relay = await startPageRelay(lab)
    const hidden = await open(relay, 'relayed', lab.homes[0])
    const direct = await open(relay, 'direct', lab.homes[1])
    await exchange(hidden, direct)
    for (const ip of HOMES[0]) expect(await direct.received(formsOf(ip))).toBe(0)
    for (const ip of HOMES[1]) expect(await hidden.received(formsOf(ip))).toBe(0)
    // the direct one says that it could be reached by WebRTC, which its relay repeats; the private one says nothing of it
    expect(await direct.received(WEBRTC, '/p2p-circuit')).toBe(0)
    expect(await hidden.received(WEBRTC)).toBeGreaterThan(0)
    await expectNoWebRtc([hidden, direct])
  })

  it('hold no port of the other’s and no address of this machine, where all have the loopback address', async () => {
    const relay = await startPageRelay()
    const [a, b] = [await open(relay, 'relayed'), await open(relay, 'relayed')]
    await exchange(a, b)
    const ports = [await a.receivedPorts(), await b.receivedPorts()]
    for (const heard of ports) {
      expect(heard).toContain(relay.port)
      expect(heard.length).toBe(2) // its own is the other: its relay tells it
    }
    expect(ports[0]?.filter((port) => ports[1]?.includes(port))).toEqual([relay.port])
    for (const tab of [a, b]) {
      for (const ip of ownAddresses()) expect(await tab.received(formsOf(ip))).toBe(0)
      expect(await tab.received(WEBRTC)).toBe(0)
    }
    await expectNoWebRtc([a, b])
  })
})

/** IPv4 addresses of this machine that others could reach. */
function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return all.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address)
}

describe('[NE6] the switch', () => {
  let relay: RelayProcess
  const profiles: Profile[] = []

  beforeAll(async () => {
    relay = await startRelay()
  })
  afterAll(async () => {
    for (const profile of profiles) await profile.close()
    await relay.stop()
  })

  async function open(): Promise<Page> {
    const profile = await launchProfile()
    profiles.push(profile)
    profile.context.setDefaultTimeout(60_000)
    await profile.context.addInitScript(countPeerConnections)
    const { page } = await openPage(profile, `${relay.url}/?world=off`)
    await untilReady(page)
    return page
  }

  it('drops the old connections first, is shown, and outlives a reload', async () => {
    const a = await open()
    const b = await open()
    const directId = await idOf(a)
    await waitForPeer(b, directId, 'webrtc')
    await watchPeers(b)

    const scripts = loadedScripts(a)
    await a.getByRole('button', { name: 'Go private' }).first().click()
    await a
      .getByText(/^Private: everything goes through relays/)
      .first()
      .waitFor()
    await untilReady(a)
    const privateId = await idOf(a)
    expect(privateId).not.toBe(directId)
    await waitForPeer(b, privateId)
    const seen = await b.evaluate(() => (globalThis as unknown as { peersSeen: string[][] }).peersSeen)
    const both = seen.filter((peers) => peers.some((peer) => peer.startsWith(privateId)))
    expect(both.length).toBeGreaterThan(0)
    expect(both.filter((peers) => peers.some((peer) => peer.startsWith(directId)))).toEqual([])

    await exchangeContents(a, b)
    await countCopies(a, b)
    await a.reload()
    await untilReady(a)
    expect(await a.evaluate(() => tabland.state.network.value.mode)).toBe('relayed')
    expect(await idOf(a)).toBe(privateId)
    expect(await peerConnections(a)).toBe(0)
    expect(scripts.filter((url) => /webrtc/i.test(url))).toEqual([])

    await a.getByRole('button', { name: 'Network', exact: true }).click()
    await a.getByRole('button', { name: 'Go direct' }).last().click()
    // the panel that told of it is open again after the reload
    await a.getByRole('region', { name: 'Network' }).getByText('Direct: peers you meet').waitFor()
    await waitForPeer(b, directId, 'webrtc')
  })
})

/** In the page. */
declare const tabland: Tabland

async function untilReady(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const { tabland: api } = globalThis as { tabland?: Tabland }
    return api?.state.network.value.join.phase === 'ready'
  })
}

const idOf = (page: Page): Promise<string> => page.evaluate(() => tabland.state.network.value.peerId)

async function waitForPeer(page: Page, peerId: string, transport?: string): Promise<void> {
  await page.waitForFunction(
    ([id, by]) =>
      tabland.net.peers().some((peer) => peer.peerId === id && (by === undefined || peer.transport === by)),
    [peerId, transport] as const,
  )
}

/** Notes who is in the list each time that it changes. */
async function watchPeers(page: Page): Promise<void> {
  await page.evaluate(() => {
    const peersSeen: string[][] = []
    Object.assign(globalThis, { peersSeen })
    tabland.state.network.subscribe(
      ({ peers }) => void peersSeen.push(peers.map(({ peerId, transport }) => `${peerId} ${transport}`)),
    )
  })
}

function loadedScripts(page: Page): readonly string[] {
  const urls: string[] = []
  page.on('request', (request) => void urls.push(request.url()))
  return urls
}

async function exchangeContents(a: Page, b: Page): Promise<void> {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    const cid = await from.evaluate(async (length) => {
      const bytes = new Uint8Array(length)
      for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536))
      return (await tabland.add(bytes)).cid
    }, MIB)
    expect(await to.evaluate(async (root) => (await tabland.cat(root)).length, cid)).toBe(MIB)
  }
}

/** [SE6] A private tab asks for proof through its relay, asks nobody to take a copy, and names no device when asked. */
async function countCopies(hidden: Page, other: Page): Promise<void> {
  const cid = await hidden.evaluate(
    async () => (await tabland.add(new TextEncoder().encode('moon '.repeat(99)))).cid,
  )
  await other.evaluate((root) => tabland.seed.pin(root), cid)
  const check = (page: Page) =>
    page.evaluate(async (root) => {
      const [item] = await tabland.seed.check(root)
      return {
        holders: item?.holders.map(({ kind, peerId }) => `${kind} ${peerId}`),
        transports: tabland.net.peers().map(({ kind, transport }) => `${kind} ${transport}`),
      }
    }, cid)
  expect(await check(hidden)).toEqual({
    // the relay too, once it has cached what was asked for through it
    holders: expect.arrayContaining([`tab ${await idOf(other)}`]),
    transports: expect.arrayContaining(['relay websocket', 'tab circuit']),
  })
  expect((await check(other)).holders?.filter((holder) => holder.startsWith('tab'))).toEqual([])
  expect(await peerConnections(hidden)).toBe(0)
  await hidden.getByRole('button', { name: 'Seed' }).first().click()
  await hidden.getByRole('button', { name: new RegExp(cid.slice(0, 6)) }).click()
  await hidden.getByText(/^You are private: others are asked through your relays alone/).waitFor()
}
