import { describe, expect, it } from 'vitest'
import { MAX_TOLD_RELAYS } from '#core/limits.ts'
import { fetchPageRelay, parsePageRelay, relaysOfHash } from '#peer/page-relay.ts'

const ID = '12D3KooWGRUVh9kQ5nPzFgtYhsTbvLXeBVjVYJFxJ3nSiuBGzL7y'
const LOCAL = { protocol: 'http:', hostname: '127.0.0.1', port: '8080' }

describe('the relay of the page', () => {
  it.each([
    [LOCAL, `/ip4/127.0.0.1/tcp/8080/ws/p2p/${ID}`, 'stun:127.0.0.1:8080'],
    [
      { protocol: 'http:', hostname: 'localhost', port: '80' },
      `/dns/localhost/tcp/80/ws/p2p/${ID}`,
      'stun:localhost:8080',
    ],
    [
      { protocol: 'https:', hostname: 'land.example.org', port: '' },
      `/dns/land.example.org/tcp/443/tls/ws/p2p/${ID}`,
      'stun:land.example.org:8080',
    ],
    [
      { protocol: 'http:', hostname: '[::1]', port: '8080' },
      `/ip6/::1/tcp/8080/ws/p2p/${ID}`,
      'stun:[::1]:8080',
    ],
  ])('[NE2] is reached as the page was: %o', (origin, address, stun) => {
    const text = JSON.stringify({ network: 'local', peerId: ID, stunPort: 8080 })
    expect(parsePageRelay(text, origin)).toEqual({
      network: 'local',
      addresses: [address],
      relays: [],
      stunUrls: [stun],
    })
  })

  it('is reached at its own addresses when it announces some', () => {
    const text = JSON.stringify({
      network: 'main',
      peerId: ID,
      addresses: [`/dns/a.example/tcp/1/ws/p2p/${ID}`],
    })
    expect(parsePageRelay(text, LOCAL)).toMatchObject({
      addresses: [`/dns/a.example/tcp/1/ws/p2p/${ID}`],
      stunUrls: [],
    })
  })

  it('[RE8] names others, of which a bounded number is read', () => {
    const relays = Array.from({ length: 100 }, (_, i) => `/dns/r${i}.example/tcp/1/ws/p2p/${ID}`)
    const text = JSON.stringify({ network: 'main', peerId: ID, relays })
    expect(parsePageRelay(text, LOCAL).relays).toEqual(relays.slice(0, MAX_TOLD_RELAYS))
  })

  it.each([
    ['<html>', /no JSON/],
    ['3', /no object/],
    ['{}', /network is missing/],
    [JSON.stringify({ network: 'moon', peerId: ID }), /network is "moon"/],
    [JSON.stringify({ network: 'local', peerId: '../x' }), /peer id/],
    [JSON.stringify({ network: 'local', peerId: ID, stunPort: 70_000 }), /STUN port is 70000/],
    [JSON.stringify({ network: 'local', peerId: ID, addresses: 'x' }), /addresses are no list/],
    [JSON.stringify({ network: 'local', peerId: ID, relays: [1] }), /relays are no list/],
    [' '.repeat(20_000), /20000 characters/],
  ])('is refused when it is described as %s', (text, why) => {
    expect(() => parsePageRelay(text, LOCAL)).toThrow(why)
    expect(() => parsePageRelay(text, LOCAL)).toThrow(
      expect.objectContaining({ code: 'RELAY_FACTS_INVALID' }),
    )
  })

  it('may be absent: a file server, or no network at all', async () => {
    const origin = { ...LOCAL, href: 'http://127.0.0.1:8080/' }
    expect(await fetchPageRelay(origin, async () => new Response('', { status: 404 }))).toBeUndefined()
    expect(await fetchPageRelay(origin, async () => Promise.reject(new TypeError('offline')))).toBeUndefined()
  })

  it('[NE2] reads relays from the hash, whatever stands beside them', () => {
    expect(relaysOfHash('#/32,4&relay=/dns/a/tcp/1/ws&relay=%2Fdns%2Fb&x=1')).toEqual([
      '/dns/a/tcp/1/ws',
      '/dns/b',
    ])
    expect(relaysOfHash('#relay=%E0%A4%A')).toEqual(['%E0%A4%A'])
    expect(relaysOfHash('')).toEqual([])
  })
})
