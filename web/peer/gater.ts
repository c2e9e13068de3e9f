import type { ConnectionGater } from '@libp2p/interface'
import { CODE_P2P, type Multiaddr } from '@multiformats/multiaddr'
import { isWebRtc, relayIdOf, startsAtRelay } from './addresses.ts'

/** RFC 1122, 1918, 3927, 6598: this host, private, link-local and carrier networks. */
const PRIVATE_IP4 =
  /^(0|10|127)\.|^192\.168\.|^169\.254\.|^172\.(1[6-9]|2\d|3[01])\.|^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./
/** RFC 4291, 4193: loopback, unspecified, link-local, unique local. */
const PRIVATE_IP6 = /^(::1?|fe[89ab][0-9a-f]:.*|f[cd][0-9a-f]{2}:.*)$/i
const PRIVATE_NAME = /(^|\.)(localhost|local|internal|home\.arpa)$/i

/** Does an address begin at this machine or at the network around it? */
export function isPrivateAddress(address: Multiaddr): boolean {
  const first = address.getComponents()[0]
  const value = first?.value ?? ''
  switch (first?.name) {
    case 'ip4':
      return PRIVATE_IP4.test(value)
    case 'ip6':
      return PRIVATE_IP6.test(value)
    case 'dns':
    case 'dns4':
    case 'dns6':
      return PRIVATE_NAME.test(value)
    default:
      return false
  }
}

/**
 * Strangers name the addresses that a tab dials. Theirs may lead into a visitor's own network only where our
 * relays are there too, that is on loopback and in local networks.
 */
export function createGater(relays: () => readonly Multiaddr[]): ConnectionGater {
  return {
    denyDialMultiaddr: (address) => isPrivateAddress(address) && !relays().some(isPrivateAddress),
  }
}

/**
 * [NE6] Whom a private peer may dial: the relays of its own list, at exactly the addresses that stand there, and others
 * through those relays. What strangers name leads nowhere else, or they would learn its address by being dialled: not
 * their own "relay", and not a listed one's id at an address of theirs.
 */
export function createPrivateGater(relays: () => readonly Multiaddr[]): ConnectionGater {
  return {
    denyDialMultiaddr: (address) =>
      startsAtRelay(address)
        ? isWebRtc(address) || !relays().some((relay) => relayIdOf(relay) === relayIdOf(address))
        : !relays().some((relay) => isAddressOf(relay, address)),
  }
}

/** Is it the relay's address, with its id at the end or without? */
function isAddressOf(relay: Multiaddr, address: Multiaddr): boolean {
  return relay.equals(address) || relay.decapsulateCode(CODE_P2P).equals(address)
}
