import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NetworkState } from '#api/types.ts'
import { createContent } from '#peer/content.ts'
import type { PeerNode } from '#peer/types.ts'
import { createPeerFixtures, isReserved, others, until } from '#test/web/peer/peer-fixtures.ts'
import { launchProfile, type Profile } from './harness/chromium.ts'
import { relayAddressAt } from './harness/fetcher.ts'
import { type RelayProcess, startRelay } from './harness/relay.ts'
import { createTcpProxy, freePort } from './harness/tcp-proxy.ts'
import { openPeerTab, type PeerTab } from './pages/peer/open.ts'
import { type ServedPage, servePage } from './pages/serve-page.ts'

const FILE_BYTES = 300_000
const BACK_LIMIT_MS = 10_000
const DOWN_MS = 60_000
const HOUR_MS = 3_600_000

let served: ServedPage
let profile: Profile
const fixtures = createPeerFixtures()

beforeAll(async () => {
  served = await servePage('peer')
  profile = await launchProfile()
})
afterAll(async () => {
  await profile?.close()
  await fixtures.stop()
  await served?.close()
})

const open = (relays: readonly string[], before?: () => void): Promise<PeerTab> =>
  openPeerTab({ profile, pageUrl: served.url, relays, ...(before === undefined ? {} : { before }) })

const contentOf = ({ helia, blocks: { exchange }, provide }: PeerNode) =>
  createContent({ helia, exchange, provide })

async function fetchBy(node: PeerNode, cid: string): Promise<void> {
  expect(await contentOf(node).cat(cid)).toHaveLength(FILE_BYTES)
}

async function addTo(node: PeerNode, bytes: number): Promise<string> {
  const { cid } = await contentOf(node).add(randomBytes(bytes))
  await node.provide(cid)
  return cid
}

/** Resolves once the peer has sent that many bytes of blocks. */
function sentBytes({ blocks }: PeerNode, bytes: number): Promise<void> {
  return new Promise((resolve) => {
    let sent = 0
    const stop = blocks.onBlock((moved) => {
      if (moved.direction === 'sent') sent += moved.bytes
      if (sent < bytes) return
      stop()
      resolve()
    })
  })
}

/** Gossip and blocks between two tabs. */
async function exchange(a: PeerTab, b: PeerTab, said: number): Promise<void> {
  const heard = b.untilHeard(said)
  await a.untilListenedTo()
  await a.say(`word ${said}`)
  await heard
  expect((await b.cat(await a.add(FILE_BYTES))).bytes).toBe(FILE_BYTES)
}

describe('[NE5] peers', () => {
  it('outlive one of three relays and then all of them, and are back within 10 s after one returns', async () => {
    const relays = await Promise.all([0, 1, 2].map(() => startRelay({ args: ['--network', 'test'] })))
    try {
      const addresses = await Promise.all(relays.map(({ url }) => relayAddressAt(url)))
      const [a, b] = [await open(addresses), await open(addresses)]
      await Promise.all([a.until('direct'), b.until('direct')])

      await relays[0]?.halt('SIGKILL')
      await exchange(a, b, 1)
      const newcomer = await fixtures.join({ relays: addresses })
      await fetchBy(newcomer, await a.add(FILE_BYTES))

      await Promise.all(relays.map((relay) => relay.halt('SIGKILL')))
      await Promise.all([a.until('unreserved'), b.until('unreserved')])
      expect((await a.state()).join.phase).toBe('ready')
      await exchange(a, b, 2)

      await relays[1]?.restart()
      const backAt = performance.now()
      await Promise.all([a.until('reserved'), b.until('reserved'), until(newcomer.state, isReserved)])
      const ms = Math.round(performance.now() - backAt)
      console.log(`All were reserved again ${ms} ms after one relay was back (at most ${BACK_LIMIT_MS}).`)
      expect(ms).toBeLessThan(BACK_LIMIT_MS)
      await fetchBy(newcomer, await b.add(FILE_BYTES))
    } finally {
      await Promise.all(relays.map((relay) => relay.stop()))
    }
  })

  it('[RE8] are led around one of three relays that drains, and lose no fetch and no word by it', async () => {
    // no limit of time: it ends when everybody has left; so slow that the fetch goes on by another relay
    const draining = ['--drain-time', '1h', '--peer-rate', '128KiB']
    const relays = await Promise.all(
      [draining, [], []].map((args) => startRelay({ args: ['--network', 'test', ...args] })),
    )
    try {
      const [first] = relays as [RelayProcess, ...RelayProcess[]]
      const [start = '', ...further] = await Promise.all(relays.map(({ url }) => relayAddressAt(url)))
      const tab = await open([start])
      const node = await fixtures.join({ relays: [start] })
      await until(node.state, isReserved)
      const cid = await addTo(node, 8 * FILE_BYTES)
      const begun = sentBytes(node, 1)
      const fetched = tab.cat(cid)
      await begun
      expect((await tab.state()).peers.map(({ transport }) => transport)).toContain('circuit')
      for (const address of further) await Promise.all([tab.addRelay(address), node.addRelay(address)])

      const drainedAt = performance.now()
      await first.halt('SIGTERM')
      const ms = Math.round(performance.now() - drainedAt)
      console.log(`A tab and a peer had left a draining relay after ${ms} ms.`)
      const { relays: after } = await tab.state()
      expect(after.filter(({ status }) => status === 'reserved').length).toBeGreaterThan(0)
      expect(await fetched).toMatchObject({ bytes: 8 * FILE_BYTES })
      // a heartbeat is gossip: a word of this test would be refused by relays that run as people run them
      const from = Date.now()
      const hears = (state: NetworkState) => others(state).some(({ lastSeen }) => lastSeen > from)
      await Promise.all([
        until(node.state, hears),
        expect.poll(async () => hears(await tab.state()), { timeout: 30_000 }).toBe(true),
      ])
      await fetchBy(node, await tab.add(FILE_BYTES))
    } finally {
      await Promise.all(relays.map((relay) => relay.stop()))
    }
  })
})

