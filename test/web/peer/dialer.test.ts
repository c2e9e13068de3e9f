import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MAX_DIRECT_PEERS, MIN_DIRECT_PEERS } from '#core/limits.ts'
import { type Candidate, createDialer, type Dialer, type DialerInit } from '#peer/dialer.ts'

const RELAY = '12D3KooWHqU6wYjeuGU3DpwbM3voAuXjs3WYzZKbSGaSGA4kX8eC'
const CIRCUIT = `/ip4/127.0.0.1/tcp/1/ws/p2p/${RELAY}/p2p-circuit`

class FakeNet extends EventTarget {
  readonly connections: Connection[] = []
  readonly dials: { readonly peer: string; readonly addresses: readonly string[] }[] = []
  readonly pending: { readonly peer: string; resolve(): void; reject(): void }[] = []
  readonly identified: Connection[] = []

  readonly libp2p = {
    getConnections: (peer?: PeerId) =>
      this.connections.filter(({ remotePeer }) => peer === undefined || peer.equals(remotePeer)),
    dial: (addresses: Multiaddr[]) => {
      const peer = String(addresses[0]).split('/').at(-1) as string
      this.dials.push({ peer, addresses: addresses.map(String) })
      return new Promise<void>((resolve, reject) => {
        this.pending.push({ peer, resolve, reject: () => reject(new Error('no')) })
      })
    },
    addEventListener: this.addEventListener.bind(this),
    removeEventListener: this.removeEventListener.bind(this),
  } as never

  connect(peer: PeerId, address: string, limits?: Connection['limits']): Connection {
    const connection = {
      remotePeer: peer,
      remoteAddr: multiaddr(address),
      status: 'open',
      limits,
      close: async () => this.drop(connection),
    } as unknown as Connection
    this.connections.push(connection)
    this.dispatchEvent(new CustomEvent('connection:open', { detail: connection }))
    return connection
  }

  drop(connection: Connection): void {
    connection.status = 'closed'
    this.connections.splice(this.connections.indexOf(connection), 1)
    this.dispatchEvent(new CustomEvent('connection:close', { detail: connection }))
  }
}

let net: FakeNet
let peers: PeerId[]
let here: Candidate[]
let dialer: Dialer

beforeEach(async () => {
  vi.useFakeTimers()
  net = new FakeNet()
  here = []
  const keys = await Promise.all(Array.from({ length: 16 }, () => generateKeyPair('Ed25519')))
  peers = keys.map((key) => peerIdFromPrivateKey(key)).sort((a, b) => (String(a) < String(b) ? -1 : 1))
})
afterEach(() => {
  dialer.stop()
  vi.useRealTimers()
})

function start(init: Partial<DialerInit> = {}, candidates = () => here): void {
  dialer = createDialer(
    {
      libp2p: net.libp2p,
      identify: async (connection) => void net.identified.push(connection),
      candidates,
      isRelay: (peer) => peer === RELAY,
    },
    { peerId: String(peers[0]), webRtc: true, random: () => 0, ...init },
  )
  dialer.start()
}

function candidate(index: number, change: Partial<Candidate> = {}): Candidate {
  const peerId = String(peers[index])
  const addresses = [`${CIRCUIT}/webrtc/p2p/${peerId}`, `${CIRCUIT}/p2p/${peerId}`].map((text) =>
    multiaddr(text),
  )
  return { peerId, webRtc: true, directPeers: 0, addresses, ...change }
}

async function succeed(): Promise<void> {
  for (const { peer, resolve } of net.pending.splice(0)) {
    const id = peers.find((one) => String(one) === peer) as PeerId
    net.connect(id, `${CIRCUIT}/webrtc/p2p/${peer}`)
    resolve()
  }
  await vi.advanceTimersByTimeAsync(0)
}

