import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, describe, expect, it } from 'vitest'
import { createDialGate } from '#relay/dial-gate.ts'
import { addressOf, createPeerFixtures } from '#test/web/peer/peer-fixtures.ts'

const ID = '12D3KooWGRUVh9kQ5nPzFgtYhsTbvLXeBVjVYJFxJ3nSiuBGzL7y'
const OUTSIDE = `/dns4/far.example/tcp/443/tls/ws/p2p/${ID}`
const INSIDE = [
  `/ip4/127.0.0.1/tcp/1/ws/p2p/${ID}`,
  `/ip4/10.0.0.7/tcp/1/ws/p2p/${ID}`,
  `/ip6/::1/tcp/1/ws/p2p/${ID}`,
  `/dns4/router.local/tcp/1/ws/p2p/${ID}`,
  `/dns4/rebound.example/tcp/1/ws/p2p/${ID}`, // resolves to a private address
]
const NONE = { announce: [], relays: [], trustedProxies: [] }

const resolve = async (name: string) => [
  { address: name === 'rebound.example' ? '192.168.1.1' : '203.0.113.5', family: 4 },
]
const gateOf = (config: Partial<Parameters<typeof createDialGate>[0]>, listening: readonly string[] = []) =>
  createDialGate({ ...NONE, ...config }, () => listening.map((address) => multiaddr(address)), resolve)
const refused = (gate: ReturnType<typeof gateOf>) =>
  Promise.all([OUTSIDE, ...INSIDE].map((address) => gate(multiaddr(address))))

describe('[RE8] what strangers name leads a public relay nowhere inside', () => {
  it.each([
    ['that announces a public address', gateOf({ announce: ['/dns4/me.example/tcp/443/tls/ws'] })],
    ['behind a proxy', gateOf({ trustedProxies: ['127.0.0.1/32'] }, ['/ip4/127.0.0.1/tcp/8080/ws'])],
    ['that listens outside', gateOf({}, ['/ip4/127.0.0.1/tcp/8080/ws', '/ip4/203.0.113.9/tcp/8080/ws'])],
  ])('%s', async (_, gate) => {
    expect(await refused(gate)).toEqual([false, ...INSIDE.map(() => true)])
  })

  it.each([
    ['a relay in local networks alone', gateOf({}, ['/ip4/127.0.0.1/tcp/1/ws', '/ip4/192.168.1.2/tcp/1/ws'])],
    ['what the operator named', gateOf({ announce: ['/dns4/me.example/tcp/443/tls/ws'], relays: INSIDE })],
  ])('but not %s', async (_, gate) => {
    expect(await refused(gate)).toEqual([false, ...INSIDE.map(() => false)])
  })
})

describe('[RE8] a public relay', () => {
  const fixtures = createPeerFixtures()
  afterEach(() => fixtures.stop())

  it('dials inside only what its operator named', async () => {
    const named = await fixtures.relay()
    const other = await fixtures.relay()
    const { relay } = await fixtures.relay([
      '--announce',
      '/dns4/me.example/tcp/443/tls/ws',
      '--trusted-proxies',
      '192.0.2.1/32',
      '--relays',
      addressOf(named.relay),
    ])
    await expect.poll(() => relay.stats().fleet, { timeout: 10_000 }).toBe(1)
    await expect(relay.libp2p.dial(multiaddr(addressOf(other.relay)))).rejects.toThrow()
    await relay.libp2p.peerStore.merge(other.relay.peerId, {
      multiaddrs: [multiaddr(addressOf(other.relay))],
    })
    await expect(relay.libp2p.dial(other.relay.peerId)).rejects.toThrow()
    expect(relay.libp2p.getConnections(other.relay.peerId)).toEqual([])
  })
})
