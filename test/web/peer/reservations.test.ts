import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterEach, describe, expect, it } from 'vitest'
import { protocolsOf } from '#core/network.ts'
import { createCircuitTransport, createLeases, LISTEN_ADDRESSES } from '#peer/reservations.ts'
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

describe('[NE7] the time of a reservation', () => {
  const MINUTE_MS = 60_000
  const wallAtStart = 1_795_000_000_000

  function make() {
    const device = { wall: wallAtStart, steady: 1_000 }
    return { device, leases: createLeases({ wall: () => device.wall, steady: () => device.steady }) }
  }

  it('is read once and counted down by a clock that nobody sets', () => {
    const { device, leases } = make()
    const expire = (wallAtStart + 10 * MINUTE_MS) / 1_000
    expect(leases.remainingMs('relay', expire)).toBe(10 * MINUTE_MS)
    device.wall -= 60 * MINUTE_MS
    device.steady += 4 * MINUTE_MS
    expect(leases.remainingMs('relay', expire)).toBe(6 * MINUTE_MS)
    expect(leases.remainingMs('relay', 0)).toBe(6 * MINUTE_MS)
    device.steady += 60 * MINUTE_MS
    expect(leases.remainingMs('relay', expire)).toBe(0)
  })

  it('is the usual one when the clocks of both sides are far apart, and begins anew with the next', () => {
    const { device, leases } = make()
    expect(leases.remainingMs('behind', (wallAtStart - MINUTE_MS) / 1_000)).toBe(15 * MINUTE_MS)
    expect(leases.remainingMs('ahead', (wallAtStart + 600 * MINUTE_MS) / 1_000)).toBe(15 * MINUTE_MS)
    device.steady += 14 * MINUTE_MS
    expect(leases.remainingMs('behind', (wallAtStart + 5 * MINUTE_MS) / 1_000)).toBe(5 * MINUTE_MS)
  })

  it('is made anew when asked, while the connection stands', async () => {
    const { relay } = await fixtures.relay()
    const circuit = createCircuitTransport()
    const node = await createLibp2p({
      addresses: { listen: [...LISTEN_ADDRESSES] },
      transports: [webSockets(), circuit.transport],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: { identify: identify() },
    })
    await node.dial(multiaddr(addressOf(relay)))
    const { reservations } = circuit
    await reservations.reserve(relay.libp2p.peerId)
    let asked = 0
    node.use('/libp2p/circuit/relay/0.2.0/hop', (stream, connection, next) => {
      asked += 1
      next(stream, connection)
    })
    await reservations.reserve(relay.libp2p.peerId)
    expect(asked).toBe(0)
    await reservations.refresh(relay.libp2p.peerId)
    expect(asked).toBe(1)
    expect(reservations.remainingMs(relay.libp2p.peerId)).toBeGreaterThan(14 * MINUTE_MS)
    await node.stop()
  })
})
