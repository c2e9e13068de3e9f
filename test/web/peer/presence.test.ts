import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HEARTBEAT_MS, MAX_CLOCK_SKEW_MS, MAX_KNOWN_PEERS, PEER_EXPIRY_MS } from '#core/limits.ts'
import { protocolsOf } from '#core/network.ts'
import type { Transport, Verdict } from '#core/transport.ts'
import { encodeHeartbeat, type Heartbeat } from '#peer/heartbeat.ts'
import { createPresence, type Presence, type PresenceInit } from '#peer/presence.ts'
import { createFakeNetwork, type FakeNetwork } from '#test/fakes/network.ts'

const ADDRESS = multiaddr(
  '/ip4/127.0.0.1/tcp/1/ws/p2p/12D3KooWHqU6wYjeuGU3DpwbM3voAuXjs3WYzZKbSGaSGA4kX8eC/p2p-circuit/webrtc',
)
const PEER = '12D3KooWQwBjYyBGdj2eVsLHTmFCSNLixivDSUhqfbA5tzKW6DdV'
const { presenceTopic } = protocolsOf('test')

let net: FakeNetwork
beforeEach(() => {
  vi.useFakeTimers({ now: 1_795_000_000_000 })
  net = createFakeNetwork(1n)
})
afterEach(() => vi.useRealTimers())

function add(peerId: string, init: Partial<PresenceInit> = {}): Presence & { readonly transport: Transport } {
  const transport = net.add(peerId)
  const presence = createPresence(
    { transport },
    {
      network: 'test',
      peerId,
      kind: 'tab',
      webRtc: true,
      addresses: () => [ADDRESS],
      directPeers: () => 0,
      random: () => 0.5,
      ...init,
    },
  )
  presence.start()
  return { ...presence, transport }
}

async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 500) {
    await vi.advanceTimersByTimeAsync(Math.min(500, left))
    await net.deliverAll()
  }
}

const idsOf = (presence: Presence) => presence.peers().map(({ peerId }) => peerId)

/** A node that says whatever the test wants to one presence. */
function addSpeaker(listener: string, name = 'speaker') {
  const { gossip } = net.add(name)
  net.connect(name, listener)
  return async (change: Partial<Heartbeat> | Uint8Array): Promise<Verdict | undefined> => {
    const heartbeat: Heartbeat = {
      kind: 'tab',
      goodbye: false,
      webRtc: true,
      directPeers: 0,
      time: Date.now(),
      addresses: [],
      ...change,
    }
    const before = net.verdicts(listener).length
    await gossip.publish(presenceTopic, change instanceof Uint8Array ? change : encodeHeartbeat(heartbeat))
    await net.deliverAll()
    return net.verdicts(listener)[before]
  }
}

describe('presence', () => {
  it('[NE4] is told at once, answered to newcomers, and repeated', async () => {
    const [a, b] = [add('A'), add('B')]
    net.connect('A', 'B')
    a.announce()
    await pass(1)
    expect(b.peers()).toMatchObject([{ peerId: 'A', kind: 'tab', webRtc: true, heard: true }])
    await pass(2_000)
    expect(idsOf(a)).toEqual(['B'])
    const seen = b.peers()[0]?.lastSeen ?? 0
    await pass(HEARTBEAT_MS + 1_000)
    expect(b.peers()[0]?.lastSeen).toBeGreaterThan(seen)
  })

  it('ends by a goodbye at once, and by silence within 30 s', async () => {
    const left: string[] = []
    const [a, b, c] = [add('A'), add('B', { onGoodbye: (peer) => void left.push(peer) }), add('C')]
    net.connect('A', 'B')
    net.connect('B', 'C')
    a.announce()
    c.announce()
    await pass(100)
    expect(idsOf(b).sort()).toEqual(['A', 'C'])
    await a.goodbye()
    a.stop()
    await pass(1)
    expect(idsOf(b)).toEqual(['C'])
    expect(left).toEqual(['A'])
    c.stop()
    await pass(PEER_EXPIRY_MS + 1_500)
    expect(PEER_EXPIRY_MS + 1_500).toBeLessThan(30_000)
    expect(idsOf(b)).toEqual([])
    expect(left).toEqual(['A'])
  })

  it('says nothing while nobody listens, and speaks at once when somebody does', async () => {
    let listening = false
    const a = add('A', { audible: () => listening })
    const b = add('B')
    net.connect('A', 'B')
    a.announce()
    await pass(HEARTBEAT_MS)
    expect(idsOf(b)).toEqual([])
    listening = true
    a.announce()
    await pass(1)
    expect(idsOf(b)).toEqual(['A'])
  })

  it('announces at most once a second, however often it is asked to', async () => {
    const a = add('A')
    const say = vi.spyOn(a.transport.gossip, 'publish')
    for (let i = 0; i < 100; i++) {
      a.announce()
      await vi.advanceTimersByTimeAsync(30)
    }
    expect(say.mock.calls.length).toBeLessThanOrEqual(4)
  })

  it('tells a newcomer whom it heard, and a relay says nothing of itself', async () => {
    const relay = add('R', { kind: 'relay' })
    const a = add(PEER)
    net.connect(PEER, 'R')
    relay.announce()
    a.announce()
    await pass(HEARTBEAT_MS + 1_000)
    expect(idsOf(a)).toEqual([])
    const b = add('B')
    net.connect('B', 'R')
    expect(await b.ask('R')).toBe(1)
    expect(b.peers()).toMatchObject([{ peerId: PEER, heard: false, webRtc: true }])
    expect(b.peers()[0]?.addresses.map(String)).toEqual([String(ADDRESS)])
    expect(await a.ask('R')).toBe(0)
    relay.lost(PEER)
    expect(await b.ask('R')).toBe(0)
  })

  it('forgets a hint that no heartbeat confirms', async () => {
    const a = add('A')
    a.hint('B', [ADDRESS])
    expect(a.peers()).toMatchObject([{ peerId: 'B', heard: false, webRtc: true }])
    await pass(PEER_EXPIRY_MS + 1_500)
    expect(idsOf(a)).toEqual([])
  })
})

