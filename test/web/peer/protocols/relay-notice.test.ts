import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { MAX_TOLD_RELAYS } from '#core/limits.ts'
import { decodeRelayNotice, encodeRelayNotice, MAX_RELAY_NOTICE_BYTES } from '#peer/protocols/relay-notice.ts'

const relay = multiaddr(
  '/dns4/relay.example/tcp/443/tls/ws/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN',
)

describe('[RE8] what a relay tells its clients', () => {
  it.each([
    { draining: false, relays: [] },
    { draining: true, relays: [relay] },
    { draining: false, relays: [relay, relay] },
  ])('survives the way: %j', (notice) => {
    const decoded = decodeRelayNotice(encodeRelayNotice(notice))
    expect({ ...decoded, relays: decoded.relays.map(String) }).toEqual({
      ...notice,
      relays: notice.relays.map(String),
    })
  })

  it('leaves out relays that are too many and names that are too long', () => {
    const long = multiaddr(`/dns4/${'a'.repeat(400)}/tcp/443/tls/ws`)
    const relays = [long, ...Array.from({ length: MAX_TOLD_RELAYS + 1 }, () => relay)]
    const bytes = encodeRelayNotice({ draining: false, relays })
    expect(bytes.length).toBeLessThanOrEqual(MAX_RELAY_NOTICE_BYTES)
    expect(decodeRelayNotice(bytes).relays.map(String)).toEqual(Array(MAX_TOLD_RELAYS).fill(String(relay)))
  })

  const good = encodeRelayNotice({ draining: true, relays: [relay] })
  it.each([
    ['another version', corrupted(0, 2)],
    ['an unknown flag', corrupted(1, 2)],
    ['too many relays', corrupted(2, MAX_TOLD_RELAYS + 1)],
    ['a relay that is missing', corrupted(2, 2)],
    ['an address that is none', corrupted(5, 0xff)],
    ['a byte too few', good.slice(0, -1)],
    ['a byte too many', Uint8Array.of(...good, 0)],
    ['nothing', new Uint8Array()],
    ['far too many bytes', new Uint8Array(MAX_RELAY_NOTICE_BYTES + 1)],
  ])('is refused with %s', (_, bytes) => {
    expect(() => decodeRelayNotice(bytes)).toThrow(expect.objectContaining({ code: 'RELAY_NOTICE_INVALID' }))
  })

  function corrupted(index: number, value: number): Uint8Array {
    const bytes = good.slice()
    bytes[index] = value
    return bytes
  }
})