// each has a relay of its own and mostly waits
describe.concurrent('[NE5] peers', () => {
  it('whose network was down for a minute are back within 10 s', async () => {
    const port = await freePort()
    const proxy = await createTcpProxy(port)
    const announced = `/ip4/127.0.0.1/tcp/${proxy.port}/ws`
    const { relay } = await fixtures.relay(['--port', String(port), '--announce', announced])
    try {
      const tab = await open([`${announced}/p2p/${relay.peerId}`])
      await tab.until('ready')
      const node = await fixtures.join({ relays: [`/ip4/127.0.0.1/tcp/${port}/ws/p2p/${relay.peerId}`] })
      await fetchBy(node, await tab.add(FILE_BYTES))
      const cid = await tab.add(FILE_BYTES)

      proxy.hang()
      await setTimeout(DOWN_MS) // the test is what a minute without answers does
      proxy.restore()
      const backAt = performance.now()
      await fetchBy(node, cid)
      const ms = Math.round(performance.now() - backAt)
      console.log(`A fetch was answered ${ms} ms after the network was back (at most ${BACK_LIMIT_MS}).`)
      expect(ms).toBeLessThan(BACK_LIMIT_MS)
    } finally {
      await proxy.close()
    }
  })

  it('see one another though the clock of one is set, forward and back', async () => {
    const { relay } = await fixtures.relay()
    const [address = ''] = relay.addresses
    const tab = await open([address], shiftableClock)
    const node = await fixtures.join({ relays: [address] })
    await until(node.state, (state) => others(state).some(({ kind }) => kind === 'tab'))
    for (const shift of [HOUR_MS, -HOUR_MS]) {
      await tab.page.evaluate((ms) => window.shiftClock?.(ms), shift)
      const from = Date.now() + 6_000 // a heartbeat that was on its way does not count
      await until(node.state, (state) =>
        others(state).some(({ kind, lastSeen }) => kind === 'tab' && lastSeen > from),
      )
      await fetchBy(node, await tab.add(FILE_BYTES))
      const { relays, peers } = await tab.state()
      const pageNow = Date.now() + shift
      expect(Math.abs((peers.find(({ kind }) => kind === 'node')?.lastSeen ?? 0) - pageNow)).toBeLessThan(
        30_000,
      )
      const left = (relays[0]?.reservedUntil ?? 0) - pageNow
      expect(left).toBeGreaterThan(0)
      expect(left).toBeLessThanOrEqual(15 * 60_000)
    }
  })
})

declare global {
  interface Window {
    /** ms by which the page's clock is wrong */
    shiftClock?: (ms: number) => void
  }
}

/** Runs in the page before its scripts. */
function shiftableClock(): void {
  const RealDate = Date
  let shift = 0
  window.shiftClock = (ms) => {
    shift = ms
  }
  globalThis.Date = class extends RealDate {
    constructor(...args: [] | [number]) {
      super(...((args.length === 0 ? [RealDate.now() + shift] : args) as [number]))
    }
    static override now(): number {
      return RealDate.now() + shift
    }
  } as DateConstructor
}