describe('a heartbeat', () => {
  it('that is malformed is rejected', async () => {
    add('A')
    const say = addSpeaker('A')
    expect(await say(new Uint8Array(20))).toBe('reject')
    expect(await say(new Uint8Array(5_000))).toBe('reject')
  })

  it('that is played again, or is older than the last one, is dropped', async () => {
    const a = add('A')
    const say = addSpeaker('A')
    const time = Date.now()
    expect(await say({ time })).toBe('accept')
    expect(await say({ time })).toBe('ignore')
    expect(await say({ time: time - 1 })).toBe('ignore')
    expect(await say({ time: time + 1, goodbye: true })).toBe('accept')
    expect(await say({ time: time + 1 })).toBe('ignore')
    expect(idsOf(a)).toEqual([])
    expect(await say({ time: time + 2 })).toBe('accept')
  })

  it('that comes from another time is dropped', async () => {
    add('A')
    const say = addSpeaker('A')
    const now = Date.now()
    expect(await say({ time: now + MAX_CLOCK_SKEW_MS + 1 })).toBe('ignore')
    expect(await say({ time: now - MAX_CLOCK_SKEW_MS - PEER_EXPIRY_MS - 1 })).toBe('ignore')
    expect(await say({ time: now - MAX_CLOCK_SKEW_MS })).toBe('accept')
  })

  it('after too many others is dropped, until time has passed', async () => {
    add('A')
    const say = addSpeaker('A')
    const time = Date.now()
    const verdicts = []
    for (let i = 0; i < 8; i++) verdicts.push(await say({ time: time + i }))
    expect(verdicts).toEqual([...Array(6).fill('accept'), 'ignore', 'ignore'])
    vi.advanceTimersByTime(1_000)
    expect(await say({ time: time + 1_000 })).toBe('accept')
    expect(await say({ time: time + 1_001 })).toBe('ignore')
  })

  it('of one peer too many is dropped', async () => {
    const a = add('A')
    for (let i = 0; i < MAX_KNOWN_PEERS; i++) a.hint(`peer${i}`, [])
    a.hint('another', [])
    expect(a.peers()).toHaveLength(MAX_KNOWN_PEERS)
    expect(await addSpeaker('A')({})).toBe('ignore')
  })

  it('that is one of many strangers brought by one neighbour is dropped, and others still get in', async () => {
    const connected = new Set(['speaker'])
    const a = add('A', { isConnected: (peer) => connected.has(peer) })
    const crowd = net.add('crowd')
    crowd.gossip.subscribe(presenceTopic, async () => 'accept') // forwards whatever it hears
    net.connect('crowd', 'A')
    for (let i = 0; i < 300; i++) await addSpeaker('crowd', `fake${i}`)({})
    expect(a.peers()).toHaveLength(256)
    expect(await addSpeaker('A', 'another')({})).toBe('accept')
    expect(await addSpeaker('A')({})).toBe('accept')
  })

  it('of a connected peer, and one named by a relay, take the place of a stranger', async () => {
    const connected = new Set(['speaker'])
    const relay = add('R', { kind: 'relay' })
    const client = add(PEER)
    net.connect(PEER, 'R')
    client.announce()
    await pass(100)
    expect(idsOf(relay)).toEqual([PEER])
    const a = add('A', { isConnected: (peer) => connected.has(peer) })
    for (let i = 0; i < MAX_KNOWN_PEERS; i++) a.hint(`peer${i}`, [])
    expect(await addSpeaker('A')({})).toBe('accept')
    net.connect('A', 'R')
    await a.ask('R')
    expect(a.peers()).toHaveLength(MAX_KNOWN_PEERS)
    expect(idsOf(a)).toEqual(expect.arrayContaining(['speaker', PEER]))
  })

  it('of a stranger that a relay names later is not pushed out any more', async () => {
    const relay = add('R', { kind: 'relay' })
    const client = add(PEER)
    const a = add('A', { isConnected: (peer) => peer === 'speaker' })
    net.connect(PEER, 'R')
    net.connect('R', 'A')
    client.announce()
    await pass(100)
    expect(a.peers()).toMatchObject([{ peerId: PEER, heard: true }])
    await a.ask('R')
    for (let i = 1; i < MAX_KNOWN_PEERS; i++) a.hint(`peer${i}`, [])
    expect(await addSpeaker('A')({})).toBe('accept')
    expect(idsOf(a)).toEqual(expect.arrayContaining(['speaker', PEER]))
    expect(idsOf(relay)).toContain(PEER)
  })

  it('with the last words of somebody who was never here is dropped', async () => {
    const relay = add('R', { kind: 'relay' })
    const say = addSpeaker('R')
    expect(await say({ goodbye: true })).toBe('ignore')
    expect(await say({ time: Date.now() + 1 })).toBe('accept')
    relay.lost('speaker') // its connection may end before its last words are read
    expect(await say({ goodbye: true, time: Date.now() + 2 })).toBe('accept')
  })

  it('with the last words of a neighbour that was not heard before is taken', async () => {
    const left: string[] = []
    add('A', { isConnected: (peer) => peer === 'speaker', onGoodbye: (peer) => left.push(peer) })
    expect(await addSpeaker('A')({ goodbye: true })).toBe('accept')
    expect(left).toEqual(['speaker'])
  })
})

