import { afterEach, describe, expect, it } from 'vitest'
import { protocolsOf } from '#core/network.ts'
import { addressOf, createPeerFixtures, isReserved, until } from './peer-fixtures.ts'

const fixtures = createPeerFixtures()
afterEach(() => fixtures.stop())

describe('the circuit transport', () => {
  it('does not walk the DHT in search of relays, though two of its three places are free', async () => {
    const { relay } = await fixtures.relay()
    let queries = 0
    const { dht } = protocolsOf('test')
    const node = await fixtures.make({ relays: [addressOf(relay)] })
    const walk = node.libp2p.peerRouting.getClosestPeers.bind(node.libp2p.peerRouting)
    node.libp2p.peerRouting.getClosestPeers = (...args) => {
      queries += 1
      return walk(...args)
    }
    await node.start()
    await until(node.state, isReserved)
    await new Promise((resolve) => setTimeout(resolve, 1_000)) // the test is that nothing happens
    expect(queries).toBe(0)
    const streams = node.libp2p.getConnections().flatMap((connection) => connection.streams)
    expect(streams.filter(({ protocol }) => protocol === dht).length).toBeLessThan(4)
  })

  it('does not dial every peer that is heard of', async () => {
    const { relay } = await fixtures.relay()
    const node = await fixtures.join({ relays: [addressOf(relay)] })
    await until(node.state, isReserved)
    const stranger = await fixtures.make()
    await node.libp2p.peerStore.merge(stranger.libp2p.peerId, {
      multiaddrs: relay.libp2p.getMultiaddrs().map((address) => address.encapsulate(`/p2p-circuit`)),
    })
    await new Promise((resolve) => setTimeout(resolve, 500)) // the test is that nothing happens
    expect(node.libp2p.getDialQueue()).toEqual([])
    expect(relay.stats().circuitsOpened).toBe(0)
    expect(Object.values(relay.stats().circuitsRefused).every((count) => count === 0)).toBe(true)
  })
})
