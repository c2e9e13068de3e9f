import type { Connection, PeerId } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { moveCircuits } from '#peer/circuit-mover.ts'

const OLD = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'
const NEW = '12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf'
const through = (relay: string) => multiaddr(`/ip4/127.0.0.1/tcp/1/ws/p2p/${relay}/p2p-circuit`)
const signalled = (relay: string) => through(relay).encapsulate('/webrtc')

function scene(connections: readonly { peer: string; address: Multiaddr }[], fails = false) {
  const events: string[] = []
  const libp2p = {
    getConnections: () =>
      connections.map(
        ({ peer, address }) =>
          ({
            status: 'open',
            remoteAddr: address,
            remotePeer: { toString: () => peer } as PeerId,
            close: async () => void events.push(`close ${peer}`),
          }) as Connection,
      ),
    dial: async (target: unknown) => {
      events.push(`dial ${(target as Multiaddr[]).map(String).join(' ')}`)
      if (fails) throw new Error('nobody there')
      return {} as Connection
    },
  }
  return { libp2p, events }
}

describe('[RE8] circuits through a relay that stops', () => {
  it('are closed only after the peer was reached through another relay', async () => {
    const { libp2p, events } = scene([{ peer: 'a', address: through(OLD) }])
    const addresses = [through(OLD), signalled(NEW), through(NEW)]
    await moveCircuits({ libp2p, peers: () => [{ peerId: 'a', addresses }] }, OLD, AbortSignal.timeout(5_000))
    expect(events).toEqual([`dial ${through(NEW)}`, 'close a'])
  })

  it('stay when there is no other way, or the other way fails', async () => {
    const nowhere = scene([{ peer: 'a', address: through(OLD) }])
    const peers = () => [{ peerId: 'a', addresses: [through(OLD)] }]
    await moveCircuits({ libp2p: nowhere.libp2p, peers }, OLD, AbortSignal.timeout(5_000))
    expect(nowhere.events).toEqual([])
    const failing = scene([{ peer: 'a', address: through(OLD) }], true)
    const others = () => [{ peerId: 'a', addresses: [through(NEW)] }]
    await moveCircuits({ libp2p: failing.libp2p, peers: others }, OLD, AbortSignal.timeout(5_000))
    expect(failing.events).toEqual([`dial ${through(NEW)}`])
  })

  it('are the only ones that are moved: other relays and direct connections stay', async () => {
    const { libp2p, events } = scene([
      { peer: 'a', address: through(NEW) },
      { peer: 'b', address: signalled(OLD) },
    ])
    const peers = () => ['a', 'b'].map((peerId) => ({ peerId, addresses: [through(NEW)] }))
    await moveCircuits({ libp2p, peers }, OLD, AbortSignal.timeout(5_000))
    expect(events).toEqual([])
  })
})
