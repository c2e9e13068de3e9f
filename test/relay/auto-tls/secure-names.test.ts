import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { createSecureNames, isInternetAddress } from '#relay/auto-tls/secure-names.ts'

describe('[RE2] names of a certificate that came by itself', () => {
  const names = createSecureNames()
  names.add('8-8-4-4.k51.libp2p.direct', '8.8.4.4')
  names.add('2600--1.k51.libp2p.direct', '2600::1')
  const secured = (address: string) => names.secured(multiaddr(address)).toString()

  it('replace the address that they lead to, with TLS', () => {
    expect(secured('/ip4/8.8.4.4/tcp/8080/ws')).toBe('/dns4/8-8-4-4.k51.libp2p.direct/tcp/8080/tls/ws')
    expect(secured('/ip6/2600::1/tcp/443/ws/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN')).toBe(
      '/dns6/2600--1.k51.libp2p.direct/tcp/443/tls/ws/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN',
    )
    expect(secured('/ip4/8.8.4.4/tcp/8080/tls/ws')).toBe('/dns4/8-8-4-4.k51.libp2p.direct/tcp/8080/tls/ws')
  })

  it('leave every other address as it is', () => {
    for (const address of ['/ip4/8.8.8.8/tcp/8080/ws', '/dns/relay.example/tcp/443/tls/ws'])
      expect(secured(address)).toBe(address)
  })

  it('lead visitors of the plain page to the same port', () => {
    expect(names.urlOfHost('8.8.4.4:8080')).toBe('https://8-8-4-4.k51.libp2p.direct:8080/')
    expect(names.urlOfHost('8.8.4.4')).toBe('https://8-8-4-4.k51.libp2p.direct:80/')
    expect(names.urlOfHost('[2600::1]:8080')).toBe('https://2600--1.k51.libp2p.direct:8080/')
    expect(names.urlOfHost('relay.example')).toBeUndefined()
    expect(names.urlOf(multiaddr('/ip4/8.8.4.4/tcp/1/ws'))).toBe('https://8-8-4-4.k51.libp2p.direct:1/')
  })

  it('are forgotten with their address', () => {
    const few = createSecureNames()
    few.add('a.example', '8.8.4.4')
    few.remove('a.example')
    expect(few.urlOfHost('8.8.4.4')).toBeUndefined()
  })
})

it('[RE2] only addresses of the internet can have one', () => {
  const known = ['/ip4/8.8.4.4/tcp/1/ws', '/ip6/2600::1/tcp/1/ws']
  const others = ['/ip4/10.0.0.1/tcp/1/ws', '/ip4/127.0.0.1/tcp/1/ws', '/ip6/::1/tcp/1/ws', '/dns/a/tcp/1/ws']
  expect([...known, ...others].filter((address) => isInternetAddress(multiaddr(address)))).toEqual(known)
})
