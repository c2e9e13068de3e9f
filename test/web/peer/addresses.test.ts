import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import {
  assertDialableFrom,
  isCircuit,
  isWebRtc,
  parseRelayAddress,
  startsAtRelay,
  transportOf,
} from '#peer/addresses.ts'
import { createGater, createPrivateGater, isPrivateAddress } from '#peer/gater.ts'

const RELAY = '12D3KooWHqU6wYjeuGU3DpwbM3voAuXjs3WYzZKbSGaSGA4kX8eC'
const PEER = '12D3KooWQwBjYyBGdj2eVsLHTmFCSNLixivDSUhqfbA5tzKW6DdV'
const WS = `/ip4/127.0.0.1/tcp/8080/ws/p2p/${RELAY}`

describe('relay address', () => {
  it.each([
    WS,
    ` ${WS} `,
    `/dns4/relay.example.org/tcp/443/wss/p2p/${RELAY}`,
    `/dns4/a.b/tcp/443/tls/ws/p2p/${RELAY}`,
  ])('may be %j', (text) => {
    expect(parseRelayAddress(text)).toMatchObject({ address: text.trim(), peerId: RELAY })
  })

  it.each([
    ['', "does not end in the relay's peer id"],
    ['relay.example.org', 'is no relay address'],
    ['/ip4/300.0.0.1/tcp/1/ws', 'is no relay address'],
    ['/ip4/127.0.0.1/tcp/8080/ws', "does not end in the relay's peer id"],
    [`${WS}/p2p-circuit`, "does not end in the relay's peer id"],
    [`${WS}/p2p-circuit/p2p/${PEER}`, "does not end in the relay's peer id"],
    ['/ip4/1.2.3.4/tcp/80/ws/p2p/QmFoo', 'ends in something that is no peer id'],
    [`${WS.slice(0, -1)}`, 'ends in something that is no peer id'],
    [`/ip4/127.0.0.1/tcp/8080/p2p/${RELAY}`, 'is no WebSocket address'],
  ])('[NE2] %j is refused with a sentence', (text, sentence) => {
    expect(() => parseRelayAddress(text)).toThrow(
      expect.objectContaining({ code: 'RELAY_ADDRESS_INVALID', message: expect.stringContaining(sentence) }),
    )
  })

  it('[RE2] may be of WebRTC Direct where that can be dialled, from every page', () => {
    const hash = 'uEiAR0YTZd0V1Oal5pAy9MdfEUjO7o6VjekdVKsM0Qm2n6w'
    const text = `/ip4/203.0.113.1/udp/8081/webrtc-direct/certhash/${hash}/p2p/${RELAY}`
    const parsed = parseRelayAddress(text, { webRtcDirect: true })
    expect(parsed).toMatchObject({ address: text, peerId: RELAY })
    assertDialableFrom('https:', parsed)
    expect(transportOf({ remoteAddr: parsed.multiaddr })).toBe('webrtc')
    expect(transportOf({ remoteAddr: multiaddr(`${text}/p2p-circuit/p2p/${PEER}`) })).toBe('circuit')
    expect(() => parseRelayAddress(text)).toThrow(/which only tabs with WebRTC dial, and not in private mode/)
  })

  it('must be encrypted for a page that came by https, unless it is this machine', () => {
    const plain = parseRelayAddress(`/ip4/203.0.113.1/tcp/80/ws/p2p/${RELAY}`)
    expect(() => assertDialableFrom('https:', plain)).toThrow(
      expect.objectContaining({ code: 'RELAY_ADDRESS_INVALID' }),
    )
    for (const protocol of ['http:', 'file:', undefined]) assertDialableFrom(protocol, plain)
    assertDialableFrom('https:', parseRelayAddress(WS))
    assertDialableFrom('https:', parseRelayAddress(`/dns4/relay.example.org/tcp/443/wss/p2p/${RELAY}`))
  })
})

describe('a connection', () => {
  it.each([
    [WS, 'websocket', false],
    [`${WS}/p2p-circuit/p2p/${PEER}`, 'circuit', true],
    [`${WS}/p2p-circuit/webrtc/p2p/${PEER}`, 'webrtc', true],
    [`/webrtc/p2p/${PEER}`, 'webrtc', false],
  ] as const)('to %s is by %s', (text, transport, relayed) => {
    const address = multiaddr(text)
    expect(transportOf({ remoteAddr: address })).toBe(transport)
    expect(isCircuit(address)).toBe(transport === 'circuit')
    expect(isWebRtc(address)).toBe(transport === 'webrtc')
    expect(startsAtRelay(address)).toBe(relayed)
  })
})

