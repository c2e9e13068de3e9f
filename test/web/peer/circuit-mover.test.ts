import type { Connection, PeerId } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { moveCircuits } from '#peer/circuit-mover.ts'
import { createFakeTimers, type FakeTimers } from '../../fakes/timers.ts'

const OLD = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'
const NEW = '12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf'
const through = (relay: string) => multiaddr(`/ip4/127.0.0.1/tcp/1/ws/p2p/${relay}/p2p-circuit`)
const signalled = (relay: string) => through(relay).encapsulate('/webrtc')

const { signal } = new AbortController()
let timers: FakeTimers
beforeEach(() => {
  timers = createFakeTimers()
})

function scene(connections: readonly { peer: string; address: Multiaddr }[], fails = false) {
  const streams: { protocol: string }[] = [{ protocol: '/meshsub/1.2.0' }]
  const events: string[] = []
  const libp2p = {
    getConnections: () =>
      connections.map(
        ({ peer, address }) =>
          ({
            status: 'open',
            streams,
            remoteAddr: address,
            remotePeer: { toString: () => peer } as PeerId,
            close: async () => void events.push(`close ${peer}`),
          }) as unknown as Connection,
      ),
    dial: async (target: unknown) => {
      events.push(`dial ${(target as Multiaddr[]).map(String).join(' ')}`)
      if (fails) throw new Error('nobody there')
      return {} as Connection
    },
  }
  return { libp2p, events, streams }
}

describe('[RE8] circuits through a relay that stops', () => {
  it('are closed only after the peer was reached through another relay', async () => {
    const { libp2p, events, streams } = scene([{ peer: 'a', address: through(OLD) }])
    streams.push({ protocol: '/a/question' })
    const addresses = [through(OLD), signalled(NEW), through(NEW)]
    const moved = moveCircuits({ libp2p, peers: () => [{ peerId: 'a', addresses }], timers }, OLD, signal)
    for (let looks = 0; looks < 3; looks++) {
      await vi.waitFor(() => expect(timers.pending).toBe(1))
      expect(events).toEqual([`dial ${through(NEW)}`])
      if (looks === 2) streams.pop()
      timers.advance(1_000)
    }
    await moved
    expect(events).toEqual([`dial ${through(NEW)}`, 'close a'])
  })

  it('stay when there is no other way, or the other way fails', async () => {
    const nowhere = scene([{ peer: 'a', address: through(OLD) }])
    const peers = () => [{ peerId: 'a', addresses: [through(OLD)] }]
    await moveCircuits({ libp2p: nowhere.libp2p, peers, timers }, OLD, signal)
    expect(nowhere.events).toEqual([])
    const failing = scene([{ peer: 'a', address: through(OLD) }], true)
    const others = () => [{ peerId: 'a', addresses: [through(NEW)] }]
    await moveCircuits({ libp2p: failing.libp2p, peers: others, timers }, OLD, signal)
    expect(failing.events).toEqual([`dial ${through(NEW)}`])
  })

  it('are the only ones that are moved: other relays and direct connections stay', async () => {
    const { libp2p, events } = scene([
      { peer: 'a', address: through(NEW) },
      { peer: 'b', address: signalled(OLD) },
    ])
    const peers = () => ['a', 'b'].map((peerId) => ({ peerId, addresses: [through(NEW)] }))
    await moveCircuits({ libp2p, peers, timers }, OLD, signal)
    expect(events).toEqual([])
  })
})
