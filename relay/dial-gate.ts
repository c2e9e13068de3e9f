import { lookup } from 'node:dns/promises'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { isPrivateAddress } from '#peer/gater.ts'
import type { RelayConfig } from './config.ts'

/** The addresses of a name, as the system resolves it. */
export type Resolve = (
  name: string,
) => Promise<readonly { readonly address: string; readonly family: number }[]>

const resolveName: Resolve = (name) => lookup(name, { all: true })

/**
 * Which dials a relay refuses: what strangers name (provider records, identify, other relays' lists) may not lead a
 * public relay into this machine or the network around it. What its operator named by --relays it dials anywhere, and
 * a relay that is itself only in local networks dials others there.
 *
 * A name that resolves to a private address is refused as well; between this look and the dial it may change, so what
 * listens on loopback should not trust whoever can open a WebSocket.
 */
export function createDialGate(
  config: Pick<RelayConfig, 'announce' | 'relays' | 'trustedProxies'>,
  listening: () => readonly Multiaddr[],
  resolve: Resolve = resolveName,
): (address: Multiaddr) => Promise<boolean> {
  const named = new Set(config.relays)
  return async (address) =>
    !named.has(address.toString()) && !isLocal(config, listening()) && (await leadsInside(address, resolve))
}

/** Whoever has a proxy in front or tells others a public address is reached from outside. */
function isLocal(
  { announce, trustedProxies }: Pick<RelayConfig, 'announce' | 'trustedProxies'>,
  listening: readonly Multiaddr[],
): boolean {
  if (announce.length > 0) return announce.every((address) => isPrivateAddress(multiaddr(address)))
  return trustedProxies.length === 0 && listening.every(isPrivateAddress)
}

async function leadsInside(address: Multiaddr, resolve: Resolve): Promise<boolean> {
  if (isPrivateAddress(address)) return true
  const [first] = address.getComponents()
  if (first?.value === undefined || !['dns', 'dns4', 'dns6'].includes(first.name)) return false
  const found = await resolve(first.value).catch(() => []) // the dial says what is wrong with it
  return found.some(({ address: ip, family }) => isPrivateAddress(multiaddr(`/ip${family}/${ip}`)))
}
