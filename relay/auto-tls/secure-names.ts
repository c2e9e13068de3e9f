import { isLoopback, isPrivate } from '@libp2p/utils'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'

/** Which names of the certificate lead to which addresses of this relay. */
export interface SecureNames {
  add(name: string, ip: string): void
  remove(name: string): void
  /** `/ip4/1.2.3.4/tcp/80/ws` → `/dns4/1-2-3-4.….libp2p.direct/tcp/80/tls/ws`; as it is without a name */
  secured(address: Multiaddr): Multiaddr
  /** where the page of that address is by https; undefined without a name */
  urlOf(address: Multiaddr): string | undefined
  /** the same for `http://host/`, with or without a port */
  urlOfHost(host: string): string | undefined
}

export function createSecureNames(): SecureNames {
  const names = new Map<string, string>()
  const nameOf = (address: Multiaddr) => names.get(address.getComponents()[0]?.value ?? '')
  return {
    add: (name, ip) => void names.set(ip, name),
    remove(name) {
      for (const [ip, known] of names) if (known === name) names.delete(ip)
    },
    secured(address) {
      const name = nameOf(address)
      if (name === undefined) return address
      return multiaddr(
        address
          .toString()
          .replace(/^\/ip([46])\/[^/]+/, `/dns$1/${name}`)
          .replace(/(?<!\/tls)\/ws(?=\/|$)/, '/tls/ws'),
      )
    },
    urlOf(address) {
      const name = nameOf(address)
      return name === undefined ? undefined : `https://${name}:${address.getComponents()[1]?.value}/`
    },
    urlOfHost(host) {
      const { hostname, port } = new URL(`http://${host}`)
      const name = names.get(hostname.replace(/^\[|\]$/g, ''))
      return name === undefined ? undefined : `https://${name}:${port === '' ? 80 : port}/`
    },
  }
}

/** Is it an address of the internet, for which there can be such a name? */
export function isInternetAddress(address: Multiaddr): boolean {
  const isIp = /^ip[46]$/.test(address.getComponents()[0]?.name ?? '')
  return isIp && !isPrivate(address) && !isLoopback(address)
}
