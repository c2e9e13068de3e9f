import { multiaddr } from '@multiformats/multiaddr'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat } from '#core/bytes.ts'
import { MAX_HEARTBEAT_ADDRESSES, MAX_HEARTBEAT_BYTES } from '#core/limits.ts'
import { decodeHeartbeat, encodeHeartbeat, type Heartbeat } from '#peer/heartbeat.ts'
import { decodeWhoIsHere, encodeWhoIsHere, MAX_TOLD_PEERS } from '#peer/protocols/who-is-here.ts'

const RELAY = '12D3KooWHqU6wYjeuGU3DpwbM3voAuXjs3WYzZKbSGaSGA4kX8eC'
const PEER = '12D3KooWQwBjYyBGdj2eVsLHTmFCSNLixivDSUhqfbA5tzKW6DdV'
const ADDRESS = multiaddr(`/ip4/127.0.0.1/tcp/8080/ws/p2p/${RELAY}/p2p-circuit/webrtc/p2p/${PEER}`)

const heartbeat: Heartbeat = {
  kind: 'tab',
  goodbye: false,
  webRtc: true,
  directPeers: 3,
  time: 1_795_195_647_666,
  addresses: [ADDRESS, multiaddr(`/dns4/relay.example.org/tcp/443/wss/p2p/${RELAY}/p2p-circuit`)],
}

const codeOf = (run: () => unknown): unknown => {
  try {
    run()
  } catch (error) {
    return (error as { code: unknown }).code
  }
  return 'nothing thrown'
}

describe('heartbeat', () => {
  it('comes back as it was', () => {
    const decoded = decodeHeartbeat(encodeHeartbeat(heartbeat))
    expect({ ...decoded, addresses: decoded.addresses.map(String) }).toEqual({
      ...heartbeat,
      addresses: heartbeat.addresses.map(String),
    })
  })

  it.each(['tab', 'relay', 'node'] as const)('names a %s, with each flag', (kind) => {
    for (const goodbye of [true, false]) {
      for (const webRtc of [true, false]) {
        const decoded = decodeHeartbeat(encodeHeartbeat({ ...heartbeat, kind, goodbye, webRtc }))
        expect(decoded).toMatchObject({ kind, goodbye, webRtc })
      }
    }
  })

  it('leaves out addresses beyond the eighth and beyond its size', () => {
    const many = encodeHeartbeat({ ...heartbeat, addresses: Array.from({ length: 20 }, () => ADDRESS) })
    expect(decodeHeartbeat(many).addresses).toHaveLength(MAX_HEARTBEAT_ADDRESSES)
    const long = multiaddr(`/dns4/${'a'.repeat(900)}/tcp/1/ws`)
    const few = encodeHeartbeat({ ...heartbeat, addresses: [long, long, long] })
    expect(few.length).toBeLessThanOrEqual(MAX_HEARTBEAT_BYTES)
    expect(decodeHeartbeat(few).addresses).toHaveLength(2)
  })

  const good = encodeHeartbeat(heartbeat)
  const withByte = (at: number, value: number) => {
    const bytes = good.slice()
    bytes[at] = value
    return bytes
  }
  it.each([
    ['empty', new Uint8Array()],
    ['of another version', withByte(0, 2)],
    ['of an unknown kind', withByte(1, 9)],
    ['with unknown flags', withByte(2, 4)],
    ['with a time beyond 2⁵³', withByte(4, 0xff)],
    ['with nine addresses', withByte(12, 9)],
    ['cut short', good.slice(0, -1)],
    ['with a byte too many', concat(good, Uint8Array.of(0))],
    ['with an address that is none', concat(good.slice(0, 12), Uint8Array.of(1, 0, 2, 0xff, 0xff))],
    ['too large', new Uint8Array(MAX_HEARTBEAT_BYTES + 1)],
  ])('is refused when it is %s', (_, bytes) => {
    expect(codeOf(() => decodeHeartbeat(bytes))).toBe('HEARTBEAT_INVALID')
  })

  it('is read or refused, never anything else, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(['HEARTBEAT_INVALID', 'nothing thrown']).toContain(codeOf(() => decodeHeartbeat(bytes)))
      }),
    )
  })
})

describe('who is here', () => {
  const told = { peerId: PEER, heartbeat: encodeHeartbeat(heartbeat) }

  it('comes back as it was, at most 64 peers of it', () => {
    expect(decodeWhoIsHere(encodeWhoIsHere([told, told]))).toEqual([told, told])
    expect(decodeWhoIsHere(encodeWhoIsHere([]))).toEqual([])
    const many = encodeWhoIsHere(Array.from({ length: 100 }, () => told))
    expect(decodeWhoIsHere(many)).toHaveLength(MAX_TOLD_PEERS)
  })

  const good = encodeWhoIsHere([told])
  const withByte = (at: number, value: number) => {
    const bytes = good.slice()
    bytes[at] = value
    return bytes
  }
  it.each([
    ['empty', new Uint8Array()],
    ['of 65 peers', withByte(0, 65)],
    ['with a peer id of no bytes', withByte(1, 0)],
    ['with a peer id of 65 bytes', withByte(1, 65)],
    ['with a peer id that is not base58', withByte(2, 0x30)],
    ['with a heartbeat that is too long', withByte(2 + PEER.length, 0x10)],
    ['cut short', good.slice(0, -1)],
    ['with a byte too many', concat(good, Uint8Array.of(0))],
  ])('is refused when it is %s', (_, bytes) => {
    expect(codeOf(() => decodeWhoIsHere(bytes))).toBe('WHO_IS_HERE_INVALID')
  })
})
