import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Libp2p } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { createRateLimit } from '#core/rate-limit.ts'
import { createCircuits } from '#relay/circuits.ts'
import { readRelayConfig } from '#relay/config.ts'
import { createReservationLimit } from '#relay/reservation-limit.ts'

describe('[RE7] requests for reservations and circuits', () => {
  it('are as many as one address may make, whatever it asks for and under whatever peer id', async () => {
    const requests = createRateLimit({ perSecond: 1, burst: 3, maxKeys: 10, now: () => 0 })
    const circuits = createCircuits(readRelayConfig({ args: [], env: {} }), requests)
    const reservations = createReservationLimit(24, requests)
    const newPeer = async () => peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    const [a, b, c] = [await newPeer(), await newPeer(), await newPeer()]
    const libp2p = {
      use() {},
      getConnections: (peer: typeof a) => [
        {
          remoteAddr: multiaddr(peer.equals(c) ? '/ip4/192.0.2.2/tcp/1/ws' : '/ip4/192.0.2.1/tcp/1/ws'),
          streams: [],
        },
      ],
    } as unknown as Libp2p
    circuits.watch(libp2p)
    reservations.watch(libp2p, { reservations: new Map() } as never)
    expect([reservations.denies(a), circuits.denies(a, b), reservations.denies(b)]).toEqual([
      false,
      false,
      false,
    ])
    expect([reservations.denies(b), circuits.denies(a, b)]).toEqual([true, true])
    expect([circuits.refused.requests, reservations.refused]).toEqual([1, 1])
    expect(circuits.denies(c, a)).toBe(false)
    circuits.stop()
  })
})
