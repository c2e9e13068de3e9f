import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'

/** Entries of X-Forwarded-For that are read, from the right: more proxies than this are not chained. */
const MAX_FORWARDED_ENTRIES = 16

export interface ClientAddress {
  /** IPv4 in its own form, even when it came over an IPv6 socket */
  readonly address: string
  /** 0 when a proxy stands between */
  readonly port: number
}

export type ClientAddressOf = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => ClientAddress

/**
 * Who really sent a request. X-Forwarded-For is read only when the socket belongs to a trusted proxy, and then
 * from the right: the first address that is no trusted proxy is the one that our outermost proxy saw. What
 * stands further left was written by the client and proves nothing.
 */
export function clientAddressOf(trustedProxies: readonly string[]): ClientAddressOf {
  const isTrusted = trustOf(trustedProxies)
  return ({ headers, socket }) => {
    const peer = { address: plainAddress(socket.remoteAddress ?? '0.0.0.0'), port: socket.remotePort ?? 0 }
    if (!isTrusted(peer.address)) return peer
    const header = headers['x-forwarded-for']
    const forwarded = (Array.isArray(header) ? header.join(',') : (header ?? ''))
      .split(',')
      .slice(-MAX_FORWARDED_ENTRIES)
      .map((entry) => plainAddress(entry.trim()))
    let address = peer.address
    for (const entry of forwarded.reverse()) {
      if (isIP(entry) === 0) break
      address = entry
      if (!isTrusted(entry)) break
    }
    return address === peer.address ? peer : { address, port: 0 }
  }
}

/** Does an address in its own form belong to one of the networks? */
export function trustOf(networks: readonly string[]): (address: string) => boolean {
  const list = blockListOf(networks)
  return (address) => list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}

/** `::ffff:192.0.2.1` → `192.0.2.1`; without a zone. */
export function plainAddress(address: string): string {
  const [plain = ''] = address.split('%')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1]
  return mapped ?? plain
}

/**
 * What one household or machine counts as: an IPv4 address, or an IPv6 /64, of which one customer usually has
 * 2⁶⁴ addresses to choose from (RFC 6177).
 */
export function addressGroup(address: string): string {
  const plain = plainAddress(address)
  if (!isIPv6(plain)) return plain
  const [head = '', tail] = plain.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length
  const groups = [...left, ...Array<string>(Math.max(0, zeros)).fill('0'), ...right]
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = isIPv4(address) ? 'ipv4' : 'ipv6'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}
