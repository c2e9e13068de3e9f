import { type ChainFacts, parseChainFacts } from '#core/chain-facts.ts'
import { MAX_TOLD_RELAYS } from '#core/limits.ts'
import { NETWORK_NAMES, type NetworkName } from '#core/network.ts'
import { PeerError } from './errors.ts'

/** What a relay says of itself at `/tabland.json`; everything in it is a hint, proved by the dial. */
export interface PageRelay {
  readonly network: NetworkName
  /** multiaddrs with the relay's peer id */
  readonly addresses: readonly string[]
  /** [RE8] other relays of its network that it is connected to */
  readonly relays: readonly string[]
  /** `stun:host:port`, when it answers STUN */
  readonly stunUrls: readonly string[]
  /** of the machine whose blocks it makes, as it says: SHA-256 of it is the machine's id */
  readonly genesis?: string
  /** the chain of land and money, where there is one */
  readonly chain?: ChainFacts
}

/** Where the page came from: the parts of `location` that matter. */
export interface PageOrigin {
  readonly protocol: string
  readonly hostname: string
  readonly port: string
}

const MAX_FACTS_BYTES = 16 * 1024
const MAX_ADDRESSES = 16

/**
 * Asks the page's origin for its relay. A page from a plain file server has none: then undefined.
 *
 * @throws RELAY_FACTS_INVALID when something answered that is no relay's description
 */
export async function fetchPageRelay(
  origin: PageOrigin & { readonly href: string },
  fetchFacts: (url: URL) => Promise<Response>,
): Promise<PageRelay | undefined> {
  const response = await fetchFacts(new URL('/tabland.json', origin.href)).catch(() => undefined)
  if (response === undefined || !response.ok) return undefined
  return parsePageRelay(await response.text(), origin)
}

/** @throws RELAY_FACTS_INVALID */
export function parsePageRelay(text: string, origin: PageOrigin): PageRelay {
  if (text.length > MAX_FACTS_BYTES) throw invalid(`it has ${text.length} characters`)
  const facts = parseJson(text)
  const network = NETWORK_NAMES.find((name) => name === facts.network)
  if (network === undefined) throw invalid(`its network is ${shown(facts.network)}`)
  const { peerId, stunPort, addresses, relays = [], genesis } = facts
  if (typeof peerId !== 'string' || !/^[1-9A-HJ-NP-Za-km-z]{40,64}$/.test(peerId)) {
    throw invalid(`its peer id is ${shown(peerId)}`)
  }
  const chain = parseChainFacts(facts.chain)
  return {
    network,
    addresses: addresses === undefined ? [addressOf(origin, peerId)] : readTexts('addresses', addresses),
    relays: readTexts('relays', relays).slice(0, MAX_TOLD_RELAYS),
    stunUrls: stunPort === undefined ? [] : [`stun:${bracketed(origin.hostname)}:${readPort(stunPort)}`],
    ...(typeof genesis === 'string' ? { genesis } : {}),
    ...(chain === undefined ? {} : { chain }),
  }
}

/** The relay's WebSocket address as the page itself was reached: behind a proxy only the outside is right. */
function addressOf({ protocol, hostname, port }: PageOrigin, peerId: string): string {
  const secure = protocol === 'https:'
  const tcp = port === '' ? (secure ? '443' : '80') : port
  return `/${hostPart(hostname)}/tcp/${tcp}/${secure ? 'tls/ws' : 'ws'}/p2p/${peerId}`
}

function hostPart(hostname: string): string {
  if (hostname.startsWith('[')) return `ip6/${hostname.slice(1, -1)}`
  return /^\d+\.\d+\.\d+\.\d+$/.test(hostname) ? `ip4/${hostname}` : `dns/${hostname}`
}

function bracketed(hostname: string): string {
  return hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname
}

function readTexts(name: string, value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((address) => typeof address === 'string')) {
    return value.slice(0, MAX_ADDRESSES)
  }
  throw invalid(`its ${name} are no list of texts`)
}

function readPort(value: unknown): number {
  if (Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536) return Number(value)
  throw invalid(`its STUN port is ${shown(value)}`)
}

function parseJson(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch (cause) {
    throw invalid('it is no JSON', cause)
  }
  throw invalid('it is no object')
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'missing').slice(0, 80)
}

function invalid(what: string, cause?: unknown): PeerError {
  return new PeerError(
    'RELAY_FACTS_INVALID',
    `What this page's server says of its relay cannot be used: ${what}. Open the page from another relay, or add one by its address.`,
    { cause },
  )
}

/** Relay addresses of the URL's hash ([NE2]), `#…relay=<multiaddr>`, still unchecked. */
export function relaysOfHash(hash: string): readonly string[] {
  return hash
    .replace(/^#/, '')
    .split(/[&?]/)
    .filter((part) => part.startsWith('relay='))
    .slice(0, MAX_ADDRESSES)
    .map((part) => {
      const value = part.slice('relay='.length)
      try {
        return decodeURIComponent(value)
      } catch {
        return value
      }
    })
}