describe('dialer', () => {
  it('dials two at once, by WebRTC, until it holds enough', async () => {
    start()
    here = Array.from({ length: 10 }, (_, i) => candidate(i + 1, { directPeers: 3 }))
    dialer.update()
    dialer.update()
    expect(net.dials).toHaveLength(2)
    expect(
      net.dials.every(({ addresses }) => addresses.length === 1 && addresses[0]?.includes('/webrtc/')),
    ).toBe(true)
    for (let i = 0; i < 6; i++) await succeed()
    expect(dialer.directPeers()).toBe(MIN_DIRECT_PEERS)
    expect(dialer.connectedPeers()).toBe(MIN_DIRECT_PEERS)
  })

  it('[NE4] goes on to eight for peers that have nobody', async () => {
    start()
    here = Array.from({ length: 12 }, (_, i) => candidate(i + 1))
    dialer.update()
    for (let i = 0; i < 8; i++) await succeed()
    expect(dialer.directPeers()).toBe(MAX_DIRECT_PEERS)
  })

  it('looks at no candidate while it has no room for one', () => {
    let looks = 0
    start({}, () => {
      looks += 1
      return here
    })
    for (const peer of peers.slice(1, MAX_DIRECT_PEERS)) net.connect(peer, `/webrtc/p2p/${peer}`)
    expect(looks).toBe(MAX_DIRECT_PEERS - 1)
    const last = net.connect(peers[MAX_DIRECT_PEERS] as PeerId, '/webrtc')
    vi.advanceTimersByTime(60_000)
    dialer.update()
    expect(looks).toBe(MAX_DIRECT_PEERS - 1)
    net.drop(last)
    expect(looks).toBe(MAX_DIRECT_PEERS)
  })

  it('dials those first that have the fewest', async () => {
    start({ random: () => 0.9 })
    here = [candidate(1, { directPeers: 5 }), candidate(2, { directPeers: 1 }), candidate(3)]
    dialer.update()
    expect(net.dials.map(({ peer }) => peer)).toEqual([String(peers[3]), String(peers[2])])
  })

  it('leaves the first dial to the side with the lesser peer id, and dials when that does not', async () => {
    start({ peerId: String(peers[9]) })
    here = [candidate(1)]
    dialer.update()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(net.dials).toHaveLength(0)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(net.dials).toHaveLength(1)
  })

  it('does so among peers without WebRTC too, whose second circuit would be dropped as a duplicate', async () => {
    start({ peerId: String(peers[9]), webRtc: false })
    here = [candidate(1, { webRtc: false })]
    dialer.update()
    expect(net.dials).toHaveLength(0)
    await vi.advanceTimersByTimeAsync(3_000)
    expect(net.dials).toHaveLength(1)
  })

  it('dials at once whoever will not dial itself: a peer with WebRTC keeps no circuits', () => {
    start({ peerId: String(peers[9]), webRtc: false })
    here = [candidate(1)]
    dialer.update()
    expect(net.dials).toHaveLength(1)
  })

  it('waits longer after each failure, and says when nobody can be reached', async () => {
    start()
    here = [candidate(1)]
    dialer.update()
    const tries: number[] = []
    for (let ms = 0; ms <= 20_000; ms += 500) {
      if (net.pending.length > 0) tries.push(ms)
      for (const { reject } of net.pending.splice(0)) reject()
      await vi.advanceTimersByTimeAsync(500)
    }
    expect(tries).toHaveLength(4)
    expect(dialer.isStuck()).toBe(true)
    dialer.retry()
    expect(net.pending).toHaveLength(1)
    await succeed()
    expect(dialer.isStuck()).toBe(false)
  })

  it('waits after a dial that libp2p answered with a connection that closes just now', async () => {
    start()
    here = [candidate(1)]
    dialer.update()
    for (let ms = 0; ms <= 20_000; ms += 500) {
      for (const { resolve } of net.pending.splice(0)) resolve()
      await vi.advanceTimersByTimeAsync(500)
    }
    expect(net.dials).toHaveLength(4)
    expect(dialer.isStuck()).toBe(false)
  })

  it('does not dial relays, connected peers, or addresses that name somebody else', async () => {
    start()
    net.connect(peers[1] as PeerId, `/webrtc/p2p/${peers[1]}`)
    const wrong = [multiaddr(`${CIRCUIT}/webrtc/p2p/${peers[4]}`), multiaddr(`/ip4/192.168.1.1/tcp/80/ws`)]
    here = [candidate(1), { ...candidate(2), peerId: RELAY }, candidate(3, { addresses: wrong })]
    dialer.update()
    expect(net.dials).toHaveLength(0)
    expect(dialer.directPeers()).toBe(1)
  })

  it('passes over a candidate whose name is no peer id', () => {
    start()
    here = [{ ...candidate(2), peerId: 'abc' }, candidate(1)]
    dialer.update()
    expect(net.dials.map(({ peer }) => peer)).toEqual([String(peers[1])])
  })

  it('without WebRTC keeps two circuits, and a peer with WebRTC dials no circuit', async () => {
    start({ webRtc: false })
    here = Array.from({ length: 6 }, (_, i) => candidate(i + 1))
    dialer.update()
    expect(net.dials).toHaveLength(2)
    expect(net.dials[0]?.addresses[0]).not.toContain('/webrtc')
    for (const { peer, resolve } of net.pending.splice(0)) {
      net.connect(peers.find((one) => String(one) === peer) as PeerId, `${CIRCUIT}/p2p/${peer}`)
      resolve()
    }
    await vi.advanceTimersByTimeAsync(5_000)
    expect(net.dials).toHaveLength(2)
    expect(dialer.directPeers()).toBe(0)
    expect(dialer.connectedPeers()).toBe(2)
    dialer.stop()

    start()
    here = [candidate(7, { webRtc: false })]
    dialer.update()
    expect(net.dials).toHaveLength(2)
  })

  it('drops a circuit once a direct connection stands, not before its signalling is over', async () => {
    start()
    const peer = peers[1] as PeerId
    const limited = net.connect(peer, `${CIRCUIT}/p2p/${peer}`, { bytes: 1_000n })
    const direct = net.connect(peer, `/webrtc/p2p/${peer}`)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(limited.status).toBe('open')
    await vi.advanceTimersByTimeAsync(1_500)
    expect([limited.status, direct.status]).toEqual(['closed', 'open'])
    expect(net.identified).toEqual([])
  })

  it('identifies again after the drop of a circuit without limits: gossip may have bound itself to it', async () => {
    start()
    const peer = peers[1] as PeerId
    net.connect(peer, `${CIRCUIT}/p2p/${peer}`)
    const direct = net.connect(peer, `/webrtc/p2p/${peer}`)
    await vi.advanceTimersByTimeAsync(2_500)
    expect(net.identified).toEqual([direct])
  })
})
