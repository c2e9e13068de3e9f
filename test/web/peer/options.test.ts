import { readFileSync } from 'node:fs'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { gossipsub } from '@libp2p/gossipsub'
import { RPC } from '@libp2p/gossipsub/message'
import { identify } from '@libp2p/identify'
import type { Libp2p, PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { NetworkMode } from '#api/network-types.ts'
import { concat, utf8 } from '#core/bytes.ts'
import { MAX_GOSSIP_BYTES, MAX_RESERVATIONS } from '#core/limits.ts'
import { NETWORK_NAMES, protocolsOf } from '#core/network.ts'
import {
  BITSWAP_OPTIONS,
  dhtOptions,
  fingerprintOf,
  gossipOptions,
  libp2pOptions,
  rtcConfiguration,
  stunOfRelay,
} from '#peer/options.ts'
import { createCircuitTransport } from '#peer/reservations.ts'

async function optionsFor(kind: 'tab' | 'node', mode: NetworkMode = 'direct') {
  return libp2pOptions({
    network: 'test',
    privateKey: await generateKeyPair('Ed25519'),
    gater: {},
    mode,
    circuit: createCircuitTransport().transport,
    ...(kind === 'tab' ? { webRtc: (() => {}) as never } : {}),
  })
}

const libp2ps: Libp2p[] = []
afterEach(async () => {
  vi.restoreAllMocks()
  await Promise.all(libp2ps.splice(0).map((libp2p) => libp2p.stop()))
})

/** Gossip of a peer to which neighbours bring what was signed by a key of this kind. */
async function listen(kind: 'Ed25519' | 'secp256k1') {
  const [topic = ''] = gossipOptions('test').allowedTopics ?? []
  const libp2p = await createLibp2p({
    services: { identify: identify(), pubsub: gossipsub(gossipOptions('test')) },
  })
  libp2ps.push(libp2p)
  const { pubsub } = libp2p.services
  const heard: (number | undefined)[] = []
  pubsub.subscribe(topic)
  pubsub.addEventListener('message', ({ detail }) => heard.push(detail.data[0]))
  // Not part of gossipsub's public type.
  const inbound = pubsub as unknown as {
    handleReceivedMessage(from: PeerId, message: RPC.Message): Promise<void>
  }
  const author = await generateKeyPair(kind)
  const checks = vi.spyOn(Object.getPrototypeOf(author.publicKey), 'verify')
  return {
    heard,
    checks,
    /** As in https://github.com/libp2p/specs/blob/master/pubsub/README.md#message-signing */
    async sign(word: number): Promise<RPC.Message> {
      const from = peerIdFromPrivateKey(author).toMultihash().bytes
      const message = { from, data: Uint8Array.of(word), seqno: new Uint8Array(8).fill(word), topic }
      const signature = await author.sign(concat(utf8('libp2p-pubsub:'), RPC.Message.encode(message)))
      return { ...message, signature }
    },
    async bring(message: RPC.Message): Promise<void> {
      const neighbour = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
      await inbound.handleReceivedMessage(neighbour, message)
    },
  }
}

describe('libp2p as it is known to be good', () => {
  it.each([
    ['/ip4/192.0.2.1/tcp/8080/ws', 'stun:192.0.2.1:8080'],
    ['/ip6/2001:db8::1/tcp/8080/ws', 'stun:[2001:db8::1]:8080'],
    ['/dns/relay.example.org/tcp/9000/ws', 'stun:relay.example.org:9000'],
    ['/dns/relay.example.org/tcp/443/tls/ws', undefined],
    ['/dns/relay.example.org/tcp/443/wss', undefined],
  ])('[NE1a] asks the relay at %s by STUN at %s', (address, url) => {
    expect(stunOfRelay(multiaddr(address))).toBe(url)
  })

  it('dials no public server: no bootstrap, no discovery, no delegated routing, no foreign STUN', async () => {
    const options = await optionsFor('tab')
    expect(options).not.toHaveProperty('peerDiscovery')
    expect(options).not.toHaveProperty('peerRouters')
    expect(options).not.toHaveProperty('contentRouters')
    expect(Object.keys(options.services ?? {}).sort()).toEqual([
      'dht',
      'identify',
      'identifyPush',
      'ping',
      'pubsub',
    ])
    expect(rtcConfiguration([])).toEqual({ iceServers: [] })
    expect(rtcConfiguration(['stun:127.0.0.1:8080'])).toEqual({
      iceServers: [{ urls: ['stun:127.0.0.1:8080'] }],
    })
  })

  it('is composed from the light parts only', () => {
    const source = readFileSync(new URL('../../../web/peer/create-peer-node.ts', import.meta.url), 'utf8')
    expect(source).toContain('createHeliaLight')
    expect(source).toContain('withLibp2pLight')
    expect(source).not.toMatch(/\bcreateHelia\(|\bwithLibp2p\(|libp2pDefaults|withHTTP/)
  })

  it('listens on bare circuits, one for each reservation and one for a replacement, and on WebRTC in a tab alone', async () => {
    const circuits = Array.from({ length: MAX_RESERVATIONS + 1 }, () => '/p2p-circuit')
    expect((await optionsFor('node')).addresses?.listen).toEqual(circuits)
    expect((await optionsFor('tab')).addresses?.listen).toEqual([...circuits, '/webrtc'])
  })

  it('[NE6] announces nothing but circuits in private mode, whatever else is known', async () => {
    const relay = '/ip4/192.0.2.1/tcp/443/tls/ws/p2p/12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'
    const circuit = multiaddr(`${relay}/p2p-circuit`)
    const known = [multiaddr('/ip4/198.51.100.7/tcp/4001'), circuit, multiaddr(`${relay}/p2p-circuit/webrtc`)]
    const { addresses } = await optionsFor('node', 'relayed')
    expect(addresses?.announceFilter?.(known)).toEqual([circuit])
    expect((await optionsFor('tab')).addresses).not.toHaveProperty('announceFilter')
  })

  it('looks up no name that a stranger gave', async () => {
    expect((await optionsFor('tab')).connectionManager?.resolvers).toEqual({})
  })

  it('gives busy connections and slow dials their time', async () => {
    const { connectionMonitor, connectionManager } = await optionsFor('tab')
    expect(connectionMonitor?.pingTimeout?.minTimeout).toBeGreaterThanOrEqual(30_000)
    expect(connectionMonitor?.pingTimeout?.minTimeout).toBeLessThanOrEqual(60_000)
    expect(connectionManager).toMatchObject({ addressDialTimeout: 20_000, reconnectRetries: 0 })
  })

  it('lets slow uplinks send blocks', () => {
    expect(BITSWAP_OPTIONS).toMatchObject({
      messageReceiveTimeout: 120_000,
      messageSendTimeout: 120_000,
      maxOutgoingMessageSize: 512 * 1024,
    })
  })

  it('bounds gossip before it is decoded and does not punish peers that share an address', () => {
    const options = gossipOptions('test')
    expect(options.scoreParams?.IPColocationFactorWeight).toBe(0)
    expect(Object.keys(options.scoreParams?.topics ?? {})).toEqual(options.allowedTopics)
    expect(options.maxInboundDataLength).toBeGreaterThan(MAX_GOSSIP_BYTES)
    expect(options.maxInboundDataLength).toBeLessThan(10_000_000)
    expect(options.allowedTopics).toHaveLength(3)
  })
})

describe('[NE4] the routing table', () => {
  it('of a client holds relays, never clients; a relay tells where both are', () => {
    const circuit = multiaddr('/ip4/127.0.0.1/tcp/1/ws/p2p-circuit')
    const webRtc = multiaddr('/ip4/127.0.0.1/tcp/1/ws/p2p-circuit/webrtc')
    const direct = multiaddr('/ip4/127.0.0.1/tcp/1/ws')
    const peer = { id: undefined as never, multiaddrs: [circuit, webRtc, direct] }
    const mapped = (clientMode: boolean) => dhtOptions('test', clientMode).peerInfoMapper?.(peer).multiaddrs
    expect(mapped(true)).toEqual([direct])
    expect(mapped(false)).toEqual([circuit, webRtc, direct])
  })
})

describe('[NE9] networks', () => {
  it('carry their name in every protocol, topic and DHT name of ours, and share none', () => {
    const ids = NETWORK_NAMES.flatMap((network) => {
      const own = Object.values(protocolsOf(network))
      for (const id of own) expect(id.startsWith(`/tabland/${network}/`)).toBe(true)
      for (const topic of gossipOptions(network).allowedTopics ?? []) expect(own).toContain(topic)
      expect(own).toContain(dhtOptions(network, true).protocol)
      return own
    })
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('[RE7] a message that was heard before', () => {
  it('is told by its signature', () => {
    const one = new Uint8Array(64).map((_, i) => i * 4)
    expect(fingerprintOf(one)).toHaveLength(64)
    expect(fingerprintOf(one)).toBe(fingerprintOf(one.slice()))
    expect(fingerprintOf(one)).not.toBe(fingerprintOf(one.with(63, 1)))
  })

  it('has no name under what is no signature of ours, however long', () => {
    for (const signature of [undefined, new Uint8Array(0), new Uint8Array(63), new Uint8Array(4_000_000)])
      expect(fingerprintOf(signature)).toBeUndefined()
  })

  it('has its signature checked once, however many neighbours bring it', async () => {
    const { heard, bring, sign, checks } = await listen('Ed25519')
    const [first, second] = [await sign(1), await sign(2)]
    for (let i = 0; i < 6; i++) await bring(first)
    expect(checks).toHaveBeenCalledTimes(1)
    await bring(second)
    expect(heard).toEqual([1, 2])
  })

  it('is told from others of a key of another kind', async () => {
    const { heard, bring, sign } = await listen('secp256k1')
    const [first, second] = [await sign(1), await sign(2)]
    for (const message of [first, second, first]) await bring(message)
    expect(heard).toEqual([1, 2])
  })
})
