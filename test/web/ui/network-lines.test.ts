import { describe, expect, it } from 'vitest'
import type { PeerState, RelayState } from '#api/network-types.ts'
import { limitLine, orderPeers, peerLine, peerSince, relayLine, toldAddresses } from '#ui/network-lines.ts'

describe('the line of a relay', () => {
  const now = 1_000_000
  it('says until when, or when it is tried again', () => {
    expect(relayLine({ address: '/a', status: 'reserved', reservedUntil: now + 780_000 }, now)).toBe(
      'reserved for another 13 min',
    )
    expect(relayLine({ address: '/a', status: 'waiting', retryAt: now + 8_300 }, now)).toBe(
      'not connected, next try in 9 s',
    )
    expect(relayLine({ address: '/a', status: 'waiting', retryAt: now - 5 }, now)).toBe(
      'not connected, trying again',
    )
    expect(relayLine({ address: '/a', status: 'refused' }, now)).toBe('refused')
  })
})

describe('[RE3] what a relay carries', () => {
  const reserved: RelayState = { address: '/a', status: 'reserved' }
  it('is told with its reservation', () => {
    expect(limitLine({ ...reserved, circuitLimit: { bytes: 2 ** 30, ms: 3_600_000 } })).toBe(
      'A connection through it ends after 1.07 GB or 1 h.',
    )
    expect(limitLine({ ...reserved, circuitLimit: { bytes: 131_072 } })).toMatch(/after 131 kB\.$/)
    expect(limitLine(reserved)).toMatch(/told no limit/)
    expect(limitLine({ ...reserved, circuitLimit: {} })).toMatch(/told no limit/)
    expect(limitLine({ ...reserved, status: 'waiting' })).toBeUndefined()
  })
})

describe('the line of a peer', () => {
  const now = 10_000_000
  const peer: PeerState = { peerId: 'a', transport: 'circuit', kind: 'tab', lastSeen: now - 17_000 }

  it('says what it is, how it is reached, and what is left to its circuit', () => {
    expect(peerLine(peer)).toBe('Tab · through a relay')
    expect(peerLine({ ...peer, circuitLeft: { bytes: 800_000_000, ms: 2_400_000 } })).toBe(
      'Tab · through a relay · 800 MB or 40 min left',
    )
    expect(peerLine({ ...peer, transport: 'webrtc', kind: 'node' })).toBe('Node · direct (WebRTC)')
  })

  it('says for how long it is connected, or when it was heard', () => {
    expect(peerSince(peer, now)).toBe('17 s ago')
    expect(peerSince({ ...peer, connectedAt: now - 300_000 }, now)).toBe('5 min')
    expect(peerSince({ ...peer, connectedAt: now + 5_000 }, now)).toBe('0 ms')
  })

  it('stands before those that are only heard of', () => {
    const peers: readonly PeerState[] = [
      { ...peer, peerId: 'heard', transport: 'none', lastSeen: 5 },
      { ...peer, peerId: 'new', connectedAt: 9 },
      { ...peer, peerId: 'heard later', transport: 'none', lastSeen: 7 },
      { ...peer, peerId: 'old', connectedAt: 3 },
    ]
    expect(orderPeers(peers).map(({ peerId }) => peerId)).toEqual(['old', 'new', 'heard later', 'heard'])
  })
})

describe('[NE6] what others are told', () => {
  it('are circuits through the relays that hold a place, and nothing else', () => {
    const relays: readonly RelayState[] = [
      { address: '/dns4/a/tcp/443/wss', peerId: 'R1', status: 'reserved' },
      { address: '/dns4/b/tcp/443/wss/p2p/R2', peerId: 'R2', status: 'reserved' },
      { address: '/dns4/c/tcp/443/wss', peerId: 'R3', status: 'waiting' },
    ]
    expect(toldAddresses({ relays, peerId: 'me' })).toEqual([
      '/dns4/a/tcp/443/wss/p2p/R1/p2p-circuit/p2p/me',
      '/dns4/b/tcp/443/wss/p2p/R2/p2p-circuit/p2p/me',
    ])
  })
})
