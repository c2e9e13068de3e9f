import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createPaths, preferOpenPaths, SIGNALLING_PROTOCOL } from '#peer/paths.ts'

const CIRCUIT = '/ip4/127.0.0.1/tcp/1/ws/p2p-circuit'

let peer: PeerId
let connections: Connection[]
let protocols: string[]
let events: EventTarget

beforeEach(async () => {
  vi.useFakeTimers()
  peer = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  ;[connections, protocols, events] = [[], [SIGNALLING_PROTOCOL], new EventTarget()]
})
afterEach(() => vi.useRealTimers())

function libp2p(): Libp2p {
  return {
    getConnections: () => connections,
    peerStore: { get: async () => ({ protocols }) },
    addEventListener: events.addEventListener.bind(events),
    removeEventListener: events.removeEventListener.bind(events),
  } as unknown as Libp2p
}

function connectionBy(address: string, openedAt = Date.now()): Connection {
  return {
    remotePeer: peer,
    remoteAddr: multiaddr(address),
    status: 'open',
    timeline: { open: openedAt },
    newStream: async () => `stream by ${address}`,
  } as unknown as Connection
}

function open(address: string): Connection {
  const connection = connectionBy(address)
  connections.push(connection)
  events.dispatchEvent(new CustomEvent('connection:open', { detail: connection }))
  return connection
}

/** Whether a path was found by now, and which. */
async function outcome(path: Promise<Connection | undefined>): Promise<Connection | undefined | 'waits'> {
  await vi.advanceTimersByTimeAsync(0)
  return Promise.race([path, Promise.resolve('waits' as const)])
}

describe('paths', () => {
  it('[RE8] lead through the newest circuit, and a second one is not waited for anew', async () => {
    const paths = createPaths(libp2p(), { webRtc: true })
    open(CIRCUIT)
    await vi.advanceTimersByTimeAsync(8_000)
    const second = open(CIRCUIT)
    expect(await outcome(paths.connectionTo(peer))).toBe(second)
  })

  it('are direct ones where there is one, circuits otherwise, none where there is none', async () => {
    const paths = createPaths(libp2p(), { webRtc: false })
    expect(await paths.connectionTo(peer)).toBeUndefined()
    const circuit = open(CIRCUIT)
    expect(await paths.connectionTo(peer)).toBe(circuit)
    const direct = open('/webrtc')
    expect(await paths.connectionTo(peer)).toBe(direct)
    direct.status = 'closed'
    expect(await paths.connectionTo(peer)).toBe(circuit)
  })

  it('[RE8] do not lead through a circuit whose muxer has ended, though it is called open', async () => {
    const paths = createPaths(libp2p(), { webRtc: false })
    const older = Object.assign(open(CIRCUIT), { muxer: { status: 'open' } })
    const newer = Object.assign(open(CIRCUIT), { muxer: { status: 'open' } })
    expect(await paths.connectionTo(peer)).toBe(newer)
    newer.muxer.status = 'closed'
    expect(await paths.connectionTo(peer)).toBe(older)
  })

  it('wait for WebRTC to replace a fresh circuit between two that speak it', async () => {
    open(CIRCUIT)
    const path = createPaths(libp2p(), { webRtc: true }).connectionTo(peer)
    expect(await outcome(path)).toBe('waits')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await outcome(path)).toBe('waits')
    const direct = open('/webrtc')
    expect(await path).toBe(direct)
  })

  it('are the circuit after all when WebRTC does not come', async () => {
    const circuit = open(CIRCUIT)
    const paths = createPaths(libp2p(), { webRtc: true })
    const path = paths.connectionTo(peer)
    await vi.advanceTimersByTimeAsync(8_000)
    expect(await path).toBe(circuit)
    expect(await outcome(paths.connectionTo(peer))).toBe(circuit)
  })

  it('do not wait for a peer that speaks no WebRTC, nor after an abort or the end of the connection', async () => {
    const circuit = open(CIRCUIT)
    const paths = createPaths(libp2p(), { webRtc: true })
    protocols = []
    expect(await outcome(paths.connectionTo(peer))).toBe(circuit)
    protocols = [SIGNALLING_PROTOCOL]
    const controller = new AbortController()
    const aborted = paths.connectionTo(peer, controller.signal)
    await vi.advanceTimersByTimeAsync(0)
    controller.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    const ended = paths.connectionTo(peer)
    await vi.advanceTimersByTimeAsync(0)
    connections.pop()
    events.dispatchEvent(new CustomEvent('peer:disconnect', { detail: peer }))
    expect(await ended).toBeUndefined()
  })
})

describe('streams and dials by peer id', () => {
  it('use the circuit that is open instead of dialling a second one, the DHT’s too', async () => {
    vi.useRealTimers()
    const node = await createLibp2p({ start: false })
    preferOpenPaths(node, createPaths(libp2p(), { webRtc: false }))
    await expect(node.dial(peer)).rejects.toThrow('Not started')
    const circuit = open(CIRCUIT)
    expect(await node.dial(peer)).toBe(circuit)
    expect(await node.dialProtocol(peer, '/p')).toBe(`stream by ${CIRCUIT}`)
    await expect(node.dial(multiaddr(`${CIRCUIT}/p2p/${peer}`))).rejects.toThrow('Not started')
    await expect(node.dial(peer, { force: true })).rejects.toThrow('Not started')
  })
})

it('[NE7] the newest of two direct connections carries data: the older one may be dead', async () => {
  open('/ip4/127.0.0.1/tcp/1/ws')
  const newer = open('/webrtc')
  expect(await createPaths(libp2p(), { webRtc: true }).connectionTo(peer)).toBe(newer)
})

it('[NE7] a clock that was set back does not make data wait for longer', async () => {
  open(CIRCUIT)
  vi.setSystemTime(Date.now() - 3_600_000)
  const path = createPaths(libp2p(), { webRtc: true }).connectionTo(peer)
  await vi.advanceTimersByTimeAsync(8_000)
  expect(await path).toBe(connections[0])
})