describe('[NE7] presence after a gap', () => {
  it.each([
    ['a minute in which nothing ran', 60_000],
    ['a clock that was set back by an hour', -3_600_000],
  ])('of %s expires nobody at once', async (_, shift) => {
    const a = add('A', { isConnected: (peer) => peer === 'friend' })
    await addSpeaker('A', 'friend')({})
    await addSpeaker('A', 'stranger')({})
    await pass(2_000)
    vi.setSystemTime(Date.now() + shift)
    await pass(1_500)
    expect(a.peers()).toMatchObject([
      { peerId: 'friend', heard: true },
      { peerId: 'stranger', heard: false },
    ])
    await pass(PEER_EXPIRY_MS + 2_000)
    expect(a.peers()).toEqual([])
  })

  it('hears heartbeats of the same rate as before, and tells which time they carry', async () => {
    const times: [string, number][] = []
    add('A', { onTime: (peer, time) => times.push([peer, time]) })
    const say = addSpeaker('A')
    const start = Date.now()
    expect(await say({ time: start })).toBe('accept')
    vi.setSystemTime(start - 3_600_000)
    await pass(1_500)
    expect(await say({ time: start + 1_500 })).toBe('ignore')
    vi.setSystemTime(start + 3_000)
    await pass(1_500)
    expect(await say({ time: start + 4_500 })).toBe('accept')
    expect(times.map(([peer]) => peer)).toEqual(['speaker', 'speaker', 'speaker'])
    expect(times.map(([, time]) => time - start)).toEqual([0, 1_500, 4_500])
  })

  it('is believed again once a clock that ran an hour ahead is right', async () => {
    let shift = 3_600_000
    const a = add('A', { now: () => Date.now() + shift })
    const b = add('B')
    net.connect('A', 'B')
    a.announce()
    await pass(2_000)
    expect(b.peers()).toEqual([])
    shift = 0
    await pass(3_000)
    expect(idsOf(b)).toEqual(['A'])
  })
})
