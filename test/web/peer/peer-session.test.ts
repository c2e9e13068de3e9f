import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { NetworkState } from '#api/network-types.ts'
import { createFakeTimers } from '../../fakes/timers.ts'
import { createPeerFixtures, others } from './peer-fixtures.ts'

const fixtures = createPeerFixtures()
afterEach(() => fixtures.stop())

/** A started peer whose time stands still, and connections to it that are only said to be. */
async function start() {
  const timers = createFakeTimers()
  const node = await fixtures.join({ timers })
  const connections: Connection[] = []
  vi.spyOn(node.libp2p, 'getConnections').mockImplementation((peer?: PeerId) =>
    connections.filter(({ remotePeer }) => peer === undefined || peer.equals(remotePeer)),
  )
  const seen: NetworkState[] = []
  node.state.subscribe((state) => seen.push(state))
  return {
    timers,
    node,
    /** states that were told since the start */
    seen,
    async connect() {
      const remotePeer = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
      const connection = {
        remotePeer,
        remoteAddr: multiaddr('/webrtc'),
        status: 'open',
        timeline: { open: 1 },
      }
      connections.push(connection as Connection)
      node.libp2p.dispatchEvent(new CustomEvent('connection:open', { detail: connection as Connection }))
    },
  }
}

describe('the state of the network', () => {
  it('is told at once, then seldom while much changes, and the last of it is told too', async () => {
    const { timers, seen, connect } = await start()
    await connect()
    await Promise.resolve()
    expect(seen.slice(1).map((state) => others(state).length)).toEqual([1])
    for (let ms = 0; ms < 40; ms++) {
      await connect()
      timers.advance(1)
    }
    expect(seen).toHaveLength(2)
    timers.advance(10)
    await Promise.resolve()
    expect(seen.slice(2).map((state) => others(state).length)).toEqual([41])
    timers.advance(500)
    expect(seen).toHaveLength(3)
  })

  it('is told no more after the end, and nothing waits for it', async () => {
    const { timers, seen, node } = await start()
    const stopped = node.stop()
    timers.advance(500) // nobody hears the last words
    await stopped
    const before = { told: seen.length, pending: timers.pending }
    node.retry()
    await Promise.resolve()
    expect({ told: seen.length, pending: timers.pending }).toEqual(before)
  })
})