describe('gater', () => {
  it.each([
    ['/ip4/127.0.0.1/tcp/1/ws', true],
    ['/ip4/10.1.2.3/tcp/1/ws', true],
    ['/ip4/172.16.0.1/tcp/1/ws', true],
    ['/ip4/172.32.0.1/tcp/1/ws', false],
    ['/ip4/192.168.1.1/tcp/1/ws', true],
    ['/ip4/169.254.1.1/tcp/1/ws', true],
    ['/ip4/100.64.0.1/tcp/1/ws', true],
    ['/ip4/100.128.0.1/tcp/1/ws', false],
    ['/ip4/203.0.113.1/tcp/1/ws', false],
    ['/ip6/::1/tcp/1/ws', true],
    ['/ip6/fe80::1/tcp/1/ws', true],
    ['/ip6/fd00::1/tcp/1/ws', true],
    ['/ip6/2001:db8::1/tcp/1/ws', false],
    ['/dns4/localhost/tcp/1/ws', true],
    ['/dns4/printer.local/tcp/1/ws', true],
    ['/dns4/relay.example.org/tcp/1/ws', false],
    [`/webrtc/p2p/${PEER}`, false],
  ])('%s is private: %s', (text, isPrivate) => {
    expect(isPrivateAddress(multiaddr(text))).toBe(isPrivate)
  })

  describe('[NE6] of a private peer', () => {
    const relay = `/dns4/relay.example.org/tcp/443/tls/ws/p2p/${RELAY}`
    const denies = (text: string) =>
      createPrivateGater(() => [multiaddr(relay)]).denyDialMultiaddr?.(multiaddr(text))

    it.each([
      ['its own relay', relay],
      ['its own relay, without the id', '/dns4/relay.example.org/tcp/443/tls/ws'],
      ['a peer through it', `${relay}/p2p-circuit/p2p/${PEER}`],
      // the connection that stands is used, and without one only the listed address is dialled
      [
        'a peer through it by another of its addresses',
        `/ip4/192.0.2.1/tcp/1/ws/p2p/${RELAY}/p2p-circuit/p2p/${PEER}`,
      ],
    ])('dials %s', (_, text) => expect(denies(text)).toBe(false))

    it.each([
      ['a relay that a stranger names', `/dns4/evil.example/tcp/443/tls/ws/p2p/${PEER}`],
      ['a peer through it', `/dns4/evil.example/tcp/443/tls/ws/p2p/${PEER}/p2p-circuit/p2p/${PEER}`],
      ["a stranger's address under the own relay's id", `/dns4/evil.example/tcp/443/tls/ws/p2p/${RELAY}`],
      ['another port of the own relay', `/dns4/relay.example.org/tcp/444/tls/ws/p2p/${RELAY}`],
      ['a peer directly', `/ip4/198.51.100.7/tcp/4001/ws/p2p/${PEER}`],
      ['a peer by WebRTC', `${relay}/p2p-circuit/webrtc/p2p/${PEER}`],
      [
        'a stranger that hides behind the own relay',
        `/ip4/192.0.2.1/tcp/1/ws/p2p/${PEER}/p2p-circuit/p2p/${RELAY}`,
      ],
      [
        'a stranger before the own relay',
        `/dns4/evil.example/tcp/1/ws/p2p/${PEER}/p2p/${RELAY}/p2p-circuit/p2p/${PEER}`,
      ],
      ['no address at all', `/p2p/${PEER}`],
    ])('never dials %s', (_, text) => expect(denies(text)).toBe(true))
  })

  it('lets strangers lead into a private network only where our relays are', () => {
    const inner = multiaddr(`/ip4/192.168.1.1/tcp/80/ws/p2p/${RELAY}/p2p-circuit/p2p/${PEER}`)
    const outer = multiaddr(`/dns4/relay.example.org/tcp/443/wss/p2p/${RELAY}/p2p-circuit/p2p/${PEER}`)
    const relays: ReturnType<typeof multiaddr>[] = []
    const gater = createGater(() => relays)
    expect(gater.denyDialMultiaddr?.(inner)).toBe(true)
    relays.push(outer)
    expect(gater.denyDialMultiaddr?.(inner)).toBe(true)
    expect(gater.denyDialMultiaddr?.(outer)).toBe(false)
    relays.push(multiaddr(WS))
    expect(gater.denyDialMultiaddr?.(inner)).toBe(false)
  })
})
