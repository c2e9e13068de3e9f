import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { addressGroup, clientAddressOf, plainAddress } from '#relay/http/client-address.ts'

function request(remoteAddress: string, forwarded?: string | string[]) {
  return {
    socket: { remoteAddress, remotePort: 4_000 } as Socket,
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded as string },
  }
}

describe('clientAddressOf', () => {
  const of = clientAddressOf(['10.0.0.0/8', '::1'])

  it.each([
    ['the socket without a proxy', '192.0.2.7', undefined, '192.0.2.7', 4_000],
    ['the socket when a stranger claims another', '192.0.2.7', '198.51.100.1', '192.0.2.7', 4_000],
    ["a trusted proxy's client", '10.0.0.1', '198.51.100.1', '198.51.100.1', 0],
    ['a trusted IPv6 proxy', '::1', '2001:db8::7', '2001:db8::7', 0],
    [
      'the nearest address that is no proxy of ours',
      '10.0.0.1',
      '1.1.1.1, 198.51.100.1, 10.9.9.9',
      '198.51.100.1',
      0,
    ],
    ['several headers as one list', '10.0.0.1', ['1.1.1.1', '198.51.100.2'], '198.51.100.2', 0],
    ['a mapped address in its own form', '::ffff:10.0.0.1', '::ffff:198.51.100.1', '198.51.100.1', 0],
    ['the proxy when the header holds no address', '10.0.0.1', 'unknown', '10.0.0.1', 4_000],
    ['the proxy when there is no header', '10.0.0.1', undefined, '10.0.0.1', 4_000],
  ] as const)('finds %s', (_, socket, forwarded, address, port) => {
    expect(of(request(socket, forwarded as string | string[] | undefined))).toEqual({ address, port })
  })

  it('trusts nobody by default', () => {
    expect(clientAddressOf([])(request('127.0.0.1', '1.1.1.1')).address).toBe('127.0.0.1')
  })
})

describe('addressGroup', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0DB8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s counts as %s', (address, group) => {
    expect(addressGroup(address)).toBe(group)
  })
})

describe('plainAddress', () => {
  it('drops zone and mapping', () => {
    expect(plainAddress('fe80::1%lo')).toBe('fe80::1')
    expect(plainAddress('::FFFF:127.0.0.1')).toBe('127.0.0.1')
  })
})
